import * as l10n from '@vscode/l10n';
import { CLIENT_IDS, client } from '../../core/instructions/clients.ts';
import { shortName } from '../../core/objectIds.ts';
import { SHELL_IDS, shell } from '../../core/shells/shells.ts';
import { type Snippet, MODEL_PLACEHOLDER, commonNotes, snippet } from '../../core/instructions/snippets.ts';
import { publishSteps } from '../../core/instructions/fromHub.ts';
import { codeSnippets } from '../../core/instructions/useInCode.ts';
import { endpointText } from '../endpointText.ts';
import type { PanelContent, PanelSubject } from './content.ts';
import { FIELDS, panelField } from './fields.ts';
import {
  type PanelField,
  type PanelOptions,
  type PanelSnippet,
  type PanelState,
  type PanelTab,
  type TabId,
  TAB_IDS,
} from './messages.ts';
import { statements } from './statements.ts';
import { buildTargetOf, targetOf } from './targets.ts';

/** Digits of a commit that people name it by. */
const SHORT_SHA = 7;

/** The snippets of a tab, as they can be copied. */
export function tabSnippets(content: PanelContent, tab: TabId): readonly Snippet[] {
  const target = targetOf(content);
  const { choice, uses } = content;
  switch (tab) {
    case 'publish':
      return publishSteps(target, choice);
    case 'install':
      return [snippet(tab, target, choice)];
    case 'code':
      return codeSnippets(target, uses.kind === 'known' ? uses.uses : [], choice);
    case 'pipeline':
      return content.builds?.snippets(buildTargetOf(content), choice.client) ?? [];
  }
}

/**
 * Whether a snippet can be run in a terminal: shells run commands, and one with a gap in it is to be filled in first. A
 * program in Python is not run: which of a person's environments it is for, only they know.
 */
export function isRunnable({ language, text }: Pick<Snippet, 'language' | 'text'>): boolean {
  return language === 'shell' && text?.includes(MODEL_PLACEHOLDER) === false;
}

/** All that the panel shows. */
export function panelState(content: PanelContent): PanelState {
  const { subject } = content;
  const { commit } = subject;
  const tabs = TAB_IDS.filter((id) => id !== 'pipeline' || content.builds);
  const registry = registryName(subject);
  return {
    heading: subject.model ?? subject.registry.name,
    place:
      commit === undefined ? registry : l10n.t('{0} · version {1}', registry, shortName(commit, SHORT_SHA)),
    options: panelOptions(content),
    tabsLabel: l10n.t('What to do'),
    tab: tabs.includes(content.tab) ? content.tab : 'publish',
    tabs: tabs.map((id) => panelTab(content, id)),
    saved: content.saved,
  };
}

function panelOptions({ subject, choice, optionsOpen }: PanelContent): PanelOptions {
  return {
    label: l10n.t('Options'),
    chosen: chosenText(choice),
    open: optionsOpen,
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
        'Opens a terminal that has your token, the registry’s address and whatever else hf needs in its environment, so that the token is in no command, history or clipboard. “Run in Terminal” uses it, or opens one. VS Code does not bring it back after a reload.',
      ),
      inTerminal: {
        label: l10n.t('Commands for that terminal, without token and address'),
        checked: choice.variables === 'inTerminal',
      },
    },
    facts: [
      { label: l10n.t('Registry'), value: registryName(subject) },
      { label: l10n.t('Address'), value: endpointText(subject.endpoint) },
      ...(subject.commit === undefined
        ? []
        : [{ label: l10n.t('Commit in the registry'), value: subject.commit as string }]),
    ],
  };
}

/** Programs in Python are the same for every shell. */
function chosenText({ client: id, shell: shellId }: PanelContent['choice']): string {
  return id === 'python' ? 'Python' : `${id} · ${shell(shellId).label}`;
}

function registryName({ registry }: PanelSubject): string {
  return `${registry.organization}/${registry.slug}`;
}

function panelTab(content: PanelContent, id: TabId): PanelTab {
  const fields = FIELDS[id].map((field) => panelField(content, id, field));
  const snippets = tabSnippets(content, id);
  // What holds for all of them is told once.
  const common = id === 'publish' || id === 'install' ? commonNotes(id, content.choice) : [];
  return {
    id,
    label: tabLabel(id),
    fields,
    statements: statements(content, id),
    snippets: snippets.map((one, index) => panelSnippet(one, index === snippets.length - 1 ? common : [])),
    check: checkText(fields),
    readToken: id === 'install' && content.mayCreateReadToken ? readTokenOffer() : undefined,
  };
}

function checkText(fields: readonly PanelField[]): string | undefined {
  const faulty = fields.filter(({ place, problem }) => place === 'options' && problem !== undefined);
  return faulty.length > 0 ? l10n.t('Check: {0}', faulty.map(({ label }) => label).join(', ')) : undefined;
}

/** @param common Sentences that hold for others beside it, too. */
function panelSnippet(snippet: Snippet, common: readonly string[]): PanelSnippet {
  const { id, title, text, explanation, copyLabel, copied } = snippet;
  return {
    id,
    title,
    text,
    explanation: text === undefined ? explanation : [...explanation, ...common],
    notes: { text: l10n.t('Notes'), label: l10n.t('Notes: {0}', title) },
    copy: { text: l10n.t('Copy'), label: copyLabel, done: copied },
    run: isRunnable(snippet)
      ? { text: l10n.t('Run in Terminal'), label: l10n.t('Run in Terminal: {0}', title) }
      : undefined,
  };
}

function readTokenOffer(): PanelTab['readToken'] {
  return {
    button: l10n.t('Create a Read Token…'),
    explanation: l10n.t(
      'For a teammate or a machine that only installs: a token that reads this registry and does nothing else. It is copied once, and takes the place of yours as HF_TOKEN.',
    ),
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
