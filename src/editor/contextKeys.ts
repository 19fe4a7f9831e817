import * as vscode from 'vscode';

/** The context keys that `when` clauses of package.json read; the only place that sets them. */
interface ContextKeys {
  /** The secret store was read, so that "signed out" is known rather than assumed. */
  readonly 'modelRegistries.loaded': boolean;
  /** At least one account is signed in to the configured endpoints. */
  readonly 'modelRegistries.signedIn': boolean;
  /** The only account belongs to no organization. */
  readonly 'modelRegistries.noOrganization': boolean;
  /** At least one of the accounts may create registries. */
  readonly 'modelRegistries.canCreate': boolean;
  /** Something was published from this workspace. */
  readonly 'modelRegistries.hasPublishHistory': boolean;
  /** A build is watched. */
  readonly 'modelRegistries.followsBuild': boolean;
}

/** Their names; a test holds `when` clauses to them. */
export const CONTEXT_KEYS: Readonly<Record<keyof ContextKeys, true>> = {
  'modelRegistries.loaded': true,
  'modelRegistries.signedIn': true,
  'modelRegistries.noOrganization': true,
  'modelRegistries.canCreate': true,
  'modelRegistries.hasPublishHistory': true,
  'modelRegistries.followsBuild': true,
};

export async function setContextKey<K extends keyof ContextKeys>(
  key: K,
  value: ContextKeys[K],
): Promise<void> {
  await vscode.commands.executeCommand('setContext', key, value);
}
