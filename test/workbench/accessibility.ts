import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { FrameLocator, Locator } from 'playwright-core';
import { painted } from '../setup/unpainted.ts';

const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** In the page, once its source ran there. */
declare const axe: { run(part?: unknown, options?: RunOptions): Promise<AxeResults> };

/** A rule of axe-core, and the elements that break it. */
export interface AccessibilityFault {
  readonly rule: string;
  readonly elements: readonly string[];
}

/** What axe-core objects to in a page. */
export function accessibilityFaults(page: FrameLocator): Promise<readonly AccessibilityFault[]> {
  return faults(page.locator('body'), () => axe.run());
}

/** What axe-core objects to in the colours of a page, all that differs between themes. */
export function colourFaults(page: FrameLocator): Promise<readonly AccessibilityFault[]> {
  return faults(page.locator('body'), () => axe.run({ runOnly: ['color-contrast'] }));
}

/**
 * What axe-core objects to in rows of a view. Not that a row's name differs from its text: VS Code has no space between label and
 * description in the page, and one in the name.
 */
export function accessibilityFaultsIn(view: Locator): Promise<readonly AccessibilityFault[]> {
  return faults(view, (element) =>
    axe.run(element, { rules: { 'label-content-name-mismatch': { enabled: false } } }),
  );
}

/**
 * What axe-core objects to in a picker or a question. Not what VS Code does by itself: how it marks rows, shortcuts and icons for assistive
 * technology, and how it dims the second line of a row.
 */
export function accessibilityFaultsInPrompt(box: Locator): Promise<readonly AccessibilityFault[]> {
  return faults(box, (element) =>
    axe.run(
      { include: [element], exclude: ['.quick-input-list-label-meta'] },
      {
        rules: {
          'aria-allowed-attr': { enabled: false },
          'aria-prohibited-attr': { enabled: false },
          'label-content-name-mismatch': { enabled: false },
        },
      },
    ),
  );
}

/** The same in its colours. */
export function colourFaultsInPrompt(box: Locator): Promise<readonly AccessibilityFault[]> {
  return faults(box, (element) =>
    axe.run(
      { include: [element], exclude: ['.quick-input-list-label-meta'] },
      { runOnly: ['color-contrast'] },
    ),
  );
}

/** What axe-core objects to in the colours of a view. */
export function colourFaultsIn(view: Locator): Promise<readonly AccessibilityFault[]> {
  return faults(view, (element) => axe.run(element, { runOnly: ['color-contrast'] }));
}

async function faults(
  part: Locator,
  run: (element: unknown) => Promise<AxeResults>,
): Promise<readonly AccessibilityFault[]> {
  const element = await part.elementHandle();
  const frame = await element.ownerFrame();
  if (!frame) throw new Error('The page is gone.');
  await frame.evaluate(await readFile(axeSource, 'utf8'));
  const { violations } = await painted(part.page(), () => element.evaluate(run));
  return violations.map(({ id, nodes }) => ({ rule: id, elements: nodes.map(({ html }) => html) }));
}
