import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import '@vscode-elements/elements/dist/vscode-tabs/index.js';
import '@vscode-elements/elements/dist/vscode-textarea/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { visibleText } from '../core/visibleText.ts';
import type {
  MessageFromPanel,
  MessageToPanel,
  PanelChoice,
  PanelField,
  PanelSnippet,
  PanelState,
  PanelStatement,
  PanelTab,
} from '../editor/instructions/messages.ts';
import { element, required } from './elements.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: MessageFromPanel): void;
  setState(state: unknown): void;
};

/** An element of @vscode-elements, whose parts are inside. */
type LitElement = HTMLElement & { readonly updateComplete: Promise<unknown> };

/** An input of @vscode-elements: its label is a property, and what assistive technology sees is inside. */
type TextElement = LitElement & {
  value: string;
  label: string;
  invalid: boolean;
  readonly wrappedElement: HTMLElement;
};

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
    case 'notice':
      tell(data.outcome, data.sentence);
      break;
  }
});
host.postMessage({ kind: 'ready' });

/** What a person works with is built once, so that the focus stays where it is while the rest changes. */
function show(state: PanelState): void {
  const first = shown === undefined;
  shown = state;
  host.setState(state.saved);
  if (first) build(state);
  // Another panel may have changed them.
  choose('client', state.client);
  choose('shell', state.shell);
  checkbox().checked = state.terminal.inTerminal.checked;
  for (const tab of state.tabs) update(tab);
  main.removeAttribute('aria-busy');
}

function build(state: PanelState): void {
  main.replaceChildren(
    element('h1', {}, state.heading),
    element(
      'dl',
      {},
      ...state.facts.flatMap(({ label, value }) => [element('dt', {}, label), element('dd', {}, value)]),
    ),
    element('div', { class: 'choices' }, choice('client', state.client), choice('shell', state.shell)),
    terminal(state),
    tabs(state),
  );
}

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

function choose(name: 'client' | 'shell', { chosen }: PanelChoice<string>): void {
  const select = selectOf(name);
  if (select.value !== chosen) select.value = chosen;
}

function chosenOf<Id extends string>(name: string, { chosen, options }: PanelChoice<Id>): Id {
  const { value } = selectOf(name);
  return options.find(({ id }) => id === value)?.id ?? chosen;
}

function selectOf(name: string): HTMLElement & { value: string } {
  return required(document.querySelector<HTMLElement & { value: string }>(`#${name}`));
}

function terminal({ terminal: { button, explanation, inTerminal } }: PanelState): HTMLElement {
  const open = element('vscode-button', { id: 'open-terminal', icon: 'terminal', secondary: '' }, button);
  open.addEventListener('click', () => host.postMessage({ kind: 'openTerminal' }));
  const box = element('vscode-checkbox', { id: 'in-terminal', label: inTerminal.label });
  box.addEventListener('change', () =>
    host.postMessage({ kind: 'variables', inTerminal: checkbox().checked }),
  );
  return element(
    'div',
    { class: 'terminal' },
    element('div', { class: 'actions' }, open, box),
    element('p', {}, explanation),
    element('p', { class: 'notice', hidden: '' }),
  );
}

function checkbox(): HTMLElement & { checked: boolean } {
  return required(document.querySelector<HTMLElement & { checked: boolean }>('#in-terminal'));
}

function tabs(state: PanelState): HTMLElement {
  const row = element(
    'vscode-tabs',
    { 'selected-index': String(state.tabs.findIndex(({ id }) => id === state.tab)) },
    ...state.tabs.flatMap((tab) => [
      element('vscode-tab-header', { slot: 'header' }, tab.label),
      element(
        'vscode-tab-panel',
        { 'data-tab': tab.id },
        element('div', { class: 'fields' }, ...tab.fields.map((one) => field(tab, one))),
        element('div', { class: 'statements', role: 'status' }),
        element('div', { class: 'snippets' }),
        element('div', { class: 'offers' }),
        element('ul', { class: 'notes' }),
      ),
    ]),
  ) as LitElement;
  void row.updateComplete.then(() => nameTabList(row, state.tabsLabel));
  row.addEventListener('vsc-tabs-select', (event) => {
    const { selectedIndex } = (event as CustomEvent<{ selectedIndex: number }>).detail;
    const tab = shown?.tabs[selectedIndex];
    if (tab) host.postMessage({ kind: 'tab', tab: tab.id });
  });
  return row;
}

/** The list of tabs is inside the element, where neither attributes nor style sheets of the page reach. */
function nameTabList({ shadowRoot }: LitElement, label: string): void {
  const list = required(shadowRoot?.querySelector<HTMLElement>('.tablist') ?? null);
  list.setAttribute('aria-label', label);
  list.style.flexWrap = 'wrap';
  // It would be a second list, without a name, in the first.
  list.querySelector('slot')?.setAttribute('role', 'presentation');
}

function field(tab: PanelTab, { id, label, placeholder, lines, browse }: PanelField): HTMLElement {
  const input = element(lines === 'one' ? 'vscode-textfield' : 'vscode-textarea', {
    id: inputId(tab, id),
    placeholder,
    ...(lines === 'one' ? {} : { rows: '2', resize: 'vertical' }),
  }) as TextElement;
  input.label = label;
  input.addEventListener('input', () => host.postMessage({ kind: 'edit', field: id, value: input.value }));
  const button = browse === undefined ? [] : [element('vscode-button', { secondary: '' }, browse)];
  button[0]?.addEventListener('click', () => host.postMessage({ kind: 'chooseFolder' }));
  return element(
    'div',
    { class: 'field' },
    element('span', { 'aria-hidden': 'true' }, label),
    element('div', { class: 'input' }, input, ...button),
    element('p', { class: 'problem', role: 'status' }),
  );
}

