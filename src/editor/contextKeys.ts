import * as vscode from 'vscode';

/** The context keys that `when` clauses of package.json read; a test holds those to them. */
export const CONTEXT_KEYS = [
  /** The secret store was read, so that "signed out" is known rather than assumed. */
  'modelRegistries.loaded',
  /** At least one account is signed in to the configured endpoints. */
  'modelRegistries.signedIn',
  /** The only account belongs to no organization. */
  'modelRegistries.noOrganization',
  /** At least one of the accounts may create registries. */
  'modelRegistries.canCreate',
  /** A publish of this workspace came to its end, well or not. */
  'modelRegistries.hasPublishHistory',
  /** Something was published from this workspace. */
  'modelRegistries.hasPublished',
  /** A publish is under way. */
  'modelRegistries.publishing',
  /** The folders of models in the workspace, as `resourcePath` names them. */
  'modelRegistries.modelFolders',
  /** The active editor shows what a publish would change, and can be published from. */
  'modelRegistries.showsPlannedChanges',
  /** A build is watched. */
  'modelRegistries.followsBuild',
] as const;

/** The only way to set one. */
export async function setContextKey(
  key: (typeof CONTEXT_KEYS)[number],
  value: boolean | readonly string[],
): Promise<void> {
  await vscode.commands.executeCommand('setContext', key, value);
}
