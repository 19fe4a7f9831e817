import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { sessionOf, type Session } from '../accounts/sessions.ts';
import { notPermitted } from '../accounts/usableSessions.ts';
import type { RegistryPlace } from '../places.ts';
import type { Destination, RememberedTarget } from '../publishService.ts';
import type { Services } from '../services.ts';
import { registryName } from '../wording.ts';

/** The destination that `target` names; undefined where nobody is signed in there. Throws where there is no registry. */
export async function reachDestination(
  { prompts }: Pick<Services, 'prompts'>,
  sessions: readonly Session[],
  { accountId, organization, registry: slug, model }: RememberedTarget,
): Promise<Destination | undefined> {
  const session = sessionOf(sessions, accountId);
  if (!session) return undefined;
  const registry = await prompts.progress(
    {
      id: 'publish.destination',
      title: vscode.l10n.t('Looking up {0}', `${organization}/${slug}`),
      cancellable: true,
    },
    (_report, signal) => session.host.listing.registry(organization, slug, signal),
  );
  const place = { session, registry };
  refuseUnfit(place);
  return { place, model };
}

/** Throws where nothing can be published to that registry with that account. */
export function refuseUnfit({ session, registry }: RegistryPlace): void {
  if (!registry.holdsModels) {
    throw new Failure(
      'wrongEcosystem',
      vscode.l10n.t(
        'The registry {0} holds {1} packages. Models can be published to registries of the ecosystem Hugging Face only.',
        registryName(registry),
        registry.ecosystem,
      ),
    );
  }
  if (!session.may('publish')) throw readOnly([session]);
}

/** Those that may publish. Throws where none may. */
export function writable(sessions: readonly Session[]): readonly Session[] {
  const found = sessions.filter((session) => session.may('publish'));
  if (found.length === 0) throw readOnly(sessions);
  return found;
}

function readOnly(sessions: readonly Session[]): Failure {
  return notPermitted(sessions, ['publish'], (accounts, scopes) =>
    vscode.l10n.t(
      'The access token of {0} may read packages but not publish them. Create one with the scope {1}, and sign in with it.',
      accounts,
      scopes,
    ),
  );
}
