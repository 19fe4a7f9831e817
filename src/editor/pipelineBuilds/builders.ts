import * as vscode from 'vscode';
import { ACTION_SCOPES } from '../../core/hosts/buildkite/scopes.ts';
import { tokenPageUrl } from '../../core/hosts/buildkite/tokenPage.ts';
import type { PipelineHost } from '../../core/hosts/pipelines.ts';
import type { Session } from '../accounts/sessions.ts';
import { usableSessions } from '../accounts/usableSessions.ts';
import { BUILDING } from '../mayBuild.ts';
import type { Services } from '../services.ts';

/** The service that builds, with the account's token; undefined where the account is gone or its token refused. */
export function buildersOf(
  { sessions }: Pick<Services, 'sessions'>,
  accountId: string,
): PipelineHost | undefined {
  return usableSessions(sessions).find((session) => session.accountId === accountId)?.host.pipelines;
}

/** Says which scopes `sessions` lack, and the way to them. */
export async function tellMissingScopes(
  { prompts, settings }: Pick<Services, 'prompts' | 'settings'>,
  sessions: readonly Session[],
): Promise<void> {
  const scopes = BUILDING.map((action) => ACTION_SCOPES[action]);
  const missing = scopes.filter((scope) => !sessions.some((session) => session.scopes.has(scope)));
  const chosen = await prompts.notify({
    id: 'buildPublish.scopes',
    severity: 'error',
    message: vscode.l10n.t(
      'Publishing on Buildkite takes an access token with the scopes {0}, which that of {1} lacks. Create one, and sign in with it.',
      (missing.length > 0 ? missing : scopes).join(', '),
      sessions.map(({ label }) => label).join(', '),
    ),
    actions: [
      { id: 'tokenPage', label: vscode.l10n.t('Open Token Page') },
      { id: 'signIn', label: vscode.l10n.t('Sign In Again') },
    ],
  });
  if (chosen === 'tokenPage') await prompts.openExternal(tokenPageUrl(settings.endpoints().webUrl, scopes));
  if (chosen === 'signIn') await vscode.commands.executeCommand('modelRegistries.signIn');
}
