/**
 * Windows that nobody looks at are not painted, which spares a sixth of what the browser computes. Everything else is as in a painted one:
 * styles, layout, focus, and what is under the pointer.
 */
import type { Page } from 'playwright-core';

const ROOT_CLASS = 'is-painted';

/** For pages before they open: their window is not painted but for {@link painted}. */
export const UNPAINTED = `if (window === window.top) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':root:not(.${ROOT_CLASS}) body { opacity: 0 }');
  document.adoptedStyleSheets = [sheet];
}`;

/** How many look at a window now: several do where one failure follows another. */
const looking = new WeakMap<Page, number>();

/** Paints the window as long as it is looked at: by a camera, or by axe-core, which passes over what cannot be seen. */
export async function painted<T>(page: Page, look: () => Promise<T>): Promise<T> {
  const count = (change: 1 | -1) => {
    const now = (looking.get(page) ?? 0) + change;
    looking.set(page, now);
    return page.evaluate(`document.documentElement.classList.toggle('${ROOT_CLASS}', ${String(now > 0)})`);
  };
  await count(1);
  try {
    return await look();
  } finally {
    await count(-1);
  }
}
