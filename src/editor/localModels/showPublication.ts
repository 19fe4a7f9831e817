import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { usableSessions } from '../accounts/usableSessions.ts';
import type { RegistryPlace } from '../places.ts';
import type { ModelRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { knownPublishes } from './knownPublications.ts';
import { publicationsOf, type Publication } from './publications.ts';
import { asLocalRow } from './rows.ts';

/** Selects a publication's version in the Registries view. */
export async function showPublication(services: Services, publication: Publication): Promise<void> {
  const place = await placeOfPublication(services, publication);
  await services.registriesView.revealVersion(
    place.session,
    place.registry,
    publication.model,
    publication.version,
  );
}

/** The registry of a publication, and the account that reaches it. Throws a `Failure` where no account does. */
async function placeOfPublication(
  services: Services,
  { accountId, organization, registry }: Publication,
): Promise<RegistryPlace> {
  const session = usableSessions(services.sessions).find((one) => one.accountId === accountId);
  if (!session) {
    throw new Failure(
      'auth',
      vscode.l10n.t(
        'The account that published to {0} is signed out. Sign in with it to see the version.',
        `${organization}/${registry}`,
      ),
    );
  }
  return services.prompts.progress(
    {
      id: 'localModels.registry',
      title: vscode.l10n.t('Looking for {0}', `${organization}/${registry}`),
      cancellable: true,
    },
    async (_report, signal) => ({
      session,
      registry: await session.host.listing.registry(organization, registry, signal),
    }),
  );
}

/** Where a local model's row was published last, as a row of the Registries view; undefined for anything else. */
export async function publishedModel(services: Services, argument: unknown): Promise<ModelRow | undefined> {
  const row = asLocalRow(argument);
  if (row?.kind !== 'localModel') return undefined;
  const reachable = new Set(usableSessions(services.sessions).map(({ accountId }) => accountId));
  const last = publicationsOf(row.model, knownPublishes(services)).find(({ accountId }) =>
    reachable.has(accountId),
  );
  if (!last) return undefined;
  return { kind: 'model', model: last.model, ...(await placeOfPublication(services, last)) };
}
