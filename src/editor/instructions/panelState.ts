import * as l10n from '@vscode/l10n';
import { type Advice, clientAdvice, missingAdvice } from '../../core/instructions/clientAdvice.ts';
import { type ActionId, CLIENT_IDS, can, client } from '../../core/instructions/clients.ts';
import type { ModelUse } from '../../core/instructions/modelUses.ts';
import { pipelineClient, pipelineSnippets } from '../../core/instructions/pipeline.ts';
import { SHELL_IDS, shell } from '../../core/shells/shells.ts';
import {
  type InstructionChoice,
  type InstructionTarget,
  type Snippet,
  MODEL_PLACEHOLDER,
  commonNotes,
  snippet,
} from '../../core/instructions/snippets.ts';
import { codeSnippets } from '../../core/instructions/useInCode.ts';
import type { InstalledClient } from '../../core/programs/installedClients.ts';
import type { CommitName } from '../../core/objectIds.ts';
import type { Registry } from '../../core/hosts/host.ts';
import { endpointText } from '../endpointText.ts';
import { parseModelId } from '../../core/snapshot/modelId.ts';
import {
  type FieldId,
  type PanelField,
  type PanelState,
  type PanelStatement,
  type PanelTab,
  type TabId,
  TAB_IDS,
} from './messages.ts';

/** What one panel is about. */
export interface PanelSubject {
  /** Whose registry it is. */
  readonly accountId: string;
  readonly registry: Pick<Registry, 'organization' | 'slug' | 'name'>;
  readonly endpoint: URL;
  /** `namespace/name`. */
  readonly model: string | undefined;
  readonly commit: CommitName | undefined;
}

/** What was typed; '' where nothing was. */
export type PanelInputs = Readonly<Record<FieldId, string>>;

/** The clients of this machine: not looked for where the workspace is not trusted. */
export type InstalledState =
  | { readonly kind: 'looking' }
  | { readonly kind: 'untrusted' }
  | { readonly kind: 'known'; readonly clients: readonly InstalledClient[] };

/** What is known of how the model can be used. */
export type UsesState =
  /** No model is named. */
  | { readonly kind: 'none' }
  | { readonly kind: 'looking' }
  | { readonly kind: 'known'; readonly uses: readonly ModelUse[] }
  | { readonly kind: 'failed'; readonly sentence: string };

/** All that a panel's page is made from. */
export interface PanelContent {
  readonly subject: PanelSubject;
  readonly inputs: PanelInputs;
  readonly tab: TabId;
  readonly choice: InstructionChoice;
  readonly installed: InstalledState;
  readonly uses: UsesState;
  readonly saved: unknown;
}

/** Two subjects with the same key share a panel. */
export function subjectKey({ accountId, endpoint, model, commit }: PanelSubject): string {
  return JSON.stringify([accountId, endpoint.href, model, commit]);
}

export function firstInputs({ model, commit }: PanelSubject): PanelInputs {
  return {
    model: model ?? '',
    folder: '',
    branch: '',
    message: '',
    revision: commit ?? '',
    into: '',
    pipeline: '',
    buildBranch: 'main',
  };
}

/** A version is there to be installed; into a registry or a model, one publishes. */
export function firstTab({ commit }: PanelSubject): TabId {
  return commit === undefined ? 'publish' : 'install';
}

/** What the snippets of a tab are about. */
function targetOf({ subject, inputs }: PanelContent): InstructionTarget {
  const typed = (id: FieldId) => orNothing(inputs[id]);
  const name = (id: FieldId) => orNothing(inputs[id].trim());
  return {
    endpoint: endpointText(subject.endpoint),
    model: name('model'),
    revision: name('revision'),
    localFolder: typed('folder'),
    branch: name('branch'),
    message: typed('message'),
    installFolder: typed('into'),
  };
}

function orNothing(value: string): string | undefined {
  return value === '' ? undefined : value;
}

/** The snippets of a tab, as they can be copied. */
export function tabSnippets(content: PanelContent, tab: TabId): readonly Snippet[] {
  const target = targetOf(content);
  const { choice, inputs, subject, uses } = content;
  switch (tab) {
    case 'publish':
    case 'install':
      return [snippet(tab, target, choice)];
    case 'code':
      return codeSnippets(target, uses.kind === 'known' ? uses.uses : [], choice);
    case 'pipeline':
      return pipelineSnippets(
        {
          ...target,
          organization: subject.registry.organization,
          registry: subject.registry.slug,
          audience: target.endpoint.replace(/\/huggingface$/, ''),
          pipeline: orNothing(inputs.pipeline.trim()),
          buildBranch: orNothing(inputs.buildBranch.trim()),
        },
        choice.client,
      );
  }
}

