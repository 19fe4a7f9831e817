import { constants } from 'node:fs';
import { open, opendir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { Failure } from '../../failure.ts';
import { readSmallFile } from '../files/regularFile.ts';
import { isForbidden, refused, type SystemError } from '../files/systemErrors.ts';
import { walk } from '../files/walk.ts';
import { GitExit } from './exits.ts';
import { isOutOfReach, ObjectsMissing } from './explain.ts';
import { gitFolderNamedIn, gitFoldersIn, upwards } from './gitFolders.ts';
import { alternatesOf } from './lfsStore.ts';
import { type Loss, lossFailure, lossIn } from './lostObjects.ts';

/** More alternates of alternates than this are not followed: Git's own bound. */
const DEEPEST = 5;

/**
 * What Git may not read it calls no repository, no commit, missing or damaged, for which it has remedies that do not
 * help. Nor does it tell what is not fetched by just asking for it.
 *
 * @param error of Git in `folder` (absolute path).
 * @returns the failure that names what may not be read, or what is lost; `error` where there is no such thing.
 */
export async function unlessForbidden(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof Failure) || isOutOfReach(error)) return error;
  if (!['git', 'notARepository', 'noCommit'].includes(error.kind)) return error;
  const oids = objectIdsIn(error.cause);
  const forbidden = await forbiddenAround(folder, oids).catch(() => undefined);
  if (forbidden !== undefined) return refused(forbidden, folder);
  const loss = isAboutObjects(error, oids)
    ? await lossAround(folder, oids).catch(() => undefined)
    : undefined;
  return loss === undefined ? error : lossFailure(loss, folder, error);
}

/** Of the nearest repository that `folder` is in. */
async function lossAround(folder: string, oids: readonly string[]): Promise<Loss | undefined> {
  for (const top of upwards(folder)) {
    const folders = await gitFoldersIn(top);
    if (folders !== undefined) return lossIn(join(folders.commonFolder, 'objects'), oids);
  }
  return undefined;
}

/**
 * Throws a `disk` failure where a repository between `folder` and the one at `top`, which Git found (both real paths),
 * may not be read: Git passes over it, but the folder is that one's.
 */
export async function refusePassedOver(folder: string, top: string): Promise<void> {
  for (const nearer of upwards(folder)) {
    if (relative(nearer, top) === '') return;
    const forbidden = await forbiddenOf(nearer, []);
    if (forbidden !== undefined) throw refused(forbidden, nearer);
  }
}

/** The first thing that may not be read of the repositories that `folder` could be in. */
async function forbiddenAround(folder: string, oids: readonly string[]): Promise<SystemError | undefined> {
  for (const top of upwards(folder)) {
    const forbidden = await forbiddenOf(top, oids);
    if (forbidden !== undefined) return forbidden;
  }
  return undefined;
}

/** Of the repository whose work tree is at `top`; undefined where there is none. */
async function forbiddenOf(top: string, oids: readonly string[]): Promise<SystemError | undefined> {
  const refusal = await forbiddenAt(join(top, '.git'));
  if (refusal !== undefined) return refusal;
  const named = await gitFolderNamedIn(top).catch(forbiddenOrNothing);
  if (named === undefined || named instanceof Error) return named;
  return forbiddenIn(named.gitFolder, oids);
}

async function forbiddenIn(gitFolder: string, oids: readonly string[]): Promise<SystemError | undefined> {
  const common = await readSmallFile(join(gitFolder, 'commondir'), 4096).catch(forbiddenOrNothing);
  if (common instanceof Error) return common;
  const commonFolder = common === undefined ? gitFolder : resolve(gitFolder, common.toString('utf8').trim());
  const names = [
    join(gitFolder, 'HEAD'),
    ...['config', 'packed-refs'].map((name) => join(commonFolder, name)),
  ];
  return (
    (await firstForbidden(names)) ??
    (await forbiddenBelow(join(commonFolder, 'refs'))) ??
    (gitFolder === commonFolder ? undefined : await forbiddenBelow(join(gitFolder, 'refs'))) ??
    (await forbiddenObjects(join(commonFolder, 'objects'), oids, DEEPEST))
  );
}

/** Refs are small files in folders. */
async function forbiddenBelow(folder: string): Promise<SystemError | undefined> {
  const found = await walk(folder, new AbortController().signal).catch(forbiddenOrNothing);
  if (found === undefined || found instanceof Error) return found;
  return firstForbidden(found.map(({ file }) => file));
}

/** What of a store of objects, and those it borrows from, may not be read: loose objects of those names, and packs. */
async function forbiddenObjects(
  objects: string,
  oids: readonly string[],
  steps: number,
): Promise<SystemError | undefined> {
  const loose = oids.flatMap((oid) => {
    const folder = join(objects, oid.slice(0, 2));
    return [folder, join(folder, oid.slice(2))];
  });
  const own =
    (await firstForbidden([objects, ...loose])) ??
    (await forbiddenBelow(join(objects, 'pack'))) ??
    (await forbiddenBelow(join(objects, 'info')));
  if (own !== undefined || steps === 0) return own;
  for (const alternate of await alternatesOf(objects)) {
    const borrowed = await forbiddenObjects(alternate, oids, steps - 1);
    if (borrowed !== undefined) return borrowed;
  }
  return undefined;
}

async function firstForbidden(paths: readonly string[]): Promise<SystemError | undefined> {
  for (const path of paths) {
    const refusal = await forbiddenAt(path);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Why the file or folder at `path` may not be read; undefined where it may, or is not there. */
async function forbiddenAt(path: string): Promise<SystemError | undefined> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) {
      await (await opendir(path)).close();
    } else if (stats.isFile()) {
      await (await open(path, constants.O_RDONLY | constants.O_NONBLOCK)).close();
    }
    return undefined;
  } catch (error) {
    return forbiddenOrNothing(error);
  }
}

function forbiddenOrNothing(error: unknown): SystemError | undefined {
  return isForbidden(error) ? error : undefined;
}

/** Names of objects that Git could not read. */
function objectIdsIn(cause: unknown): readonly string[] {
  if (cause instanceof ObjectsMissing) return cause.oids;
  if (!(cause instanceof GitExit)) return [];
  const named = cause.stderr.matchAll(/\b([0-9a-f]{40})\b|[\\/]([0-9a-f]{2})[\\/]([0-9a-f]{38})\b/g);
  return [...named].map(([, oid, two = '', others = '']) => oid ?? two + others);
}

/** Whether Git lacks objects. Of those that it borrows it may give no name. */
function isAboutObjects({ cause }: Failure, oids: readonly string[]): boolean {
  return oids.length > 0 || (cause instanceof GitExit && cause.stderr.includes('alternate'));
}
