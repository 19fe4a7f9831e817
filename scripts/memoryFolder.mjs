import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where Linux keeps files in memory. */
const MEMORY = '/dev/shm';

/** Bytes that have to be free: tests keep 100 MB at a time, and browsers and editors need memory, too. */
const ENOUGH = 4 * 1024 ** 3;

/**
 * A new folder in memory, for files that tests make by the thousand and remove again, which takes a disk a tenth of their time. Undefined
 * where there is no place for it, or where programs in it may not be run.
 * @returns {Promise<string | undefined>} absolute
 */
export async function memoryFolder() {
  if (process.platform !== 'linux') return undefined;
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  if (Math.min(bavail * bsize, freemem()) < ENOUGH) return undefined;
  const folder = await mkdtemp(join(MEMORY, 'model-registries-')).catch(() => undefined);
  if (folder === undefined) return undefined;
  const program = join(folder, 'program');
  try {
    // Other users have their files there, too, as in the machine's own.
    await chmod(folder, 0o1777);
    await writeFile(program, '#!/bin/sh\n', { mode: 0o755 });
    await promisify(execFile)(program);
    await rm(program);
    return folder;
  } catch {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
}
