import * as vscode from 'vscode';
import type { Log } from '../core/log.ts';

/** Every command the extension has; a test holds this to `contributes.commands` of package.json. */
export const COMMAND_IDS = [
  'modelRegistries.signIn',
  'modelRegistries.signOut',
  'modelRegistries.refresh',
  'modelRegistries.publish',
  'modelRegistries.publishNewVersion',
  'modelRegistries.importModel',
  'modelRegistries.promoteVersion',
  'modelRegistries.publishWithBuild',
  'modelRegistries.showBuild',
  'modelRegistries.openBuild',
  'modelRegistries.cancelBuild',
  'modelRegistries.retryBuild',
  'modelRegistries.publishAgain',
  'modelRegistries.publishShownChanges',
  'modelRegistries.cancelPublish',
  'modelRegistries.resumePublish',
  'modelRegistries.discardPublish',
  'modelRegistries.openPublishLog',
  'modelRegistries.showPublishedVersion',
  'modelRegistries.openPublishedVersion',
  'modelRegistries.copyPublishedInstallCommand',
  'modelRegistries.removePublishRecord',
  'modelRegistries.searchPublishHistory',
  'modelRegistries.clearPublishHistory',
  'modelRegistries.showInstructions',
  'modelRegistries.copySha',
  'modelRegistries.openInBrowser',
  'modelRegistries.openFile',
  'modelRegistries.openModelPage',
  'modelRegistries.compareWithHead',
  'modelRegistries.compareVersions',
  'modelRegistries.compareWeights',
  'modelRegistries.downloadToFolder',
  'modelRegistries.downloadToCache',
  'modelRegistries.downloadFile',
  'modelRegistries.showLog',
  'modelRegistries.loadMore',
  'modelRegistries.retry',
  'modelRegistries.createRegistry',
  'modelRegistries.editDescription',
  'modelRegistries.deleteRegistry',
  'modelRegistries.deleteVersion',
  'modelRegistries.deleteSelected',
  'modelRegistries.readTokens',
  'modelRegistries.editOidcPolicy',
  'modelRegistries.copyModelId',
  'modelRegistries.copyPageUrl',
  'modelRegistries.copyHubUrl',
  'modelRegistries.copyFilePath',
  'modelRegistries.copyFileSha256',
  'modelRegistries.copyFileUrl',
  'modelRegistries.copyInstallCommand',
  'modelRegistries.copyForTeammate',
  'modelRegistries.findModel',
  'modelRegistries.filterByNamespace',
  'modelRegistries.clearFilter',
  'modelRegistries.showRevision',
  'modelRegistries.openModel',
  'modelRegistries.pinNamespace',
  'modelRegistries.unpinNamespace',
  'modelRegistries.refreshLocalModels',
  'modelRegistries.revealInExplorer',
  'modelRegistries.revealInOs',
  'modelRegistries.showInRegistries',
  'modelRegistries.showHead',
] as const;

export type CommandId = (typeof COMMAND_IDS)[number];

/** The one way to register a command. */
export interface Commands {
  /**
   * `handler` gets what the menu passes (a row, a folder's Uri, a SourceControl), unchecked. What it throws is logged
   * and shown once, with the action that fits its kind; an abort is silent.
   */
  register(id: CommandId, handler: (...args: readonly unknown[]) => unknown): vscode.Disposable;
}

/**
 * @param onError Shows an error to the person; called after it was logged, never for an abort. `again` runs the command
 * once more with the same arguments.
 */
export function createCommands(
  log: Log,
  onError: (error: unknown, again: () => Promise<unknown>) => void,
): Commands {
  return {
    register: (id, handler) => {
      const run = async (...args: unknown[]): Promise<unknown> => {
        log.debug(`${id}: started`);
        try {
          const result = await handler(...args);
          log.debug(`${id}: done`);
          return result;
        } catch (error) {
          if (isAbort(error)) {
            log.debug(`${id}: cancelled`);
            return undefined;
          }
          log.error(`${id}: ${describe(error)}`);
          onError(error, () => run(...args));
          return undefined;
        }
      };
      return vscode.commands.registerCommand(id, run);
    },
  };
}

/** Whether `error` says that someone cancelled. */
export function isAbort(error: unknown): boolean {
  return (error instanceof Error && error.name === 'AbortError') || error instanceof vscode.CancellationError;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
