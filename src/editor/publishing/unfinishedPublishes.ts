import path from 'node:path';
import * as vscode from 'vscode';
import type { UnfinishedPublish } from '../../core/publish/journals.ts';
import { isWithin } from '../../core/snapshot/files/within.ts';
import type { Session } from '../accounts/sessions.ts';
import type { Services } from '../services.ts';
import { pathsOnDisk } from '../workspace.ts';
import type { RememberedTarget } from '../publishService.ts';

/**
 * Offers to publish again what a crash, a reload of the window or a failure cut short, as far as it is about a folder
 * of this window. What the registry got by then is not sent again. Closing the notification keeps the offer for the
 * next time.
 */
export async function offerUnfinished(services: Services): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  const folders = pathsOnDisk();
  for (const unfinished of await services.journals.unfinished()) {
    if (isOfThisWindow(unfinished, folders)) await offer(services, unfinished);
  }
}

/** What comes from another hub is of every window. */
function isOfThisWindow({ source, repository }: UnfinishedPublish, folders: readonly string[]): boolean {
  return (
    source !== undefined ||
    folders.some((folder) => isWithin(repository, folder) || isWithin(folder, repository))
  );
}

async function offer(services: Services, unfinished: UnfinishedPublish): Promise<void> {
  const { prompts, journals, sessions } = services;
  const { host, pathname } = new URL(unfinished.endpoint);
  const chosen = await prompts.notify({
    id: 'publish.unfinished',
    severity: 'information',
    message: vscode.l10n.t('Publishing {0} to {1} did not finish.', unfinished.model, host + pathname),
    actions: [
      { id: 'again', label: vscode.l10n.t('Publish Again') },
      { id: 'dismiss', label: vscode.l10n.t('Dismiss') },
    ],
  });
  if (chosen === 'dismiss') await journals.dismiss(unfinished.id);
  if (chosen === 'again' && unfinished.source !== undefined) {
    const again = targetOf(unfinished, sessions.all);
    const request = again && { kind: 'importRequest', source: unfinished.source, again };
    await vscode.commands.executeCommand('modelRegistries.importModel', request);
  } else if (chosen === 'again') {
    const folder = path.join(unfinished.repository, ...unfinished.folder.split('/'));
    // The folder may have been published elsewhere since.
    const target = targetOf(unfinished, sessions.all);
    await vscode.commands.executeCommand('modelRegistries.publishAgain', vscode.Uri.file(folder), target);
  }
}

/** Where it was to go, as far as somebody is signed in there. */
function targetOf(
  { endpoint, model }: UnfinishedPublish,
  sessions: readonly Session[],
): RememberedTarget | undefined {
  const [organization = '', registry = ''] = new URL(endpoint).pathname.split('/').slice(-3);
  const session = sessions.find(
    ({ host }) => host.hub({ organization, slug: registry }).endpoint.href === endpoint,
  );
  return session && { accountId: session.accountId, organization, registry, model };
}
