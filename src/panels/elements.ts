import { visibleText } from '../core/visibleText.ts';

/** Attributes that a person reads or hears. */
const READ: readonly string[] = ['title', 'aria-label', 'label', 'placeholder'];

/** An element with those attributes and children; texts stay texts, and of strangers' texts everything is seen. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElement {
  const created = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    created.setAttribute(attribute, READ.includes(attribute) ? visibleText(value) : value);
  }
  created.append(...children.map((child) => (typeof child === 'string' ? visibleText(child) : child)));
  return created;
}

/** A button that looks like a link, or like a small button with an icon. */
export function button(
  label: string,
  attributes: Readonly<Record<string, string>>,
  onClick: () => void,
): HTMLElement {
  const created = element('button', { type: 'button', ...attributes }, label);
  created.addEventListener('click', onClick);
  return created;
}

/** @param name Of the codicon, without its prefix. */
export function iconButton(
  name: string,
  label: string,
  attributes: Readonly<Record<string, string>>,
  onClick: () => void,
): HTMLElement {
  const created = button('', { class: 'icon', title: label, 'aria-label': label, ...attributes }, onClick);
  created.append(icon(name));
  return created;
}

/** A codicon beside words, which say what it shows. @param name Without its prefix. */
export function icon(name: string): HTMLElement {
  return element('span', { class: `codicon codicon-${name}`, 'aria-hidden': 'true' });
}

export function required<T>(found: T | null): T {
  if (found === null) throw new Error('The page of the panel is not the one this script was written for.');
  return found;
}
