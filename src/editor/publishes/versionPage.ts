import * as vscode from 'vscode';
import type { CommitName } from '../../core/objectIds.ts';
import type { Destination } from '../publishService.ts';
import type { Services } from '../services.ts';

/** Opens the page of the version, or of its registry where the server does not tell one. */
export async function openVersionPage(
  services: Services,
  destination: Destination,
  commit: CommitName,
): Promise<void> {
  const page = (await versionPage(services, destination, commit)) ?? destination.place.registry.webUrl;
  if (page) await services.prompts.openExternal(page);
}

/** The version's own page; undefined where the server does not list the version yet, or does not tell. */
async function versionPage(
  services: Services,
  { place, model }: Destination,
  commit: CommitName,
): Promise<URL | undefined> {
  return services.prompts.progress(
    { id: 'publish.page', title: vscode.l10n.t('Looking for the page of {0}', model), cancellable: true },
    async (_report, signal) => {
      const { items } = await place.session.host.listing.versions(place.registry, model, {}, signal);
      return items.find((version) => version.commit === commit)?.webUrl;
    },
  );
}
