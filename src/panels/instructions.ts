import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import '@vscode-elements/elements/dist/vscode-tabs/index.js';
import { visibleText } from '../core/visibleText.ts';
import type {
  MessageToPanel,
  PanelState,
  PanelStatement,
  PanelTab,
} from '../editor/instructions/messages.ts';
import { element, icon, required } from './elements.ts';
import { fieldsAt, updateFields } from './instructions/fields.ts';
import { host } from './instructions/host.ts';
import { noticePlace, showNotice } from './instructions/notices.ts';
import { OptionsFold } from './instructions/options.ts';
import { replaceWhereOther } from './instructions/replacing.ts';
import { markCopied, snippetSection } from './instructions/snippets.ts';

/** An element of @vscode-elements, whose parts are inside. */
type LitElement = HTMLElement & { readonly updateComplete: Promise<unknown> };

const main = required(document.querySelector('main'));
const announcements = required(document.querySelector('[role="status"]'));
let shown: PanelState | undefined;
let options: OptionsFold | undefined;

window.addEventListener('message', ({ data }: MessageEvent<MessageToPanel>) => {
  switch (data.kind) {
    case 'state':
      show(data.state);
      break;
    case 'copied':
      announce(shown && markCopied(shown.tabs, data.snippet));
      break;
    case 'notice':
      showNotice(data.about, data.outcome, data.sentence);
      announce(data.sentence);
      break;
  }
});
host.postMessage({ kind: 'ready' });

/** What a person works with is built once, so that the focus stays where it is while the rest changes. */
function show(state: PanelState): void {
  shown = state;
  host.setState(state.saved);
  options ??= build(state);
  for (const tab of state.tabs) update(tab);
  options.update(state);
  main.removeAttribute('aria-busy');
}

function build(state: PanelState): OptionsFold {
  const fold = new OptionsFold(state);
  main.replaceChildren(
    element('h1', {}, state.heading),
    element('p', { class: 'place' }, state.place),
    tabs(state),
    fold.element,
  );
  return fold;
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
        fieldsAt('front', tab),
        element('div', { class: 'problems', role: 'status' }),
        element('div', { class: 'snippets' }),
        element('div', { class: 'statements', role: 'status' }),
        element('div', { class: 'offers' }),
      ),
    ]),
  ) as LitElement;
  void row.updateComplete.then(() => nameTabList(row, state.tabsLabel));
  row.addEventListener('vsc-tabs-select', (event) => {
    const { selectedIndex } = (event as CustomEvent<{ selectedIndex: number }>).detail;
    const tab = shown?.tabs[selectedIndex];
    if (!tab) return;
    options?.showTab(tab.id);
    host.postMessage({ kind: 'tab', tab: tab.id });
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

/** What cannot work is said before the commands, and anything else below them. */
function update(tab: PanelTab): void {
  const panel = required(main.querySelector(`[data-tab="${tab.id}"]`));
  const part = (name: string) => required(panel.querySelector(`.${name}`));
  const isProblem = ({ tone }: PanelStatement) => tone === 'bad' || tone === 'warning';
  updateFields(tab);
  replaceWhereOther(part('problems'), tab.statements.filter(isProblem), statement);
  replaceWhereOther(part('snippets'), tab.snippets, snippetSection);
  replaceWhereOther(
    part('statements'),
    tab.statements.filter((one) => !isProblem(one)),
    statement,
  );
  replaceWhereOther(part('offers'), tab.readToken ? [tab.readToken] : [], readTokenOffer);
}

function statement({ tone, sentence }: PanelStatement): HTMLElement {
  const icons = { good: 'pass', warning: 'warning', bad: 'error', waiting: 'info' };
  return element('p', { class: `statement ${tone}` }, icon(icons[tone]), element('span', {}, sentence));
}

function readTokenOffer({ button, explanation }: NonNullable<PanelTab['readToken']>): HTMLElement {
  const create = element('vscode-button', { icon: 'key', secondary: '' }, button);
  create.addEventListener('click', () => host.postMessage({ kind: 'createReadToken' }));
  return element(
    'div',
    { class: 'offer' },
    create,
    element('p', {}, explanation),
    noticePlace({ kind: 'readToken' }),
  );
}

/** @param sentence undefined for none. */
function announce(sentence: string | undefined): void {
  if (sentence === undefined) return;
  // Emptied first, so that the same sentence is announced again.
  announcements.textContent = '';
  requestAnimationFrame(() => {
    announcements.textContent = visibleText(sentence);
  });
}
