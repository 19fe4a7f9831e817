import * as vscode from 'vscode';

/** The context keys that `when` clauses of package.json read; the only place that sets them. */
export interface ContextKeys {
  /** The secret store was read, so that "signed out" is known rather than assumed. */
  readonly 'modelRegistries.loaded': boolean;
  /** At least one account is signed in to the configured endpoints. */
  readonly 'modelRegistries.signedIn': boolean;
  /** At least one of the accounts may create registries. */
  readonly 'modelRegistries.canCreate': boolean;
}

export async function setContextKey<K extends keyof ContextKeys>(
  key: K,
  value: ContextKeys[K],
): Promise<void> {
  await vscode.commands.executeCommand('setContext', key, value);
}
