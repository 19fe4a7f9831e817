import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { parseModelId } from '../../core/snapshot/modelId.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { PUBLISH_SCOPE } from '../../core/hosts/buildkite/scopes.ts';
import type { Session } from '../accounts/sessions.ts';
import { type RegistryPlace, pickRegistry } from '../registries/registryPick.ts';
import type { Services } from '../services.ts';
import { type RememberedTarget, lastTargets } from './targetMemory.ts';
import { registryName } from '../wording.ts';

/** Where a snapshot goes. */
export interface Destination {
  readonly place: RegistryPlace;
  /** `namespace/name`. */
  readonly model: string;
}

/** Asks for what `proposed` leaves open. The folder's last target comes first. Undefined when the person leaves. */
export async function askDestination(
  services: Services,
  sessions: readonly Session[],
  snapshot: Snapshot,
  proposed: { readonly place: RegistryPlace | undefined; readonly model: string | undefined },
): Promise<Destination | undefined> {
  const last = lastTargets.of(services.workspaceMemory, snapshot);
  const title = vscode.l10n.t('Publish Model Snapshot');
  const totalSteps = proposed.place ? 1 : 2;
  const place =
    proposed.place ??
    (await pickRegistry(services, writable(sessions), {
      id: 'publish.registry',
      title,
      placeholder: vscode.l10n.t('The registry to publish to'),
      step: 1,
      totalSteps,
      last,
    }));
  if (!place) return undefined;
  refuseUnfit(place);
  const segments = place.session.host.hub(place.registry).modelIdSegments;
  const model = await services.prompts.input({
    id: 'publish.model',
    title,
    prompt: vscode.l10n.t('Name of the model in {0}, as namespace/name', registryName(place.registry)),
    placeholder: 'namespace/name',
    value: proposed.model ?? last?.model ?? (await snapshot.proposeModels())[0] ?? '',
    step: totalSteps,
    totalSteps,
    check: (value) => {
      const parsed = parseModelId(value, segments);
      return parsed.kind === 'invalid' ? parsed.problem : undefined;
    },
  });
  if (model === undefined) return undefined;
  const parsed = parseModelId(model, segments);
  return parsed.kind === 'modelId' ? { place, model: parsed.id } : undefined;
}

/** The destination that `target` names; undefined where nobody is signed in there any more. Throws where the registry cannot be had. */
export async function reachDestination(
  { prompts }: Pick<Services, 'prompts'>,
  sessions: readonly Session[],
  { accountId, organization, registry: slug, model }: RememberedTarget,
): Promise<Destination | undefined> {
  const session = sessions.find((one) => one.accountId === accountId);
  if (!session) return undefined;
  const registry = await prompts.progress(
    {
      id: 'publish.destination',
      title: vscode.l10n.t('Looking up {0}', `${organization}/${slug}`),
      cancellable: true,
    },
    (_report, signal) => session.host.registry(organization, slug, signal),
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
  if (!mayPublish(session)) throw readOnly([session]);
}

function writable(sessions: readonly Session[]): readonly Session[] {
  const found = sessions.filter(mayPublish);
  if (found.length === 0) throw readOnly(sessions);
  return found;
}

function mayPublish({ scopes }: Session): boolean {
  return scopes.has(PUBLISH_SCOPE);
}

function readOnly(sessions: readonly Session[]): Failure {
  return new Failure(
    'forbidden',
    vscode.l10n.t(
      'The access token of {0} may read packages but not publish them. Create one with the scope {1}, and sign in with it.',
      sessions.map(({ label }) => label).join(', '),
      PUBLISH_SCOPE,
    ),
  );
}
