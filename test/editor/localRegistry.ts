import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry } from '../registry/startRegistry.ts';
import type { RunningRegistry } from '../registry/registry.ts';
import { AMPLE } from '../setup/rateLimit.ts';

let running: RunningRegistry | undefined;

/** The registry that all suites of this run share: seeded, reachable over loopback, faults and requests at hand. */
export function localRegistry(): RunningRegistry {
  if (running === undefined) throw new Error('The local registry runs only while the suites do.');
  return running;
}

/** Runs `task` while {@link localRegistry} listens. */
export async function withLocalRegistry<T>(task: () => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'model-registries-editor-'));
  try {
    running = await startRegistry({ dataDir, seed: true, rateLimit: AMPLE });
    return await task();
  } finally {
    await running?.stop();
    running = undefined;
    await rm(dataDir, { recursive: true, force: true });
  }
}
