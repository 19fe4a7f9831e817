import { open, stat } from 'node:fs/promises';
import { allOf } from '../async/allOf.ts';
import { isDesktopFile } from '../snapshot/files/desktopFiles.ts';
import { walk } from '../snapshot/files/walk.ts';
import { mayBePointer, parseLfsPointer } from '../snapshot/git/lfsPointer.ts';
import { isWeightsFile } from './fileNames.ts';

/** A folder of more files or folders is not a model's. */
const MOST_FILES = 20_000;
const MOST_FOLDERS = 2000;
/** Git's own and Hugging Face's clients'. */
const BOOKKEEPING = new Set(['.git', '.cache']);
const FILES_AT_ONCE = 32;

/**
 * Bytes of all files in `folder` (absolute path), links followed to files; a Git LFS pointer in the place of weights
 * counts as its object. No content is read but of such pointers. What Git and Hugging Face's clients keep there for
 * themselves does not count. undefined where there are very many files.
 */
export async function folderSize(folder: string, signal: AbortSignal): Promise<number | undefined> {
  let folders = 0;
  const entries = await walk(folder, signal, (path) => {
    folders += 1;
    return BOOKKEEPING.has(path) || folders > MOST_FOLDERS;
  });
  if (entries.length > MOST_FILES || folders > MOST_FOLDERS) return undefined;
  const sizes = await allOf(entries, FILES_AT_ONCE, signal, async ({ path, file, kind }) => {
    if (kind === 'other' || isDesktopFile(path)) return 0;
    // A link to nothing, or a file that went away meanwhile.
    const stats = await stat(file).catch(() => undefined);
    if (stats?.isFile() !== true) return 0;
    const isPointer = kind === 'file' && isWeightsFile(file) && mayBePointer(stats.size);
    return (isPointer ? await pointedSize(file, stats.size) : undefined) ?? stats.size;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function pointedSize(file: string, size: number): Promise<number | undefined> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
    return parseLfsPointer(buffer.subarray(0, bytesRead))?.size;
  } finally {
    await handle.close();
  }
}
