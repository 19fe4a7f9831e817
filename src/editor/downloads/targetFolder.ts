import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDesktopFile } from '../../core/snapshot/files/desktopFiles.ts';

/**
 * The folder that a model goes to when a person chose `chosen` (absolute path): itself where it is empty, made for the
 * model, or holds a download already, and otherwise a folder of the model's name in it, as a model's files among others
 * would be hard to find again.
 */
export async function targetFolder(chosen: string, model: string): Promise<string> {
  const name = model.split('/').at(-1) ?? model;
  const { isDownloadFolder } = await import('../../core/snapshot/hfCache/openDownloadFolder.ts');
  if (basename(chosen) === name || (await isDownloadFolder(chosen).catch(() => false))) return chosen;
  const entries = await readdir(chosen).catch(() => []);
  return entries.every(isDesktopFile) ? chosen : join(chosen, name);
}
