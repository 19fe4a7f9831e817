import type { Locator, Page } from 'playwright-core';
import { until } from '../setup/until.ts';

/** More than any way in a menu or list takes. */
const MOST_PRESSES = 60;

/**
 * Presses a key until the focus is where it was to go, each time once the focus has moved.
 *
 * @param focused What has the focus in that menu, list or bar.
 * @param wanted Is shown once the focus has come to it.
 */
export async function walkFocus(page: Page, key: string, focused: Locator, wanted: Locator): Promise<void> {
  const place = () =>
    focused.evaluateAll((all) => all.map(({ id, textContent }) => `${id} ${textContent}`).join());
  for (let presses = 0; !(await wanted.isVisible()); presses += 1) {
    if (presses === MOST_PRESSES) throw new Error(`${key} does not lead to ${String(wanted)}.`);
    const before = await place();
    await page.keyboard.press(key);
    await until(async () => (await place()) !== before, `${key} moves the focus on from “${before}”`);
  }
}
