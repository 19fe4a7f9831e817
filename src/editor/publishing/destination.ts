import * as vscode from 'vscode';
import { parseModelId } from '../../core/snapshot/modelId.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import type { Session } from '../accounts/sessions.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import type { RegistryPlace } from '../places.ts';
import type { Destination } from '../publishService.ts';
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
