import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { FrameLocator, Locator } from 'playwright-core';

const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** In the page, once its source ran there. */
declare const axe: { run(part?: unknown): Promise<AxeResults> };

/** A rule of axe-core, and the elements that break it. */
export interface AccessibilityFault {
  readonly rule: string;
  readonly elements: readonly string[];
}

/** What axe-core objects to in a page. */
export function accessibilityFaults(page: FrameLocator): Promise<readonly AccessibilityFault[]> {
  return faults(page.locator('body'), () => axe.run());
}

/** What axe-core objects to in a part of a page, whatever surrounds it. */
export function accessibilityFaultsIn(part: Locator): Promise<readonly AccessibilityFault[]> {
  return faults(part, (element) => axe.run(element));
}

async function faults(
  part: Locator,
  run: (element: unknown) => Promise<AxeResults>,
): Promise<readonly AccessibilityFault[]> {
  const element = await part.elementHandle();
  const frame = await element.ownerFrame();
  if (!frame) throw new Error('The page is gone.');
  await frame.evaluate(await readFile(axeSource, 'utf8'));
  const { violations } = await element.evaluate(run);
  return violations.map(({ id, nodes }) => ({ rule: id, elements: nodes.map(({ html }) => html) }));
}
