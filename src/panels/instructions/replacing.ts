/** What each part of the page was made from. */
const made = new WeakMap<Element, string>();

/** What is the same stays, with the focus in it, and is not announced again. */
export function replaceWhereOther<T>(
  parent: Element,
  parts: readonly T[],
  make: (part: T) => HTMLElement,
): void {
  const text = JSON.stringify(parts);
  if (made.get(parent) === text) return;
  made.set(parent, text);
  parent.replaceChildren(...parts.map(make));
}
