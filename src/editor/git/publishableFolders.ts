import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isSpelledWithin } from '../../core/snapshot/files/spelledPaths.ts';

/** How many folders below a workspace folder a repository is looked for. The Git extension knows deeper ones. */
const DEPTH = 2;

/** Folders that hold other people's repositories by the hundred. */
const SKIPPED = new Set(['node_modules', '.git', '.venv', 'venv', '__pycache__']);

/**
 * The folders of the workspace that can be published, sorted: the repositories in it, and each workspace folder that
 * lies inside a repository.
 *
 * @param workspaceFolders Absolute paths.
 * @param known Top folders of repositories that VS Code's Git extension has open; it may keep one that was deleted.
 */
export async function publishableFolders(
  workspaceFolders: readonly string[],
  known: readonly string[],
): Promise<readonly string[]> {
  const existing = await repositoriesAmong(known);
  const found = await Promise.all(
    workspaceFolders.map(async (folder) => {
      const below = await repositoriesBelow(folder, DEPTH);
      const outer = (await hasRepositoryAbove(folder)) && !below.includes(folder);
      return [
        ...(outer ? [folder] : []),
        ...below,
        ...existing.filter((other) => isSpelledWithin(other, folder)),
      ];
    }),
  );
  return once(found.flat().sort());
}

/** Without the folders that are another path of one before. */
async function once(folders: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return folders.filter((_, index) => real.indexOf(real[index] ?? '') === index);
}

async function repositoriesBelow(folder: string, depth: number): Promise<readonly string[]> {
  const here = (await isRepository(folder)) ? [folder] : [];
  if (depth === 0) return here;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() && !SKIPPED.has(entry.name))
      .map((entry) => repositoriesBelow(path.join(folder, entry.name), depth - 1)),
  );
  return [...here, ...below.flat()];
}

async function repositoriesAmong(folders: readonly string[]): Promise<readonly string[]> {
  const are = await Promise.all(folders.map((folder) => isRepository(folder)));
  return folders.filter((_, index) => are[index]);
}

async function hasRepositoryAbove(folder: string): Promise<boolean> {
  for (
    let above = path.dirname(folder), here = folder;
    above !== here;
    above = path.dirname((here = above))
  ) {
    if (await isRepository(above)) return true;
  }
  return false;
}

/** `.git` is a folder, or a file in worktrees and submodules. */
async function isRepository(folder: string): Promise<boolean> {
  return stat(path.join(folder, '.git')).then(
    () => true,
    () => false,
  );
}
