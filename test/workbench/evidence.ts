/** What explains a failure: how every open window looked, what it logged, and what it asked the registry for. */
import { subscribe } from 'node:diagnostics_channel';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { RecordedRequest } from '../registry/registry.ts';
import { evidenceFolder, requestLines } from '../setup/evidence.ts';
import { projectFolder } from '../setup/project.ts';
import { FAILED_TEST } from '../setup/resultsReporter.ts';
import type { FailedTest } from '../setup/resultsReporter.ts';
import { painted } from '../setup/unpainted.ts';

const evidence = join(projectFolder, '.test-output', 'evidence', 'workbench');

/** A window to be looked at when a test fails. */
export interface Witness {
  readonly page: Page;
  /** The stage's folder. */
  readonly folder: string;
  readonly requests: readonly RecordedRequest[];
}

const witnesses = new Set<Witness & { readonly said: readonly string[] }>();
const underWay = new Set<Promise<void>>();

/** Looks at a window from now on; the returned function looks away. */
export function watch(witness: Witness): () => void {
  const said: string[] = [];
  const { page } = witness;
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`thrown: ${error.stack ?? error.message}`));
  page.on('crash', () => said.push('The page crashed.'));
  const watched = { ...witness, said };
  witnesses.add(watched);
  return () => witnesses.delete(watched);
}

// At once, before a hook that follows can change the windows.
subscribe(FAILED_TEST, (failed) => keepEvidence((failed as FailedTest).name));

/** Begins to keep evidence of what has just failed; {@link evidenceKept} waits for it. */
export function keepEvidence(title: string): void {
  const folder = evidenceFolder(evidence, title);
  const keeping = Promise.all(
    [...witnesses].map((witness, index) =>
      keep(witness, join(folder, index === 0 ? '' : `window-${index + 1}`)),
    ),
  ).then(
    () => undefined,
    (error: unknown) => console.error(`The evidence of “${title}” is not complete:`, error),
  );
  underWay.add(keeping);
  void keeping.finally(() => underWay.delete(keeping));
}

/** Resolves once all evidence is kept that was begun to be. */
export async function evidenceKept(): Promise<void> {
  await Promise.all(underWay);
}

async function keep(
  { page, folder: stage, requests, said }: Witness & { readonly said: readonly string[] },
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    painted(page, () => page.screenshot({ path: join(folder, 'window.png'), timeout: 10_000 })),
    writeFile(join(folder, 'console.log'), lines(said)),
    writeFile(join(folder, 'registry.log'), requestLines(requests)),
    cp(join(stage, 'data', 'data', 'logs'), join(folder, 'logs'), { recursive: true }),
  ]);
}

const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join('');
