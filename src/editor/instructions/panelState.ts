import * as l10n from '@vscode/l10n';
import { CLIENT_IDS, client } from '../../core/instructions/clients.ts';
import { SHELL_IDS, shell } from '../../core/shells/shells.ts';
import { type Snippet, MODEL_PLACEHOLDER, commonNotes, snippet } from '../../core/instructions/snippets.ts';
import { publishSteps } from '../../core/instructions/fromHub.ts';
import { codeSnippets } from '../../core/instructions/useInCode.ts';
import { endpointText } from '../endpointText.ts';
import type { PanelContent } from './content.ts';
import { FIELDS, panelField } from './fields.ts';
import { type PanelSnippet, type PanelState, type PanelTab, type TabId, TAB_IDS } from './messages.ts';
import { statements } from './statements.ts';
import { buildTargetOf, targetOf } from './targets.ts';

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
  const { subject, choice } = content;
  const tabs = TAB_IDS.filter((id) => id !== 'pipeline' || content.builds);
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
        'Opens a terminal that has your token, the address and what else hf needs for this registry in its environment, so that the token stands in no command, history or clipboard. “Run in Terminal” uses it, or opens one. VS Code does not keep the terminal when the window is closed or reloaded.',
      ),
      inTerminal: {
        label: l10n.t('Commands for that terminal: without token and address'),
        checked: choice.variables === 'inTerminal',
      },
    },
    tabsLabel: l10n.t('What to do'),
    tab: tabs.includes(content.tab) ? content.tab : 'publish',
    tabs: tabs.map((id) => panelTab(content, id)),
    saved: content.saved,
  };
}

function panelTab(content: PanelContent, id: TabId): PanelTab {
  return {
    id,
    label: tabLabel(id),
    fields: FIELDS[id].map((field) => panelField(content, id, field)),
    statements: statements(content, id),
    snippets: tabSnippets(content, id).map(panelSnippet),
    readToken: id === 'install' && content.mayCreateReadToken ? readTokenOffer() : undefined,
    notes: id === 'publish' || id === 'install' ? commonNotes(id, content.choice) : [],
  };
}

function panelSnippet(snippet: Snippet): PanelSnippet {
  const { id, title, text, explanation, copyLabel, copied } = snippet;
  return {
    id,
    title,
    text,
    explanation,
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
      'For a colleague or a machine that only installs: a token that reads this registry and does nothing else. It is copied once, and takes the place of yours as HF_TOKEN.',
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
