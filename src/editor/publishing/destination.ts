import * as vscode from 'vscode';
import type { HubTarget } from '../../core/hosts/host.ts';
import { parseModelId } from '../../core/snapshot/modelId.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import type { Session } from '../accounts/sessions.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import type { RegistryPlace } from '../places.ts';
import type { Destination } from '../publishService.ts';
import type { PromptBase } from '../prompts.ts';
import type { Services } from '../services.ts';
import { lastTargets } from './targetMemory.ts';
import { refuseUnfit, writable } from '../publishes/reach.ts';
import { registryName } from '../wording.ts';

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
  const proposal = proposed.model ?? last?.model ?? (await snapshot.proposeModels())[0];
  const model = await askModel(services, place, proposal, {
    id: 'publish.model',
    title,
    step: totalSteps,
    totalSteps,
  });
  return model === undefined ? undefined : { place, model };
}

/** Asks for the name of a model in the registry, as that takes it. Undefined when the person leaves. */
export async function askModel(
  { prompts }: Pick<Services, 'prompts'>,
  { session, registry }: RegistryPlace,
  proposed: string | undefined,
  prompt: PromptBase,
): Promise<string | undefined> {
  const hub = session.host.hub(registry);
  const hasNamespaces = hub.modelIdSegments === 2;
  const typed = await prompts.input({
    ...prompt,
    prompt: hasNamespaces
      ? vscode.l10n.t('Name of the model in {0}, as namespace/name', registryName(registry))
      : vscode.l10n.t('Name of the model in {0}', registryName(registry)),
    placeholder: hasNamespaces ? `${hub.namespace ?? 'namespace'}/name` : 'name',
    value: fitting(proposed, hub),
    check: (value) => problemOfModel(value, hub),
  });
  const parsed = typed === undefined ? undefined : parseModelId(typed, hub.modelIdSegments);
  return parsed?.kind === 'modelId' ? parsed.id : undefined;
}

/** A model's name as ids of the hub are; empty where there is none. */
function fitting(model: string | undefined, { modelIdSegments, namespace }: HubTarget): string {
  if (model === undefined) return '';
  const name = model.slice(model.lastIndexOf('/') + 1);
  if (modelIdSegments === 1) return name;
  return namespace === undefined ? model : `${namespace}/${name}`;
}

function problemOfModel(text: string, { modelIdSegments, namespace }: HubTarget): string | undefined {
  const parsed = parseModelId(text, modelIdSegments);
  if (parsed.kind === 'invalid') return parsed.problem;
  return namespace === undefined || parsed.namespace?.toLowerCase() === namespace.toLowerCase()
    ? undefined
    : vscode.l10n.t('A model of this registry is named “{0}/name”.', namespace);
}

/** The destination with a release, where the service has releases and none was named. Undefined when the person leaves. */
export async function withRelease(
  { prompts }: Pick<Services, 'prompts'>,
  destination: Destination,
): Promise<Destination | undefined> {
  const { place, model, release: known } = destination;
  if (place.session.host.hub(place.registry).revisions !== 'release' || known !== undefined)
    return destination;
  const release = await prompts.input({
    id: 'publish.release',
    title: vscode.l10n.t('Publish Model Snapshot'),
    prompt: vscode.l10n.t('Name of the release of {0}', model),
    placeholder: 'v1.0.0',
    check: (text) =>
      RELEASE.test(text.trim())
        ? undefined
        : vscode.l10n.t('A release is named by letters, digits, dots, dashes and underscores.'),
  });
  return release === undefined ? undefined : { ...destination, release: release.trim() };
}

/** Artifactory takes letters, digits, `-` and `.`; Harness some more. */
const RELEASE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
