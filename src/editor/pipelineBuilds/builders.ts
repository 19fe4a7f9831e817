import * as vscode from 'vscode';
import type { PipelineHost } from '../../core/hosts/pipelines.ts';
import { sessionOf, type Session } from '../accounts/sessions.ts';
import { notPermitted, usableSessions } from '../accounts/usableSessions.ts';
import { BUILDING } from '../mayBuild.ts';
import type { Services } from '../services.ts';

/** The service that builds, with the account's token; undefined where the account is gone or its token refused. */
export function buildersOf(
  { sessions }: Pick<Services, 'sessions'>,
  accountId: string,
): PipelineHost | undefined {
  return sessionOf(usableSessions(sessions), accountId)?.host.pipelines;
}

/** Says which scopes `sessions` lack, and the way to them. */
export async function tellMissingScopes(
  { prompts }: Pick<Services, 'prompts'>,
  sessions: readonly Session[],
): Promise<void> {
  const missing = BUILDING.filter((action) => !sessions.some((session) => session.may(action)));
  const { message } = notPermitted(sessions, missing.length > 0 ? missing : BUILDING, (accounts, scopes) =>
    vscode.l10n.t(
      'Publishing with a pipeline takes a token with the scopes {0}, which that of {1} lacks. Create one, and sign in with it.',
      scopes,
      accounts,
    ),
  );
  const service = sessions.find(({ host }) => host.pipelines)?.service;
  const chosen = await prompts.notify({
    id: 'buildPublish.scopes',
    severity: 'error',
    message,
    actions: [
      ...(service ? [{ id: 'tokenPage', label: vscode.l10n.t('Open Token Page') }] : []),
      { id: 'signIn', label: vscode.l10n.t('Sign In Again') },
    ],
  });
  if (chosen === 'tokenPage' && service) await prompts.openExternal(service.signIn.tokenPage(BUILDING));
  if (chosen === 'signIn') await vscode.commands.executeCommand('modelRegistries.signIn');
}
