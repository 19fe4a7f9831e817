import * as l10n from '@vscode/l10n';
import type { ClientId } from '../../core/instructions/clients.ts';
import { nameInRegistry } from '../../core/instructions/fromHub.ts';
import { type HubSource, MODEL_PLACEHOLDER } from '../../core/instructions/snippets.ts';
import { parseModelId } from '../../core/snapshot/modelId.ts';
import type { PanelContent, PanelSubject } from './content.ts';
import { namedModel } from './hubModel.ts';
import type { FieldId, PanelField, TabId } from './messages.ts';

/** The fields of each tab, in their order. */
export const FIELDS: Readonly<Record<TabId, readonly FieldId[]>> = {
  publish: ['source', 'model', 'folder', 'message', 'branch'],
  install: ['model', 'revision', 'into'],
  code: ['model', 'revision'],
  pipeline: ['model', 'folder', 'message', 'pipeline', 'buildBranch'],
};

/** A field as a tab shows it. Pure. */
export function panelField({ inputs, subject, choice }: PanelContent, tab: TabId, id: FieldId): PanelField {
  const value = inputs[id];
  const source = namedModel(inputs.source);
  return {
    id,
    place: id === 'model' && subject.model === undefined ? 'front' : 'options',
    value,
    label: fieldLabel(id),
    placeholder:
      tab === 'publish' && source.kind === 'model'
        ? (sourcePlaceholder(id, source.source, choice.client) ?? fieldPlaceholder(id, tab, subject))
        : fieldPlaceholder(id, tab, subject),
    lines: id === 'message' ? 'several' : 'one',
    problem: fieldProblem(id, value),
    browse: id === 'folder' && tab === 'publish' ? l10n.t('Choose Folder…') : undefined,
  };
}

/** What holds where a model of the Hub is published, and its field is empty; undefined where nothing special does. */
function sourcePlaceholder(id: FieldId, source: HubSource, client: ClientId): string | undefined {
  if (id === 'model') return nameInRegistry(source);
  return id === 'folder' ? folderOfSource(client) : undefined;
}

/** Where the files of a model of the Hub are before they are published. */
function folderOfSource(client: ClientId): string | undefined {
  switch (client) {
    case 'hf':
    case 'huggingface-cli':
      return l10n.t('one named after the model');
    case 'python':
      return l10n.t('the cache of huggingface_hub');
    case 'model-registries':
      return l10n.t('none: nothing is kept on this machine');
    case 'curl':
      return undefined;
  }
}

function fieldLabel(id: FieldId): string {
  switch (id) {
    case 'source':
      return l10n.t('Model on the Hugging Face Hub');
    case 'model':
      return l10n.t('Model');
    case 'folder':
      return l10n.t('Folder');
    case 'branch':
      return l10n.t('Branch in the registry');
    case 'message':
      return l10n.t('Commit message');
    case 'revision':
      return l10n.t('Version');
    case 'into':
      return l10n.t('Install into');
    case 'pipeline':
      return l10n.t('Pipeline slug');
    case 'buildBranch':
      return l10n.t('Only builds of branch');
  }
}

function fieldPlaceholder(id: FieldId, tab: TabId, subject: PanelSubject): string {
  switch (id) {
    case 'source':
      return l10n.t('none: the model is in a folder');
    case 'model':
      return MODEL_PLACEHOLDER;
    case 'folder':
      return tab === 'pipeline' ? l10n.t('the checkout’s folder') : l10n.t('the terminal’s folder');
    case 'branch':
      return 'main';
    case 'message':
      return tab === 'pipeline'
        ? l10n.t('build number, pipeline and commit')
        : l10n.t('the client’s own message');
    case 'revision':
      return l10n.t('the newest version');
    case 'into':
      return l10n.t('a folder named after the model');
    case 'pipeline':
      return l10n.t('a pipeline of {0}', subject.registry.organization);
    case 'buildBranch':
      return l10n.t('any branch');
  }
}

function fieldProblem(id: FieldId, value: string): string | undefined {
  if (value.trim() === '') return undefined;
  switch (id) {
    case 'source': {
      const named = namedModel(value);
      return named.kind === 'invalid' ? named.problem : undefined;
    }
    case 'model': {
      const parsed = parseModelId(value);
      return parsed.kind === 'invalid' ? parsed.problem : undefined;
    }
    case 'pipeline':
      return /^[\w.-]+$/.test(value.trim())
        ? undefined
        : l10n.t('A slug has only letters, digits, “-”, “_” and “.”, as in the pipeline’s address.');
    case 'buildBranch':
      return /[\s\\]/.test(value.trim())
        ? l10n.t('Name one branch, without spaces and backslashes; “*” stands for any text.')
        : undefined;
    case 'folder':
    case 'branch':
    case 'message':
    case 'revision':
    case 'into':
      return undefined;
  }
}
