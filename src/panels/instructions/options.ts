import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import type { PanelChoice, PanelOptions, PanelState, TabId } from '../../editor/instructions/messages.ts';
import { element, icon } from '../elements.ts';
import { fieldsAt } from './fields.ts';
import { host } from './host.ts';
import { noticePlace } from './notices.ts';
import { replaceWhereOther } from './replacing.ts';

type Select = HTMLElement & { value: string };
type Checkbox = HTMLElement & { checked: boolean };

/**
 * What commands can be changed by: client and shell, the fields that they can do without, and the terminal. It is folded
 * unless the person left it unfolded, and built once, so that the focus stays where it is while the rest changes.
 */
export class OptionsFold {
  readonly element: HTMLDetailsElement;
  readonly #chosen = element('span', { class: 'chosen' });
  readonly #check = element('span', { class: 'check' });
  readonly #choices = element('div', { class: 'choices' });
  /** undefined until they can be seen: they take their words from options that are laid out. */
  #selects: { readonly client: Select; readonly shell: Select } | undefined;
  readonly #inTerminal: Checkbox;
  readonly #fields: ReadonlyMap<TabId, HTMLElement>;
  #state: PanelState;
  /** As the host knows it. */
  #open: boolean;

  constructor(state: PanelState) {
    const { label, open, terminal, facts } = state.options;
    this.#state = state;
    this.#open = open;
    this.#inTerminal = element('vscode-checkbox', {
      id: 'in-terminal',
      label: terminal.inTerminal.label,
    }) as Checkbox;
    this.#inTerminal.addEventListener('change', () =>
      host.postMessage({ kind: 'variables', inTerminal: this.#inTerminal.checked }),
    );
    this.#fields = new Map(state.tabs.map((tab) => [tab.id, fieldsAt('options', tab)]));
    this.element = element(
      'details',
      { id: 'options', ...(open ? { open: '' } : {}) },
      element('summary', {}, element('span', { class: 'label' }, label), ' ', this.#chosen, ' ', this.#check),
      this.#choices,
      ...this.#fields.values(),
      terminalPart(terminal, this.#inTerminal),
      element(
        'dl',
        {},
        ...facts.flatMap((one) => [element('dt', {}, one.label), element('dd', {}, one.value)]),
      ),
    ) as HTMLDetailsElement;
    if (open) this.#makeSelects();
    this.element.addEventListener('toggle', () => this.#toggled());
  }

  /** Another panel may have changed client and shell. */
  update(state: PanelState): void {
    const { chosen, client, shell, terminal } = state.options;
    this.#state = state;
    if (this.#selects) {
      choose(this.#selects.client, client);
      choose(this.#selects.shell, shell);
    }
    this.#inTerminal.checked = terminal.inTerminal.checked;
    replaceWhereOther(this.#chosen, [chosen], (text) => element('span', {}, text));
    this.showTab(state.tab);
  }

  /** Of the fields only those of that tab, and whether one of them is to be looked at. */
  showTab(tab: TabId): void {
    for (const [id, fields] of this.#fields) fields.hidden = id !== tab;
    const check = this.#state.tabs.find(({ id }) => id === tab)?.check;
    replaceWhereOther(this.#check, check === undefined ? [] : [check], (text) =>
      element('span', {}, icon('error'), text),
    );
  }

  #makeSelects(): void {
    const { client, shell } = this.#state.options;
    const onChange = () => this.#chose();
    const selects = { client: select('client', client, onChange), shell: select('shell', shell, onChange) };
    this.#selects = selects;
    this.#choices.replaceChildren(choice(client, selects.client), choice(shell, selects.shell));
  }

  #chose(): void {
    const { client, shell } = this.#state.options;
    if (!this.#selects) return;
    host.postMessage({
      kind: 'choose',
      client: chosenOf(this.#selects.client, client),
      shell: chosenOf(this.#selects.shell, shell),
    });
  }

  #toggled(): void {
    if (this.element.open === this.#open) return;
    this.#open = this.element.open;
    if (this.#open && !this.#selects) this.#makeSelects();
    host.postMessage({ kind: 'options', open: this.#open });
  }
}

function select(id: string, { label, chosen, options }: PanelChoice<string>, onChange: () => void): Select {
  const made = element(
    'vscode-single-select',
    { id, label },
    ...options.map((option) =>
      element(
        'vscode-option',
        { value: option.id, ...(option.id === chosen ? { selected: '' } : {}) },
        option.label,
      ),
    ),
  );
  made.addEventListener('change', onChange);
  return made as Select;
}

function choose(made: Select, { chosen }: PanelChoice<string>): void {
  if (made.value !== chosen) made.value = chosen;
}

function choice({ label }: PanelChoice<string>, made: Select): HTMLElement {
  return element('div', { class: 'choice' }, element('span', { 'aria-hidden': 'true' }, label), made);
}

function chosenOf<Id extends string>({ value }: Select, { chosen, options }: PanelChoice<Id>): Id {
  return options.find(({ id }) => id === value)?.id ?? chosen;
}

function terminalPart({ button, explanation }: PanelOptions['terminal'], inTerminal: Checkbox): HTMLElement {
  const open = element('vscode-button', { id: 'open-terminal', icon: 'terminal', secondary: '' }, button);
  open.addEventListener('click', () => host.postMessage({ kind: 'openTerminal' }));
  return element(
    'div',
    { class: 'terminal' },
    element('div', { class: 'actions' }, open, inTerminal),
    element('p', {}, explanation),
    noticePlace({ kind: 'terminal' }),
  );
}
