import * as vscode from 'vscode';

/** The context keys that `when` clauses of package.json read, to which a test holds those; all are booleans. */
export const CONTEXT_KEYS = {
  /** The secret store was read, so that "signed out" is known rather than assumed. */
  'modelRegistries.loaded': true,
  /** At least one account is signed in to the configured endpoints. */
  'modelRegistries.signedIn': true,
  /** The only account belongs to no organization. */
  'modelRegistries.noOrganization': true,
  /** At least one of the accounts may create registries. */
  'modelRegistries.canCreate': true,
  /** Something was published from this workspace. */
  'modelRegistries.hasPublishHistory': true,
  /** A build on Buildkite is watched. */
  'modelRegistries.followsBuild': true,
} as const;

/** The only place that sets them. */
export async function setContextKey(key: keyof typeof CONTEXT_KEYS, value: boolean): Promise<void> {
  await vscode.commands.executeCommand('setContext', key, value);
}
