import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { PanelSnippet, PanelTab } from '../../editor/instructions/messages.ts';
import { element, required } from '../elements.ts';
import { host } from './host.ts';
import { noticePlace } from './notices.ts';

/** How long a button says that it has copied, in milliseconds. */
const COPIED_MS = 2000;

/** The snippets whose notes a person has unfolded: they stay so when a snippet is written anew. */
const unfolded = new Set<string>();

/** A snippet: what to copy and the buttons for it first, and what there is to know of it folded below. */
export function snippetSection(snippet: PanelSnippet): HTMLElement {
  const heading = element('h2', {}, snippet.title);
  if (snippet.text === undefined) return element('section', {}, heading, sentences(snippet.explanation));
  return element(
    'section',
    {},
    element(
      'div',
      { class: 'title' },
      heading,
      element('div', { class: 'actions' }, copyButton(snippet), ...runButton(snippet)),
    ),
    element('pre', {}, element('code', {}, snippet.text)),
    noticePlace({ kind: 'snippet', id: snippet.id }),
    ...notes(snippet),
  );
}

function copyButton({ id, copy }: PanelSnippet): HTMLElement {
  const button = element(
    'vscode-button',
    { class: 'copy', icon: 'copy', 'aria-label': copy.label, 'data-snippet': id },
    copy.text,
  );
  button.addEventListener('click', () => host.postMessage({ kind: 'copy', snippet: id }));
  return button;
}

function runButton({ id, run }: PanelSnippet): readonly HTMLElement[] {
  if (!run) return [];
  const button = element(
    'vscode-button',
    { class: 'run', icon: 'play', secondary: '', 'aria-label': run.label },
    run.text,
  );
  button.addEventListener('click', () => host.postMessage({ kind: 'run', snippet: id }));
  return [button];
}

function notes({ id, explanation, notes: { text, label } }: PanelSnippet): readonly HTMLElement[] {
  if (explanation.length === 0) return [];
  const details = element(
    'details',
    { class: 'notes', ...(unfolded.has(id) ? { open: '' } : {}) },
    element('summary', { 'aria-label': label }, text),
    sentences(explanation),
  ) as HTMLDetailsElement;
  details.addEventListener('toggle', () => {
    if (details.open) unfolded.add(id);
    else unfolded.delete(id);
  });
  return [details];
}

function sentences(list: readonly string[]): HTMLElement {
  return element('ul', {}, ...list.map((sentence) => element('li', {}, sentence)));
}

/** Shows for a while at its button that a snippet was copied, and gives what is said of it. */
export function markCopied(tabs: readonly PanelTab[], id: string): string | undefined {
  const snippet = tabs.flatMap((tab) => tab.snippets).find((candidate) => candidate.id === id);
  if (!snippet) return undefined;
  const button = required(document.querySelector('main')).querySelector(`[data-snippet="${CSS.escape(id)}"]`);
  button?.setAttribute('icon', 'check');
  setTimeout(() => button?.setAttribute('icon', 'copy'), COPIED_MS);
  return snippet.copy.done;
}
