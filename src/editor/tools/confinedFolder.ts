import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * The folder that `text` names, as its real path, if it is in one of `workspaceFolders` (absolute paths) after every symbolic link was
 * followed; undefined otherwise. A relative one is looked for in each of them.
 */
export async function confinedFolder(
  text: string,
  workspaceFolders: readonly string[],
): Promise<string | undefined> {
  if (text.includes('\0')) return undefined;
  for (const workspaceFolder of workspaceFolders) {
    const root = await realFolder(workspaceFolder);
    const folder = await realFolder(path.resolve(workspaceFolder, text));
    if (root !== undefined && folder !== undefined && isWithin(folder, root)) return folder;
  }
  return undefined;
}

async function realFolder(folder: string): Promise<string | undefined> {
  try {
    const real = await realpath(folder);
    return (await stat(real)).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}

function isWithin(folder: string, root: string): boolean {
  const way = path.relative(root, folder);
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}
