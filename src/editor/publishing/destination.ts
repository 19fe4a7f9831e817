import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { HubTarget } from '../../core/hosts/host.ts';
import { parseModelId } from '../../core/snapshot/modelId.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import type { Session } from '../accounts/sessions.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import type { RegistryPlace } from '../places.ts';
import type { Destination } from '../publishService.ts';
import type { PromptBase, SearchItem } from '../prompts.ts';
import type { Services } from '../services.ts';
import { ModelNames } from './modelNames.ts';
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
  const propose = async (): Promise<string | undefined> =>
    proposed.model ?? last?.model ?? (await snapshot.proposeModels())[0];
  const pick = (): Promise<RegistryPlace | undefined> =>
    pickRegistry(services, writable(sessions), {
      id: 'publish.registry',
      title,
      placeholder: vscode.l10n.t('The registry to publish to'),
      step: 1,
      totalSteps: 2,
      last,
    });
  return askTarget(services, { place: proposed.place, pick, propose }, { id: 'publish.model', title });
}

/** Asks for a registry, unless it is known, and then for the name of a model in it, from where one comes back. */
export async function askTarget(
  services: Pick<Services, 'prompts'>,
  asking: {
    /** The registry, where it is known. */
    readonly place: RegistryPlace | undefined;
    /** Asks for it where it is not. */
    readonly pick: () => Promise<RegistryPlace | undefined>;
    /** The name that stands there at first. */
    readonly propose: () => Promise<string | undefined>;
  },
  prompt: PromptBase,
): Promise<Destination | undefined> {
  for (;;) {
    const place = asking.place ?? (await asking.pick());
    if (!place) return undefined;
    refuseUnfit(place);
    const steps = asking.place ? { step: 1, totalSteps: 1 } : { step: 2, totalSteps: 2, back: BACK };
    const answer = await askName(services, place, await asking.propose(), { ...prompt, ...steps });
    if (answer === undefined) return undefined;
    if (answer.kind === 'named') return { place, model: answer.model };
  }
}

/** Asks for the name of a model in the registry, as that takes it. Undefined when the person leaves. */
export async function askModel(
  services: Pick<Services, 'prompts'>,
  place: RegistryPlace,
  proposed: string | undefined,
  prompt: PromptBase,
): Promise<string | undefined> {
  const answer = await askName(services, place, proposed, prompt);
  return answer?.kind === 'named' ? answer.model : undefined;
}

type NameAnswer = { readonly kind: 'named'; readonly model: string } | { readonly kind: 'back' };
const BACK: NameAnswer = { kind: 'back' };

/** What is typed is the name; the names that there are, are offered below it. */
async function askName(
  { prompts }: Pick<Services, 'prompts'>,
  { session, registry }: RegistryPlace,
  proposed: string | undefined,
  prompt: PromptBase & { readonly back?: NameAnswer },
): Promise<NameAnswer | undefined> {
  const hub = session.host.hub(registry);
  const names = new ModelNames(session.host.listing, registry);
  const place = registryName(registry);
  return prompts.search<NameAnswer>({
    ...prompt,
    title: vscode.l10n.t('{0}: Name of the model in {1}', prompt.title, place),
    placeholder: hub.modelIdSegments === 2 ? `${hub.namespace ?? 'namespace'}/name` : 'name',
    own: { value: fitting(proposed, hub), row: (text) => ownRow(text, hub, names) },
    find: async function* (text, signal) {
      try {
        yield (await names.find(text, signal)).map((model) => ({
          kind: 'match',
          label: model,
          icon: 'package',
          group: vscode.l10n.t('Models in {0}', place),
          value: { kind: 'named', model },
        }));
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Failure)) throw error;
        yield [{ kind: 'remark', icon: 'warning', label: error.message }];
      }
    },
  });
}

/** The name as it was typed, or what is wrong with it; nothing where there is none yet. */
function ownRow(text: string, hub: HubTarget, names: ModelNames): SearchItem<NameAnswer> | undefined {
  if (text.trim() === '') return undefined;
  const parsed = parseModelId(text, hub.modelIdSegments);
  const problem = problemOfModel(text, hub);
  if (problem !== undefined || parsed.kind === 'invalid') {
    return { kind: 'remark', icon: 'warning', label: problem ?? '' };
  }
  const { id: model } = parsed;
  const isKnown = names.has(model);
  return {
    kind: 'match',
    label: model,
    icon: isKnown === true ? 'package' : 'add',
    ...(isKnown !== undefined && {
      description: isKnown ? vscode.l10n.t('New version') : vscode.l10n.t('New model'),
    }),
    value: { kind: 'named', model },
  };
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
