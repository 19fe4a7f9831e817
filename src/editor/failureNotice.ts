import * as vscode from 'vscode';
import { Failure, type FailureKind } from '../core/failure.ts';
import type { Prompts } from './prompts.ts';
import { openSettings } from './settings.ts';

/** What a person can do about a failure of that kind, besides reading it. */
type FailureAction = 'signIn' | 'retry' | 'openSettings' | 'showLog';

/** The one table of what helps against what; rows of the view and notices share it. */
export const FAILURE_ACTIONS: Readonly<Record<FailureKind, readonly FailureAction[]>> = {
  auth: ['signIn'],
  forbidden: ['signIn'],
  notFound: [],
  network: ['retry'],
  tls: ['retry'],
  timeout: ['retry'],
  rateLimit: ['retry'],
  conflict: ['retry'],
  quota: [],
  refused: [],
  server: ['retry'],
  protocol: ['openSettings', 'showLog'],
  unknownOutcome: ['showLog'],
  notARepository: [],
  noCommit: [],
  git: ['showLog'],
  missingObject: [],
  unpublishable: [],
  corrupt: ['showLog'],
  disk: ['retry'],
  secret: [],
  busy: [],
  wrongEcosystem: [],
};

/**
 * Shows one notice for `error`, with the action that fits its kind, and carries out the action when it is chosen.
 *
 * @param retry Does again what failed.
 */
export async function showFailure(
  prompts: Prompts,
  error: unknown,
  retry: () => Promise<unknown>,
): Promise<void> {
  const actions = error instanceof Failure ? FAILURE_ACTIONS[error.kind] : (['showLog'] as const);
  const message =
    error instanceof Failure
      ? error.message
      : vscode.l10n.t('Something went wrong that should not have. The log has the details.');
  const chosen = await prompts.notify({
    id: 'failure',
    severity: 'error',
    message,
    actions: actions.map((action) => ({ id: action, label: actionLabel(action) })),
  });
  if (chosen === 'signIn') await vscode.commands.executeCommand('modelRegistries.signIn');
  if (chosen === 'openSettings') await openSettings();
  if (chosen === 'showLog') await vscode.commands.executeCommand('modelRegistries.showLog');
  if (chosen === 'retry') await retry();
}

function actionLabel(action: FailureAction): string {
  switch (action) {
    case 'signIn':
      return vscode.l10n.t('Sign In Again');
    case 'retry':
      return vscode.l10n.t('Try Again');
    case 'openSettings':
      return vscode.l10n.t('Open Settings');
    case 'showLog':
      return vscode.l10n.t('Show Log');
  }
}
