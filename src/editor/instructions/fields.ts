import * as l10n from '@vscode/l10n';
import { MODEL_PLACEHOLDER } from '../../core/instructions/snippets.ts';
import { parseModelId } from '../../core/snapshot/modelId.ts';
import type { PanelContent, PanelSubject } from './content.ts';
import type { FieldId, PanelField, TabId } from './messages.ts';

/** The fields of each tab, in their order. */
export const FIELDS: Readonly<Record<TabId, readonly FieldId[]>> = {
  publish: ['model', 'folder', 'message', 'branch'],
  install: ['model', 'revision', 'into'],
  code: ['model', 'revision'],
  pipeline: ['model', 'folder', 'message', 'pipeline', 'buildBranch'],
};

/** A field as a tab shows it. Pure. */
export function panelField({ inputs, subject }: PanelContent, tab: TabId, id: FieldId): PanelField {
  const value = inputs[id];
  return {
    id,
    value,
    label: fieldLabel(id),
    placeholder: fieldPlaceholder(id, tab, subject),
    lines: id === 'message' ? 'several' : 'one',
    problem: fieldProblem(id, value),
    browse: id === 'folder' && tab === 'publish' ? l10n.t('Choose Folder…') : undefined,
  };
}

function fieldLabel(id: FieldId): string {
  switch (id) {
    case 'model':
      return l10n.t('Model');
    case 'folder':
      return l10n.t('Folder');
    case 'branch':
      return l10n.t('Branch of the registry');
    case 'message':
      return l10n.t('Commit message');
    case 'revision':
      return l10n.t('Version');
    case 'into':
      return l10n.t('Install into');
    case 'pipeline':
      return l10n.t('Slug of the pipeline');
    case 'buildBranch':
      return l10n.t('Only builds of branch');
  }
}

function fieldPlaceholder(id: FieldId, tab: TabId, subject: PanelSubject): string {
  switch (id) {
    case 'model':
      return MODEL_PLACEHOLDER;
    case 'folder':
      return tab === 'pipeline' ? l10n.t('the folder of the checkout') : l10n.t('the folder of the terminal');
    case 'branch':
      return 'main';
    case 'message':
      return tab === 'pipeline'
        ? l10n.t('number of the build, pipeline and commit')
        : l10n.t('the client’s own');
    case 'revision':
      return l10n.t('the newest');
    case 'into':
      return l10n.t('a folder named like the model');
    case 'pipeline':
      return l10n.t('a pipeline of {0}', subject.registry.organization);
    case 'buildBranch':
      return l10n.t('any branch');
  }
}

function fieldProblem(id: FieldId, value: string): string | undefined {
  if (value.trim() === '') return undefined;
  switch (id) {
    case 'model': {
      const parsed = parseModelId(value);
      return parsed.kind === 'invalid' ? parsed.problem : undefined;
    }
    case 'pipeline':
      return /^[\w.-]+$/.test(value.trim())
        ? undefined
        : l10n.t('A slug holds only letters, digits, “-”, “_” and “.”: it stands in the pipeline’s address.');
    case 'buildBranch':
      return /[\s\\]/.test(value.trim())
        ? l10n.t('One branch, without blanks and backslashes; “*” stands for any text.')
        : undefined;
    case 'folder':
    case 'branch':
    case 'message':
    case 'revision':
    case 'into':
      return undefined;
  }
}
