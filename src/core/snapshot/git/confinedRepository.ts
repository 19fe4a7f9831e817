import { lstat, realpath } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { walk } from '../files/walk.ts';
import { readSmallFile } from '../files/regularFile.ts';
import { isWithin } from '../files/within.ts';
import type { Snapshot } from '../snapshot.ts';
import { gitFoldersIn, isLinkedBack, upwards, type GitFolders } from './gitFolders.ts';
import { parseAlternates } from './lfsStore.ts';

/** Git's own bound of alternates that name alternates. */
const DEEPEST_ALTERNATES = 5;
/** Hundreds of paths. Bytes. */
const LONGEST_ALTERNATES = 64 * 1024;
/** What Git does not read for a snapshot: other repositories, and stores whose objects are looked at one by one. */
const NOT_READ: readonly string[] = ['lfs', 'annex', 'modules', 'worktrees', 'hooks'];

/**
 * The repository that Git finds in `folder`, which has to be one of the workspace. What the files of the workspace say
 * is no proof: whoever may write there can write a `.git` that leads to any repository of this machine. So each `.git`
 * between the folder and the workspace is
 *
 * - a folder of its own, or
 * - one that leads to a Git folder which names this very work tree or submodule as its own, and lies in the workspace
 *   too. Where the workspace's own top is such a work tree, or the workspace lies in a repository, that repository
 *   counts as the workspace's,
 *
 * and nothing in a Git folder of the workspace leads out of it, by a link or by `alternates`. A repository above the
 * workspace is the person's surroundings, which nobody in the workspace made.
 *
 * @param folder real path, in one of `workspace`.
 * @param workspace real paths.
 * @returns undefined where no repository holds the folder.
 * @throws Failure `refused`; and the signal's reason when aborted.
 */
export async function confinedRepository(
  folder: string,
  workspace: readonly string[],
  signal: AbortSignal,
): Promise<GitFolders | undefined> {
  const places = [...workspace, ...(await surroundings(workspace))];
  let found: GitFolders | undefined;
  for (const top of upwards(folder)) {
    const isInWorkspace = isInOneOf(top, workspace);
    if (!isInWorkspace && found !== undefined) break;
    const folders = await gitFoldersIn(top).catch((error: unknown) => {
      if (isInWorkspace) throw refused(folder, join(top, '.git'), error);
      return undefined;
    });
    if (folders === undefined) continue;
    if (isInWorkspace) await refuseForeign(folder, folders, { workspace, places, signal });
    found ??= folders;
  }
  return found;
}

/**
 * Throws a `refused` failure where the snapshot that was opened from `folder` is of another repository than
 * {@link confinedRepository} finds now, or of a folder outside of the workspace: a `.git` or a folder was swapped after
 * it had been looked at.
 */
export async function refuseOtherRepository(
  { repository, gitFolders }: Pick<Snapshot, 'repository' | 'gitFolders'>,
  folder: string,
  workspace: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (gitFolders === undefined) {
    if (isInOneOf(repository, workspace)) return;
    throw refused(folder, repository);
  }
  const proved = await confinedRepository(folder, workspace, signal);
  const pairs = [
    [proved?.top, repository],
    [proved?.gitFolder, gitFolders.own],
    [proved?.commonFolder, gitFolders.common],
  ] as const;
  if (pairs.some(([one, other]) => one === undefined || relative(one, other) !== '')) {
    throw refused(folder, gitFolders.common);
  }
}

interface Confinement {
  readonly workspace: readonly string[];
  /** The workspace, and the Git folders of the repositories that it lies in. */
  readonly places: readonly string[];
  readonly signal: AbortSignal;
}

/** The Git folders of the repositories around the workspace's folders, where nothing in the workspace made them so. */
async function surroundings(workspace: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    workspace.map(async (root) => {
      for (const top of upwards(root)) {
        const folders = await gitFoldersIn(top).catch(() => undefined);
        if (folders === undefined) continue;
        const isAbove = !isInOneOf(top, workspace);
        const isTop = workspace.includes(top) && (await isLinkedBack(folders).catch(() => false));
        return isAbove || isTop ? [folders.commonFolder] : [];
      }
      return [];
    }),
  );
  return found.flat();
}

async function refuseForeign(
  folder: string,
  folders: GitFolders,
  { workspace, places, signal }: Confinement,
): Promise<void> {
  const { top, gitFolder, commonFolder } = folders;
  const isOwn = gitFolder === join(top, '.git') && commonFolder === gitFolder;
  if (!isOwn && !(await isLinkedBack(folders).catch(() => false))) throw refused(folder, commonFolder);
  for (const place of new Set([gitFolder, commonFolder])) {
    if (!isInOneOf(place, places)) throw refused(folder, place);
    // Elsewhere nobody in the workspace can have made a link.
    if (isInOneOf(place, workspace)) await refuseLinks(folder, place, places, signal);
  }
  if (isInOneOf(commonFolder, workspace)) {
    await refuseAlternates(folder, join(commonFolder, 'objects'), places, signal, DEEPEST_ALTERNATES);
  }
}

/** Throws where a link in the Git folder, or in a store of objects, leads out of `places`. */
async function refuseLinks(
  folder: string,
  gitFolder: string,
  places: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const isRead = (path: string): boolean => !NOT_READ.includes(path.split('/')[0] ?? '');
  const entries = await walk(gitFolder, signal, (path) => !isRead(path)).catch((error: unknown) => {
    signal.throwIfAborted();
    throw refused(folder, gitFolder, error);
  });
  for (const { file } of entries.filter(({ path, kind }) => kind === 'link' && isRead(path))) {
    const target = await realpath(file).catch(() => undefined);
    if (target === undefined || !isInOneOf(target, places)) throw refused(folder, target ?? file);
  }
}

/** Throws where objects are borrowed from elsewhere than `places`, by however many steps (gitrepository-layout(5)). */
async function refuseAlternates(
  folder: string,
  objects: string,
  places: readonly string[],
  signal: AbortSignal,
  steps: number,
): Promise<void> {
  const file = join(objects, 'info', 'alternates');
  if ((await lstat(file).catch(() => undefined)) === undefined) return;
  const text = await readSmallFile(file, LONGEST_ALTERNATES).catch(() => undefined);
  if (text === undefined || steps === 0) throw refused(folder, file);
  for (const path of parseAlternates(text.toString('utf8'))) {
    const store = await realpath(resolve(objects, path)).catch(() => undefined);
    if (store === undefined || !isInOneOf(store, places)) throw refused(folder, store ?? path);
    await refuseLinks(folder, store, places, signal);
    await refuseAlternates(folder, store, places, signal, steps - 1);
  }
}

function isInOneOf(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isWithin(path, folder));
}

function refused(folder: string, leadsTo: string, cause?: unknown): Failure {
  return new Failure(
    'refused',
    l10n.t(
      'The repository of “{0}” leads out of the workspace, to “{1}”, and may be one that nobody meant. Add the folder that holds that repository to the workspace, or publish it by the command yourself.',
      folder,
      leadsTo,
    ),
    { cause },
  );
}
