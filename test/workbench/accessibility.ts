import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { FrameLocator } from 'playwright-core';

const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core objects to in a page: the rule, and the elements that break it. */
export async function accessibilityFaults(
  page: FrameLocator,
): Promise<readonly { readonly rule: string; readonly elements: readonly string[] }[]> {
  const body = await page.locator('body').elementHandle();
  const frame = await body?.ownerFrame();
  if (!frame) throw new Error('The page is gone.');
  await frame.evaluate(await readFile(axeSource, 'utf8'));
  const { violations } = await frame.evaluate<AxeResults>('axe.run()');
  return violations.map(({ id, nodes }) => ({ rule: id, elements: nodes.map(({ html }) => html) }));
}
