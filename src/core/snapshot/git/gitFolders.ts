import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readSmallFile } from '../files/regularFile.ts';
import { hasCode } from '../files/systemErrors.ts';

/** A `.git` and where it leads, as its files alone tell. All are real paths. */
export interface GitFolders {
  /** The folder that holds the `.git`. */
  readonly top: string;
  /** The folder that holds HEAD. */
  readonly gitFolder: string;
  /** The folder that all work trees of the repository share. */
  readonly commonFolder: string;
}

/** Paths and settings of a few lines. Bytes. */
const LONGEST = 64 * 1024;

/** `folder` (a real path) and the folders above it, nearest first. */
export function upwards(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
}

/**
 * Where the `.git` in `top` (a real path) leads, by a link, a gitfile or a `commondir`
 * (https://git-scm.com/docs/gitrepository-layout). Undefined where there is none. Throws where it cannot be followed.
 */
export async function gitFoldersIn(top: string): Promise<GitFolders | undefined> {
  const found = await gitFolderNamedIn(top);
  if (found === undefined) return undefined;
  const { gitFolder, isFolder } = found;
  // Git passes over a folder of that name that is no Git folder.
  if (isFolder && !(await exists(join(gitFolder, 'HEAD')))) return undefined;
  const commonDir = await lineOf(join(gitFolder, 'commondir'));
  return {
    top,
    gitFolder,
    commonFolder: commonDir === undefined ? gitFolder : await realpath(resolve(gitFolder, commonDir)),
  };
}

/**
 * Whether the work tree at `top` says itself that `gitFolder` is its Git folder. No commit can hold a `.git`, so that
 * nobody's clone brings one along. Both paths are absolute. What cannot be looked at says nothing.
 */
export async function isGitFolderOf(top: string, gitFolder: string): Promise<boolean> {
  try {
    return (await gitFolderNamedIn(top))?.gitFolder === (await realpath(gitFolder));
  } catch {
    return false;
  }
}

/** The real path that the `.git` in `top` names, and whether that is a folder, or a link to one, itself. */
export async function gitFolderNamedIn(
  top: string,
): Promise<{ readonly gitFolder: string; readonly isFolder: boolean } | undefined> {
  const dotGit = join(top, '.git');
  const stats = await stat(dotGit).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  });
  if (stats === undefined) return undefined;
  const isFolder = stats.isDirectory();
  return {
    gitFolder: await realpath(isFolder ? dotGit : resolve(top, await gitfileTarget(dotGit))),
    isFolder,
  };
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    (error: unknown) => {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    },
  );
}

async function gitfileTarget(file: string): Promise<string> {
  // Git reads gitfiles through links, too.
  const target = /^gitdir: (.+)$/s.exec((await lineOf(await realpath(file))) ?? '')?.[1];
  if (target === undefined) throw new Error(`${file} names no folder`);
  return target;
}

/** Whether the Git folder names the work tree in `top` as its own: as a linked work tree's does, or a submodule's. */
export async function isLinkedBack(folders: GitFolders): Promise<boolean> {
  return (await isLinkedWorkTree(folders)) || (await isSubmodule(folders));
}

/** `<common>/worktrees/<id>/gitdir` names the work tree's `.git` (https://git-scm.com/docs/git-worktree#_details). */
async function isLinkedWorkTree({ top, gitFolder, commonFolder }: GitFolders): Promise<boolean> {
  if (dirname(gitFolder) !== join(commonFolder, 'worktrees')) return false;
  const named = await lineOf(join(gitFolder, 'gitdir'));
  return named !== undefined && basename(named) === '.git' && (await leadsTo(gitFolder, dirname(named), top));
}

/** It is among the `modules` of a Git folder, and its `core.worktree` names the folder. */
async function isSubmodule({ top, gitFolder, commonFolder }: GitFolders): Promise<boolean> {
  const isModule = upwards(dirname(gitFolder)).some((folder) => basename(folder) === 'modules');
  if (gitFolder !== commonFolder || !isModule) return false;
  const config = await readSmallFile(join(gitFolder, 'config'), LONGEST);
  const named = config === undefined ? undefined : plainWorkTree(config.toString('utf8'));
  return named !== undefined && (await leadsTo(gitFolder, named, top));
}

/**
 * `core.worktree` of a configuration, as Git writes it for submodules: a plain path, once. Undefined for all else that
 * Git could read in the text; what it really takes shows when the repository is opened.
 */
export function plainWorkTree(config: string): string | undefined {
  let section = '';
  const values: string[] = [];
  for (const line of config.split(/\r?\n/)) {
    section = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.toLowerCase() ?? section;
    const value = /^\s*worktree\s*=\s*(.*?)\s*$/i.exec(line)?.[1];
    if (section === 'core' && value !== undefined) values.push(value);
  }
  const [value = '', ...others] = values;
  return others.length === 0 && /^[^"\\;#]+$/.test(value) ? value : undefined;
}

async function leadsTo(from: string, way: string, to: string): Promise<boolean> {
  return (await realpath(resolve(from, way)).catch(() => undefined)) === to;
}

/** What a file holds without the line end; undefined where there is none. Throws where it is over {@link LONGEST}. */
async function lineOf(file: string): Promise<string | undefined> {
  try {
    const text = await readSmallFile(file, LONGEST);
    if (text === undefined) throw new Error(`${file} is too long`);
    return text.toString('utf8').replace(/[\r\n]+$/, '');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
