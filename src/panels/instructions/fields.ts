import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-textarea/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { visibleText } from '../../core/visibleText.ts';
import type { PanelField, PanelTab } from '../../editor/instructions/messages.ts';
import { element, icon, required } from '../elements.ts';
import { host } from './host.ts';
import { replaceWhereOther } from './replacing.ts';

/** An input of @vscode-elements: its label is a property, and what assistive technology sees is inside. */
type TextElement = HTMLElement & {
  readonly updateComplete: Promise<unknown>;
  value: string;
  label: string;
  invalid: boolean;
  readonly wrappedElement: HTMLElement;
};

/** The fields of a tab that stand in that place. They are built once, so that the focus stays where it is. */
export function fieldsAt(place: PanelField['place'], tab: PanelTab): HTMLElement {
  return element(
    'div',
    { class: 'fields', 'data-fields': tab.id },
    ...tab.fields.filter((one) => one.place === place).map((one) => field(tab, one)),
  );
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

export function updateFields(tab: PanelTab): void {
  for (const one of tab.fields) updateField(tab, one);
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
