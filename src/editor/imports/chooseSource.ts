import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { connectionTo } from '../../core/hub/connection.ts';
import { listRefs } from '../../core/hub/refs.ts';
import { fileSets } from '../../core/imports/fileSets.ts';
import { parseReference } from '../../core/imports/reference.ts';
import type { ModelSource } from '../../core/imports/source.ts';
import type { Selection } from '../../core/snapshot/snapshot.ts';
import { usableSessions } from '../accounts/usableSessions.ts';
import type { Choice, SearchItem } from '../prompts.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import type { Services } from '../services.ts';
import { filesText, sizeText } from '../wording.ts';
import { hubPlaces, registrySource, type FoundModel, type SourcePlace } from './sourcePlaces.ts';

/** A model of a place, and perhaps one of its revisions. */
export interface ChosenModel {
  readonly model: string;
  /** undefined where none was named. */
  readonly revision: string | undefined;
}

const TITLE = (): string => vscode.l10n.t('Import Model');
const WHAT_HUBS_BEGIN_WITH = 'main';

/** Asks where the model comes from: a hub of the settings, or a registry of an account. Undefined when they leave. */
export async function askPlace(services: Services): Promise<SourcePlace | undefined> {
  const hubs = hubPlaces(services);
  const sessions = usableSessions(services.sessions);
  const choices: readonly Choice<SourcePlace | 'registry'>[] = [
    ...hubs.map((place) => ({
      label: place.name,
      description: place.endpoint.host,
      icon: 'globe',
      value: place,
    })),
    ...(sessions.length > 0
      ? [{ label: vscode.l10n.t('One of Your Registries…'), icon: 'package', value: 'registry' as const }]
      : []),
  ];
  const chosen = await services.prompts.pick<SourcePlace | 'registry'>({
    id: 'import.from',
    title: TITLE(),
    placeholder: vscode.l10n.t('Where the model comes from'),
    choices,
  });
  if (chosen !== 'registry') return chosen;
  const place = await pickRegistry(services, sessions, {
    id: 'import.fromRegistry',
    title: TITLE(),
    placeholder: vscode.l10n.t('The registry that the model comes from'),
  });
  return place && registrySource(services, place);
}

/** Searches the place as one types; what is a name or an address is offered as it is. Undefined when they leave. */
export function askModelOf(services: Services, place: SourcePlace): Promise<ChosenModel | undefined> {
  return services.prompts.search<ChosenModel>({
    id: 'import.model',
    title: vscode.l10n.t('Import Model from {0}', place.name),
    placeholder: vscode.l10n.t('Search, or paste namespace/name, namespace/name@revision or an address'),
    find: async function* (typed, signal) {
      const text = typed.trim();
      const pasted = text === '' ? [] : pastedMatch(place, text);
      if (pasted.length > 0) yield pasted;
      // Nobody is called like an address.
      if (pasted.length > 0 && /[@:]/.test(text)) return;
      yield [...pasted, ...(await matches(place, text, pasted, signal))];
    },
  });
}

function pastedMatch(place: SourcePlace, text: string): readonly SearchItem<ChosenModel>[] {
  const parsed = parseReference(text, place.endpoint);
  if (parsed.kind === 'invalid') {
    return /^https?:\/\//i.test(text) ? [{ kind: 'remark', icon: 'warning', label: parsed.problem }] : [];
  }
  const { model, revision } = parsed;
  if (!model.includes('/') && revision === undefined) return [];
  return [
    {
      kind: 'match',
      label: model,
      ...(revision !== undefined && { description: revision }),
      icon: 'arrow-right',
      value: { model, revision },
    },
  ];
}

async function matches(
  place: SourcePlace,
  text: string,
  pasted: readonly SearchItem<ChosenModel>[],
  signal: AbortSignal,
): Promise<readonly SearchItem<ChosenModel>[]> {
  let found: readonly FoundModel[] | undefined;
  try {
    found = await place.find(text, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    return [{ kind: 'remark', icon: 'warning', label: error.message, run: () => undefined }];
  }
  if (found === undefined) {
    return [
      {
        kind: 'remark',
        icon: 'info',
        label: vscode.l10n.t('{0} lists no models. Type the name of one.', place.name),
      },
    ];
  }
  if (found.length === 0 && pasted.length === 0) {
    return [
      {
        kind: 'remark',
        icon: 'info',
        label: vscode.l10n.t('No model of {0} has “{1}” in its name.', place.name, text),
      },
    ];
  }
  const known = new Set(pasted.map(({ label }) => label));
  return found
    .filter(({ model }) => !known.has(model))
    .map(({ model, isGated }) => ({
      kind: 'match',
      label: model,
      ...(isGated && { description: vscode.l10n.t('gated: its owners decide who may read it') }),
      icon: isGated ? 'lock' : 'package',
      value: { model, revision: undefined },
    }));
}

/** Asks for a branch or tag where there are several. Undefined when they leave. */
export async function askRevision(
  services: Services,
  place: SourcePlace,
  model: string,
): Promise<string | undefined> {
  const refs = await services.prompts.progress(
    {
      id: 'import.refs',
      title: vscode.l10n.t('Listing the revisions of {0}', model),
      cancellable: true,
    },
    async (_report, signal) => {
      try {
        return (await listRefs(connectionTo(place, model, services.http), signal)) ?? [];
      } catch (error) {
        signal.throwIfAborted();
        // What there is is told when the model is read.
        if (error instanceof Failure) return [];
        throw error;
      }
    },
  );
  const [only, ...others] = refs;
  if (only === undefined) return WHAT_HUBS_BEGIN_WITH;
  if (others.length === 0) return only.name;
  const first = refs.find(({ name, kind }) => kind === 'branch' && name === WHAT_HUBS_BEGIN_WITH);
  return services.prompts.pick<string>({
    id: 'import.revision',
    title: vscode.l10n.t('Import {0}', model),
    placeholder: vscode.l10n.t(
      'The revision to import. For a commit, go back and paste namespace/name@commit.',
    ),
    choices: [...(first ? [first] : []), ...refs.filter((ref) => ref !== first)].map(({ name, kind }) => ({
      label: name,
      icon: kind === 'branch' ? 'git-branch' : 'tag',
      value: name,
    })),
  });
}

/** Asks which files where there is a choice. Undefined when they leave. */
export async function askFiles(
  { prompts }: Pick<Services, 'prompts'>,
  source: ModelSource,
): Promise<Selection | undefined> {
  const sets = fileSets(source.files);
  const [only, ...others] = sets;
  if (only === undefined || others.length === 0) return { kind: 'all' };
  return prompts.pick<Selection>({
    id: 'import.files',
    title: vscode.l10n.t('Import {0}', source.model),
    placeholder: vscode.l10n.t('The files to import'),
    choices: sets.map(({ selection, name, files, bytes }) => ({
      label: labelOf(selection, name),
      description: vscode.l10n.t('{0}, {1}', sizeText(bytes), filesText(files)),
      ...(selection.kind === 'gguf' && { detail: selection.entry }),
      icon: selection.kind === 'all' ? 'files' : 'file-binary',
      value: selection,
    })),
  });
}

function labelOf(selection: Selection, name: string | undefined): string {
  switch (selection.kind) {
    case 'all':
      return vscode.l10n.t('All Files');
    case 'safetensors':
      return vscode.l10n.t('Safetensors, without the same weights in other formats');
    case 'gguf':
      return name ?? selection.entry;
    case 'patterns':
      return selection.patterns.join(', ');
  }
}