function inputId(tab: PanelTab, id: PanelField['id']): string {
  return `${tab.id}-${id}`;
}

function update(tab: PanelTab): void {
  const panel = required(main.querySelector(`[data-tab="${tab.id}"]`));
  for (const one of tab.fields) updateField(tab, one);
  replaceWhereOther(required(panel.querySelector('.statements')), tab.statements, statement);
  replaceWhereOther(required(panel.querySelector('.snippets')), tab.snippets, section);
  const offers = tab.readToken ? [tab.readToken] : [];
  replaceWhereOther(required(panel.querySelector('.offers')), offers, readTokenOffer);
  replaceWhereOther(required(panel.querySelector('.notes')), tab.notes, note);
}

/** What each part of the page was made from. */
const made = new WeakMap<Element, string>();

/** What is the same stays, with the focus in it, and is not announced again. */
function replaceWhereOther<T>(parent: Element, parts: readonly T[], make: (part: T) => HTMLElement): void {
  const text = JSON.stringify(parts);
  if (made.get(parent) === text) return;
  made.set(parent, text);
  parent.replaceChildren(...parts.map(make));
}

function updateField(tab: PanelTab, { id, value, placeholder, problem }: PanelField): void {
  const input = required(document.querySelector<TextElement>(`#${inputId(tab, id)}`));
  input.setAttribute('placeholder', visibleText(placeholder));
  // What is being typed is newer than what the host knows of it.
  if (document.activeElement !== input && input.value !== value) input.value = value;
  input.invalid = problem !== undefined;
  replaceWhereOther(
    required(input.closest('.field')?.querySelector('.problem') ?? null),
    problem === undefined ? [] : [problem],
    (sentence) => element('span', {}, icon('error'), sentence),
  );
  void input.updateComplete.then(() => {
    const { wrappedElement } = input;
    wrappedElement.setAttribute('aria-invalid', String(problem !== undefined));
    // The sentence stands outside the element, where aria-describedby does not reach.
    wrappedElement.setAttribute('aria-description', problem ?? '');
  });
}

function statement({ tone, sentence }: PanelStatement): HTMLElement {
  const icons = { good: 'pass', warning: 'warning', bad: 'error', waiting: 'info' };
  return element('p', { class: `statement ${tone}` }, icon(icons[tone]), element('span', {}, sentence));
}

function section(snippet: PanelSnippet): HTMLElement {
  const heading = element('h2', { id: `title-${snippet.id}` }, snippet.title);
  const notes = element('ul', {}, ...snippet.explanation.map(note));
  if (snippet.text === undefined) return element('section', {}, heading, notes);
  const button = element(
    'vscode-button',
    { class: 'copy', icon: 'copy', 'aria-label': snippet.copy.label, 'data-snippet': snippet.id },
    snippet.copy.text,
  );
  button.addEventListener('click', () => host.postMessage({ kind: 'copy', snippet: snippet.id }));
  return element(
    'section',
    {},
    element(
      'div',
      { class: 'title' },
      heading,
      element('div', { class: 'actions' }, ...run(snippet), button),
    ),
    // A scrolling region is reachable by keyboard only when it can have the focus.
    element(
      'pre',
      { tabindex: '0', role: 'region', 'aria-labelledby': heading.id },
      element('code', {}, snippet.text),
    ),
    notes,
  );
}

function run({ id, run: offered }: PanelSnippet): readonly HTMLElement[] {
  if (!offered) return [];
  const { text, label } = offered;
  const button = element(
    'vscode-button',
    { class: 'run', icon: 'play', secondary: '', 'aria-label': label },
    text,
  );
  button.addEventListener('click', () => host.postMessage({ kind: 'run', snippet: id }));
  return [button];
}

function readTokenOffer({ button, explanation }: NonNullable<PanelTab['readToken']>): HTMLElement {
  const create = element('vscode-button', { icon: 'key', secondary: '' }, button);
  create.addEventListener('click', () => host.postMessage({ kind: 'createReadToken' }));
  return element('div', { class: 'offer' }, create, element('p', {}, explanation));
}

function icon(name: string): HTMLElement {
  return element('span', { class: `codicon codicon-${name}`, 'aria-hidden': 'true' });
}

function note(sentence: string): HTMLElement {
  return element('li', {}, sentence);
}

function announceCopy(id: string): void {
  const snippet = shown?.tabs.flatMap(({ snippets }) => snippets).find((candidate) => candidate.id === id);
  if (!snippet) return;
  announce(snippet.copy.done);
  const button = main.querySelector(`[data-snippet="${CSS.escape(id)}"]`);
  button?.setAttribute('icon', 'check');
  setTimeout(() => button?.setAttribute('icon', 'copy'), COPIED_MS);
}

function tell(outcome: 'done' | 'failed', sentence: string): void {
  const place = required(main.querySelector('.notice'));
  place.replaceChildren(icon(outcome === 'done' ? 'pass' : 'error'), element('span', {}, sentence));
  place.className = `notice ${outcome}`;
  place.removeAttribute('hidden');
  announce(sentence);
}

function announce(sentence: string): void {
  // Emptied first, so that the same sentence is announced again.
  announcements.textContent = '';
  requestAnimationFrame(() => {
    announcements.textContent = visibleText(sentence);
  });
}
