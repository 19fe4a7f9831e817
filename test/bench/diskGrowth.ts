import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 100;
/** What `stat` counts blocks in. */
const STAT_BLOCK = 512;

/**
 * Watches what a folder takes on the disk while `work` goes on.
 *
 * @returns Beside what `work` gave, the most it has taken beyond what it took before, in bytes.
 */
export async function watchGrowth<T>(
  folder: string,
  work: () => Promise<T>,
): Promise<readonly [result: T, grownBytes: number]> {
  const before = await bytesOnDisk(folder);
  const working = new AbortController();
  let most = 0;
  const look = async (): Promise<void> => {
    most = Math.max(most, (await bytesOnDisk(folder)) - before);
  };
  const watching = (async () => {
    while (!working.signal.aborted) {
      await look();
      await delay(EVERY_MS, undefined, { signal: working.signal }).catch(() => undefined);
    }
  })();
  try {
    const result = await work();
    await look();
    return [result, most];
  } finally {
    working.abort();
    await watching;
  }
}

/** Files come and go meanwhile: what is gone takes nothing. */
async function bytesOnDisk(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (path) => {
      const stats = await lstat(join(folder, path)).catch(() => undefined);
      return (stats?.blocks ?? 0) * STAT_BLOCK;
    }),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