/** All that the panel shows. */
export function panelState(content: PanelContent): PanelState {
  const { subject, choice } = content;
  return {
    heading: subject.model ?? subject.registry.name,
    facts: [
      {
        label: l10n.t('Registry'),
        value: `${subject.registry.organization}/${subject.registry.slug}`,
      },
      { label: l10n.t('Address'), value: endpointText(subject.endpoint) },
      ...(subject.commit === undefined
        ? []
        : [{ label: l10n.t('Version'), value: subject.commit as string }]),
    ],
    client: {
      label: l10n.t('Client'),
      chosen: choice.client,
      options: CLIENT_IDS.map((id) => ({ id, label: client(id).label })),
    },
    shell: {
      label: l10n.t('Shell'),
      chosen: choice.shell,
      options: SHELL_IDS.map((id) => ({ id, label: shell(id).label })),
    },
    terminal: {
      button: l10n.t('Open Terminal'),
      explanation: l10n.t(
        'Opens a terminal that has your token, the address and HF_HUB_DISABLE_XET in its environment, so that the token stands in no command, history or clipboard. VS Code does not keep the terminal when the window is closed or reloaded.',
      ),
      inTerminal: {
        label: l10n.t('Commands for that terminal: without token and address'),
        checked: choice.variables === 'inTerminal',
      },
    },
    tabsLabel: l10n.t('What to do'),
    tab: content.tab,
    tabs: TAB_IDS.map((id) => panelTab(content, id)),
    saved: content.saved,
  };
}

function panelTab(content: PanelContent, id: TabId): PanelTab {
  return {
    id,
    label: tabLabel(id),
    fields: FIELDS[id].map((field) => panelField(content, id, field)),
    statements: statements(content, id),
    snippets: tabSnippets(content, id).map(({ id: name, title, text, explanation, copyLabel, copied }) => ({
      id: name,
      title,
      text,
      explanation,
      copy: { text: l10n.t('Copy'), label: copyLabel, done: copied },
    })),
    notes: id === 'publish' || id === 'install' ? commonNotes(content.choice) : [],
  };
}

function tabLabel(id: TabId): string {
  switch (id) {
    case 'publish':
      return l10n.t('Publish');
    case 'install':
      return l10n.t('Install');
    case 'code':
      return l10n.t('Use in code');
    case 'pipeline':
      return l10n.t('Pipeline');
  }
}

const FIELDS: Readonly<Record<TabId, readonly FieldId[]>> = {
  publish: ['model', 'folder', 'message', 'branch'],
  install: ['model', 'revision', 'into'],
  code: ['model', 'revision'],
  pipeline: ['model', 'folder', 'message', 'pipeline', 'buildBranch'],
};

function panelField({ inputs, subject }: PanelContent, tab: TabId, id: FieldId): PanelField {
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

function statements(content: PanelContent, tab: TabId): readonly PanelStatement[] {
  switch (tab) {
    case 'publish':
    case 'install':
      return installedStatements(content, tab);
    case 'code':
      return usesStatements(content.uses);
    case 'pipeline': {
      const { client: chosen } = content.choice;
      const used = pipelineClient(chosen);
      return used === chosen
        ? []
        : [
            {
              tone: 'warning',
              sentence: l10n.t('A pipeline cannot publish with {0}; here is {1}.', chosen, used),
            },
          ];
    }
  }
}

function installedStatements(
  { choice, installed }: PanelContent,
  action: ActionId,
): readonly PanelStatement[] {
  const { client: program } = choice;
  if ((program !== 'hf' && program !== 'huggingface-cli') || !can(program, action)) return [];
  switch (installed.kind) {
    case 'looking':
      return [{ tone: 'waiting', sentence: l10n.t('Looking for {0} on this machine…', program) }];
    case 'untrusted':
      return [
        {
          tone: 'warning',
          sentence: l10n.t(
            'This workspace is not trusted, so it was not looked whether {0} is installed here.',
            program,
          ),
        },
      ];
    case 'known': {
      const found = installed.clients.find((candidate) => candidate.program === program);
      const advice = found
        ? clientAdvice(program, found.version, action)
        : missingAdvice(program, installed.clients.length > 0);
      return [{ tone: TONES[advice.verdict], sentence: advice.sentence }];
    }
  }
}

const TONES: Readonly<Record<Advice['verdict'], PanelStatement['tone']>> = {
  works: 'good',
  'may fail': 'warning',
  cannot: 'bad',
};

function usesStatements(uses: UsesState): readonly PanelStatement[] {
  switch (uses.kind) {
    case 'none':
      return [
        {
          tone: 'waiting',
          sentence: l10n.t('Name a model above to see which libraries can load it.'),
        },
      ];
    case 'looking':
      return [{ tone: 'waiting', sentence: l10n.t('Looking at the files of the model…') }];
    case 'failed':
      return [{ tone: 'warning', sentence: uses.sentence }];
    case 'known':
      return uses.uses.length > 0
        ? []
        : [
            {
              tone: 'waiting',
              sentence: l10n.t(
                'Its files do not tell which library loads it: there is no config.json with a model type, no model_index.json and no GGUF file.',
              ),
            },
          ];
  }
}
