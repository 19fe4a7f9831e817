import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { confinedRepository, refuseOtherRepository } from '../../core/snapshot/git/confinedRepository.ts';
import { isWithin } from '../../core/snapshot/files/within.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';

const never = new AbortController().signal;

/**
 * The folder that `text` names, as its real path, if it is in one of `workspaceFolders` (absolute paths) after every
 * symbolic link was followed; undefined otherwise. A relative one is looked for in each of them. Throws a `refused`
 * failure where the folder's repository is none of the workspace.
 */
export async function confinedFolder(
  text: string,
  workspaceFolders: readonly string[],
  signal = never,
): Promise<string | undefined> {
  if (text.includes('\0')) return undefined;
  for (const workspaceFolder of workspaceFolders) {
    const named = path.resolve(workspaceFolder, text);
    if (isOnOtherMachine(named, workspaceFolder)) continue;
    const root = await realFolder(workspaceFolder);
    const folder = await realFolder(named);
    if (root === undefined || folder === undefined || !isWithin(folder, root)) continue;
    await confinedRepository(folder, await realFolders(workspaceFolders), signal);
    return folder;
  }
  return undefined;
}

/**
 * Whether `named` is below a share or device of Windows that `workspaceFolder` is not on (both absolute). Windows tells the machine
 * behind a path who is asking as soon as anybody looks whether it is there, so nobody does.
 *
 * @param rules Of paths, as `node:path` has them for each platform.
 */
export function isOnOtherMachine(
  named: string,
  workspaceFolder: string,
  rules: Pick<typeof path, 'parse'> = path,
): boolean {
  const rootOf = (absolute: string) => rules.parse(absolute).root.toLowerCase().replaceAll('/', '\\');
  const root = rootOf(named);
  return root.startsWith('\\\\') && root !== rootOf(workspaceFolder);
}

/** Throws a `refused` failure where `snapshot`, of a {@link confinedFolder}, is not of the workspace (any more). */
export async function refuseUnconfined(
  snapshot: Snapshot,
  folder: string,
  workspaceFolders: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await refuseOtherRepository(snapshot, folder, await realFolders(workspaceFolders), signal);
}

async function realFolders(folders: readonly string[]): Promise<string[]> {
  const real = await Promise.all(folders.map(realFolder));
  return real.filter((folder) => folder !== undefined);
}

async function realFolder(folder: string): Promise<string | undefined> {
  try {
    const real = await realpath(folder);
    return (await stat(real)).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}
