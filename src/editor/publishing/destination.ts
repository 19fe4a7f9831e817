import * as vscode from 'vscode';
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
  const { modelIdSegments } = session.host.hub(registry);
  const typed = await prompts.input({
    ...prompt,
    prompt: vscode.l10n.t('Name of the model in {0}, as namespace/name', registryName(registry)),
    placeholder: 'namespace/name',
    value: proposed ?? '',
    check: (value) => {
      const parsed = parseModelId(value, modelIdSegments);
      return parsed.kind === 'invalid' ? parsed.problem : undefined;
    },
  });
  const parsed = typed === undefined ? undefined : parseModelId(typed, modelIdSegments);
  return parsed?.kind === 'modelId' ? parsed.id : undefined;
}
