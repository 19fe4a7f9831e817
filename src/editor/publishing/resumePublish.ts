import path from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Session } from '../accounts/sessions.ts';
import { sessionsFor } from '../accounts/usableSessions.ts';
import type { InterruptedPublish } from '../publishes/interruptions.ts';
import type { ImportRequest, RememberedTarget } from '../publishService.ts';
import type { Services } from '../services.ts';
import { publishFrom } from './publishFrom.ts';

/**
 * Publishes again what was interrupted, to where it was to go: what the registry got by then is not sent again. Asks to
 * sign in where nobody is. Throws `auth` where no account reaches that registry.
 */
export async function resumePublish(services: Services, publish: InterruptedPublish): Promise<void> {
  const sessions = await sessionsFor(services, vscode.l10n.t('Sign in to publish a model.'));
  if (!sessions) return;
  const again = targetOf(publish, sessions);
  if (!again) {
    throw new Failure(
      'auth',
      vscode.l10n.t(
        'No account is signed in to {0}. Sign in to it, then resume publishing {1}.',
        new URL(publish.endpoint).host,
        publish.model,
      ),
    );
  }
  if (publish.source !== undefined) {
    const request: ImportRequest = { kind: 'importRequest', source: publish.source, again };
    await vscode.commands.executeCommand('modelRegistries.importModel', request);
    return;
  }
  const folder = path.join(publish.repository, ...publish.folder.split('/'));
  await publishFrom(services, () => ({ folder, again }));
}

/** Where it was to go, with an account that may publish if there is one; undefined where none reaches it. */
function targetOf(
  { endpoint, model, registry: recorded }: InterruptedPublish,
  sessions: readonly Session[],
): RememberedTarget | undefined {
  const { organization, slug } = recorded ?? ofAddress(endpoint);
  const there = sessions.filter(({ host }) => host.hub({ organization, slug }).endpoint.href === endpoint);
  const session = there.find((one) => one.may('publish')) ?? there[0];
  return session && { accountId: session.accountId, organization, registry: slug, model };
}

/** Journals of earlier versions name no registry; they are all of endpoints like `…/organization/registry/huggingface`. */
function ofAddress(endpoint: string): { readonly organization: string; readonly slug: string } {
  const [organization = '', slug = ''] = new URL(endpoint).pathname.split('/').slice(-3);
  return { organization, slug };
}
