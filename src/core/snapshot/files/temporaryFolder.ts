import { rmSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { isWithin } from './within.ts';

interface TemporaryFolder {
  /** Absolute and real path. */
  readonly path: string;
  /** Removes it and what is in it, as often as one likes. */
  remove(): Promise<void>;
}

/** Those that are there. A process may be ended before it comes to remove them, and only its end is left for it. */
const kept = new Set<string>();

function removeKept(): void {
  for (const path of kept) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // A program that was left behind may still hold it, and nobody is there to be told.
    }
  }
}

/** Makes a folder of this process, gone with it at the latest. Throws what the file system says. */
export async function temporaryFolder(prefix: string): Promise<TemporaryFolder> {
  // A variable may name a path from where this process was started, where other programs are not.
  const path = await realpath(await mkdtemp(join(tmpdir(), prefix)));
  if (kept.size === 0) process.once('exit', removeKept);
  kept.add(path);
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      kept.delete(path);
      if (kept.size === 0) process.off('exit', removeKept);
    },
  };
}

/**
 * Those of this process that are in `folder` (a real path), as paths from it with forward slashes: nothing of a
 * person's, though a variable may put them among the files that are looked at.
 */
export function temporaryFoldersIn(folder: string): string[] {
  return [...kept]
    .filter((path) => isWithin(path, folder))
    .map((path) => relative(folder, path).split(sep).join('/'));
}
