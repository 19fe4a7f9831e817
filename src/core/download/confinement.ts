import type { Stats } from 'node:fs';
import { lstat, mkdir, realpath, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { makeFolder } from '../snapshot/files/makeFolder.ts';
import { hasCode, isSystemError } from '../snapshot/files/systemErrors.ts';

/** The nearest folder at or above `folder` that exists, as a real path. */
async function existingAncestor(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const real = await realpath(at).catch(() => undefined);
    if (real !== undefined || dirname(at) === at) return real ?? at;
  }
}

/** `folder` (absolute path) as a real path, whether or not it exists. Throws a `Failure` where a file has its name. */
export async function realFolder(folder: string): Promise<string> {
  const real = await realpath(folder).catch(() => undefined);
  if (real !== undefined && !(await stat(real)).isDirectory()) throw noFolder(folder);
  if (real !== undefined) return real;
  return dirname(folder) === folder ? folder : join(await realFolder(dirname(folder)), basename(folder));
}

/**
 * What is at `path` (relative, forward slashes) below `root`, a real path. No link on the way is followed, and one at
 * its end is told as such: a link in a folder may lead anywhere.
 *
 * @throws Failure `disk` where something on the way is no folder.
 */
export async function entryAt(root: string, path: string): Promise<Stats | undefined> {
  const components = path.split('/');
  let at = root;
  for (const [index, component] of components.entries()) {
    at = join(at, component);
    const stats = await lstatOf(at);
    if (stats === undefined || index === components.length - 1) return stats;
    if (!stats.isDirectory()) throw noFolder(at);
  }
  return undefined;
}

/** Makes the folders `path` (relative, forward slashes) below `root`, a real path, through no link. */
export async function makeFolders(root: string, path: string): Promise<string> {
  await makeFolder(root);
  let at = root;
  for (const component of path.split('/').filter((name) => name !== '' && name !== '.')) {
    at = join(at, component);
    await mkdir(at).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
    if ((await lstatOf(at))?.isDirectory() !== true) throw noFolder(at);
  }
  return at;
}

/** Whether the file system at `folder` takes names that differ only in case for the same. Writes nothing. */
export async function ignoresCase(folder: string, platform = process.platform): Promise<boolean> {
  for (let at = await existingAncestor(folder); dirname(at) !== at; at = dirname(at)) {
    const name = basename(at);
    const swapped = name.replace(/\p{L}/gu, swapCase);
    if (swapped === name) continue;
    const [one, other] = await Promise.all([
      stat(at, { bigint: true }).catch(() => undefined),
      stat(join(dirname(at), swapped), { bigint: true }).catch(() => undefined),
    ]);
    return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
  }
  return platform === 'win32' || platform === 'darwin';
}

/** Bytes that this person may still write at `folder`; undefined where the file system does not tell. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  const stats = await statfs(await existingAncestor(folder)).catch(() => undefined);
  return stats === undefined || stats.blocks === 0 ? undefined : stats.bavail * stats.bsize;
}

/** What the file system refused, as a failure; what is no error of a file system as it is. */
export function asFailure(error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const { code, path, dest } = error;
  const at = dest ?? path ?? l10n.t('the destination');
  const detail = { cause: error };
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Failure(
        'disk',
        l10n.t('The disk is full. Free some room, then download again: it goes on where it stopped.'),
        detail,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Failure(
        'disk',
        l10n.t(
          '“{0}” may not be written to ({1}). Choose another folder, or change its permissions.',
          at,
          code,
        ),
        detail,
      );
    default:
      return new Failure(
        'disk',
        l10n.t('“{0}” could not be read or written ({1}). Check the disk, then download again.', at, code),
        detail,
      );
  }
}

async function lstatOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function swapCase(letter: string): string {
  const upper = letter.toUpperCase();
  return letter === upper ? letter.toLowerCase() : upper;
}

function noFolder(path: string): Failure {
  return new Failure(
    'disk',
    l10n.t(
      '“{0}” is a link or a file where a folder has to be, so nothing is written there. Remove it, or choose another folder.',
      path,
    ),
  );
}
