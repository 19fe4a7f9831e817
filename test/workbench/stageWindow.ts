import { cp, mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { chromium, chromiumFlags } from '../setup/chromium.ts';
import { environmentWithHf } from '../setup/python.ts';
import { AMPLE } from '../setup/rateLimit.ts';
import { openStage } from '../setup/stage.ts';
import type { Stage, StageOptions } from '../setup/stage.ts';
import { UNPAINTED } from '../setup/unpainted.ts';
import { ANSWER_FOR_KEY } from '../setup/vscode.ts';
import { evidenceKept, keepEvidence, watch } from './evidence.ts';
import { preparedFolder, version } from './prepared.ts';
import { OWN_KEYBINDINGS, wantsPictures, Workbench } from './workbench.ts';

/** Milliseconds after which something that does not appear is missing; below mocha's patience, which says nothing of what was waited for. */
const patience = 30_000;

export interface StageWindow {
  readonly stage: Stage;
  readonly workbench: Workbench;
  /** A folder of this window's own. */
  readonly folder: string;
  /** Takes faults of the registry away, and closes whatever a test left open in the window. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

/** What a window has besides the extension. */
export type StageVariation = Pick<
  StageOptions,
  'environment' | 'extensions' | 'keybindings' | 'restricted' | 'rootHub' | 'settings'
>;

/** The Hugging Face cache of the shared window in that folder. */
export const hubCacheOf = (folder: string) => join(folder, 'huggingface', 'hub');

let browser: Promise<Browser> | undefined;
let shared: Promise<StageWindow> | undefined;

/** The one browser of this process, in which each window has a profile of its own. */
function theBrowser(): Promise<Browser> {
  browser ??= chromium().then((executablePath) =>
    playwright.launch({ executablePath, args: [...chromiumFlags] }),
  );
  return browser;
}

/** Mocha calls these around the tests of every file. */
export const mochaHooks = {
  afterEach: evidenceKept,
  async afterAll(): Promise<void> {
    // One that did not open has closed what it had, and failed the files that wanted it.
    await (await shared?.catch(() => undefined))?.close();
    await (await browser)?.close();
  },
};

/**
 * The one window of those files of this process that need nothing besides the extension and `hf`, for a window takes longer to open than
 * most tests take. A file finds it signed out and at rest, and whatever others have published; it is closed after the last.
 */
export async function sharedStageWindow(): Promise<StageWindow> {
  const isNew = shared === undefined;
  shared ??= openStageWindow(async (folder) => ({
    environment: {
      ...(await environmentWithHf('2.4.0')),
      HF_HUB_CACHE: hubCacheOf(folder),
      HF_HUB_DISABLE_SYMLINKS: '',
    },
  }));
  const window = await shared;
  if (!isNew) {
    await window.rest();
    await window.workbench.showContainer('Model Registries');
    await window.workbench.signOut();
  }
  return { ...window, close: evidenceKept };
}

/**
 * A person's window: fresh VS Code with the VSIX installed, fresh registry, fresh browser profile.
 *
 * @param prepare May put things into the window's folder before VS Code starts.
 */
export async function openStageWindow(
  prepare: (folder: string) => Promise<StageVariation> = () => Promise.resolve({}),
): Promise<StageWindow> {
  if (!existsSync(preparedFolder))
    throw new Error(`Nothing is prepared in ${preparedFolder}. Run: npm run test:workbench`);
  const folder = await mkdtemp(join(tmpdir(), 'model-registries-workbench-'));
  const closers: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  const close = async () => {
    await evidenceKept();
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  const launched = theBrowser();
  // Told where it is waited for.
  launched.catch(() => undefined);
  try {
    await cp(preparedFolder, folder, { recursive: true });
    const { keybindings = [], ...variation } = await prepare(folder);
    const stage = await openStage({
      folder,
      version,
      rateLimit: AMPLE,
      ...variation,
      keybindings: [...OWN_KEYBINDINGS, ...keybindings],
    });
    closers.push(() => stage.stop());
    const context = await (
      await launched
    ).newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
      reducedMotion: 'reduce',
    });
    closers.push(() => context.close());
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    await page.addInitScript(ANSWER_FOR_KEY);
    if (!wantsPictures() && !process.env.PAINT) await page.addInitScript(UNPAINTED);
    closers.push(watch({ page, folder, requests: stage.registry.requests }));
    const workbench = new Workbench(page);
    await workbench.open(stage.url);
    const rest = async () => {
      stage.registry.clearFaults();
      await workbench.rest();
    };
    return { stage, workbench, folder, rest, close };
  } catch (error) {
    keepEvidence('a window that did not open');
    await close();
    throw error;
  }
}
