import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import type {
  MessageFromPanel,
  MessageToPanel,
  PanelChoice,
  PanelSnippet,
  PanelState,
} from '../editor/instructions/messages.ts';

declare function acquireVsCodeApi(): { postMessage(message: MessageFromPanel): void };

/** How long a button says that it has copied, in milliseconds. */
const COPIED_MS = 2000;

const host = acquireVsCodeApi();
const main = required(document.querySelector('main'));
const announcements = required(document.querySelector('[role="status"]'));
let shown: PanelState | undefined;

window.addEventListener('message', ({ data }: MessageEvent<MessageToPanel>) => {
  switch (data.kind) {
    case 'state':
      show(data.state);
      break;
    case 'copied':
      announceCopy(data.snippet);
      break;
  }
});
host.postMessage({ kind: 'ready' });

function show(state: PanelState): void {
  const first = shown === undefined;
  shown = state;
  if (first) {
    main.replaceChildren(
      element('h1', {}, state.heading),
      element(
        'dl',
        {},
        ...state.facts.flatMap(({ label, value }) => [element('dt', {}, label), element('dd', {}, value)]),
      ),
      element('div', { class: 'choices' }, choice('client', state.client), choice('shell', state.shell)),
      element('ul', { class: 'notes' }),
      element('div', { class: 'snippets' }),
    );
  }
  required(main.querySelector('.notes')).replaceChildren(...state.notes.map(note));
  required(main.querySelector('.snippets')).replaceChildren(...state.snippets.map(section));
  main.removeAttribute('aria-busy');
}

/** Built once, so that the focus stays on it while the commands below change. */
function choice(name: 'client' | 'shell', { label, chosen, options }: PanelChoice<string>): HTMLElement {
  const select = element(
    'vscode-single-select',
    { id: name, label },
    ...options.map((option) =>
      element(
        'vscode-option',
        { value: option.id, ...(option.id === chosen ? { selected: '' } : {}) },
        option.label,
      ),
    ),
  );
  select.addEventListener('change', () => {
    if (!shown) return;
    host.postMessage({
      kind: 'choose',
      client: chosenOf('client', shown.client),
      shell: chosenOf('shell', shown.shell),
    });
  });
  return element('div', { class: 'choice' }, element('span', { 'aria-hidden': 'true' }, label), select);
}

function chosenOf<Id extends string>(name: string, { chosen, options }: PanelChoice<Id>): Id {
  const { value } = required(document.querySelector<HTMLElement & { value: string }>(`#${name}`));
  return options.find(({ id }) => id === value)?.id ?? chosen;
}

function section(snippet: PanelSnippet): HTMLElement {
  const heading = element('h2', { id: `title-${snippet.id}` }, snippet.title);
  const notes = element('ul', {}, ...snippet.explanation.map(note));
  if (snippet.command === undefined) return element('section', {}, heading, notes);
  const button = element(
    'vscode-button',
    { class: 'copy', icon: 'copy', 'aria-label': snippet.copy.label, 'data-snippet': snippet.id },
    snippet.copy.text,
  );
  button.addEventListener('click', () => host.postMessage({ kind: 'copy', snippet: snippet.id }));
  return element(
    'section',
    {},
    element('div', { class: 'title' }, heading, button),
    // A scrolling region is reachable by keyboard only when it can have the focus.
    element(
      'pre',
      { tabindex: '0', role: 'region', 'aria-labelledby': heading.id },
      element('code', {}, snippet.command),
    ),
    notes,
  );
}

function note(sentence: string): HTMLElement {
  return element('li', {}, sentence);
}

function announceCopy(id: string): void {
  const snippet = shown?.snippets.find((candidate) => candidate.id === id);
  if (!snippet) return;
  // Emptied first, so that a second copy of the same command is announced too.
  announcements.textContent = '';
  requestAnimationFrame(() => {
    announcements.textContent = snippet.copy.done;
  });
  const button = main.querySelector(`[data-snippet="${CSS.escape(id)}"]`);
  button?.setAttribute('icon', 'check');
  setTimeout(() => button?.setAttribute('icon', 'copy'), COPIED_MS);
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElement {
  const created = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) created.setAttribute(attribute, value);
  created.append(...children);
  return created;
}

function required<T>(found: T | null): T {
  if (found === null) throw new Error('The page of the panel is not the one this script was written for.');
  return found;
}
