import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, isGone } from './systemErrors.ts';

/**
 * Makes a folder and those above it that are missing. Throws a system error where that cannot be. Node's own way never
 * ends where a folder takes no new ones and says ENOENT of them, as `/proc` does.
 *
 * @param path Absolute.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolderThere(path)) return;
    const above = dirname(path);
    if (!hasCode(error, 'ENOENT') || above === path || (await isFolderThere(above))) throw error;
    await makeFolder(above);
    await makeFolder(path);
  }
}

async function isFolderThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
