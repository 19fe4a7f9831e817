import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium as playwright } from 'playwright-core';
import { chromium, chromiumFlags } from '../setup/chromium.ts';
import { openStage } from '../setup/stage.ts';
import type { Stage, StageOptions } from '../setup/stage.ts';
import { vscodeVersions } from '../setup/vscode.ts';
import type { VscodeVersion } from '../setup/vscode.ts';
import { Workbench } from './workbench.ts';

/** The file that people install; test/workbench/run.ts packages it. */
export const vsix = fileURLToPath(new URL('../../dist/model-registries.vsix', import.meta.url));

/** Milliseconds after which something that does not appear is missing. */
const patience = 60_000;

export interface StageWindow {
  readonly stage: Stage;
  readonly workbench: Workbench;
  /** A folder of this window's own. */
  readonly folder: string;
  close(): Promise<void>;
}

/** What a window has besides the extension. */
export type StageVariation = Pick<StageOptions, 'environment' | 'extensions' | 'restricted' | 'settings'>;

/**
 * A person's window: fresh VS Code with the VSIX installed, fresh registry, fresh browser profile.
 *
 * @param prepare May put things into the window's folder before VS Code starts.
 */
export async function openStageWindow(
  prepare: (folder: string) => Promise<StageVariation> = () => Promise.resolve({}),
): Promise<StageWindow> {
  const folder = await mkdtemp(join(tmpdir(), 'model-registries-workbench-'));
  const closers: (() => Promise<unknown>)[] = [
    () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  ];
  const close = async () => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    const version = (process.env.MODEL_REGISTRIES_TEST_VSCODE ?? vscodeVersions[0]) as VscodeVersion;
    const stage = await openStage({ folder, vsix, version, ...(await prepare(folder)) });
    closers.push(() => stage.stop());
    const browser = await playwright.launch({ executablePath: await chromium(), args: [...chromiumFlags] });
    closers.push(() => browser.close());
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(patience);
    const workbench = new Workbench(await context.newPage());
    await workbench.open(stage.url);
    return { stage, workbench, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}
