import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { asGitObjectId, type GitObjectId } from '../objectIds.ts';
import { isGone } from '../snapshot/files/systemErrors.ts';
import { readRefs } from '../snapshot/hfCache/refs.ts';
import { makeFolders } from './confinement.ts';
import type { CacheConflict } from './downloading.ts';
import { replaceWithText } from './placing.ts';

/**
 * Where it is noted, in a model's folder in the cache, which endpoint a snapshot came from: a file for each, named by
 * its commit. Models of two servers may have one name, and the cache has one folder for both. Hugging Face's clients
 * leave out folders that they do not know.
 */
const NOTES = '.model-registries';
/** An address. Bytes. */
const LONGEST_NOTE = 2048;

interface Arrival {
  /** The model's folder in the cache, absolute. */
  readonly storage: string;
  readonly endpoint: URL;
  readonly commit: GitObjectId;
  /** The branch that will name the commit; undefined where none will. */
  readonly branch: string | undefined;
}

/**
 * Whether a snapshot would come among, or take the place of, what another endpoint or another client put into the
 * cache: libraries load a model by its name and, without network, by what its branch names there. None where the branch
 * names a snapshot of the same endpoint.
 *
 * Undefined where there is no conflict. Reads only.
 */
export async function cacheConflict(
  { storage, endpoint, commit, branch }: Arrival,
  signal: AbortSignal,
): Promise<CacheConflict | undefined> {
  const named = branch === undefined ? undefined : (await readRefs(storage, signal)).get(branch);
  const there = await snapshotsIn(storage);
  // A branch that names nothing yet may be taken where nobody else put anything.
  const touched = [
    ...there.filter((snapshot) => snapshot === commit),
    ...(named === undefined ? [] : [named]),
    ...(branch !== undefined && named === undefined ? there : []),
  ];
  for (const snapshot of touched) {
    const filledFrom = await ownerOf(storage, snapshot);
    if (filledFrom !== endpoint.href) return { filledFrom, snapshot, branch };
  }
  return undefined;
}

/** Notes where a snapshot comes from, before anything of it is there. */
export async function noteOwner({ storage, endpoint, commit }: Arrival): Promise<void> {
  await replaceWithText(join(await makeFolders(storage, NOTES), commit), endpoint.href);
}

/** Says that a download was not agreed to take the place of what another endpoint or client put into the cache. */
export function cacheTaken(model: string, { snapshot, filledFrom }: CacheConflict): Failure {
  const version = snapshot.slice(0, 8);
  return new Failure(
    'conflict',
    filledFrom === undefined
      ? l10n.t(
          'The Hugging Face cache holds the version {1} of “{0}” that another client downloaded, maybe from another server. It was left as it is. Download to a folder instead, or agree to replace it.',
          model,
          version,
        )
      : l10n.t(
          'The Hugging Face cache holds the version {1} of “{0}” from {2}. It was left as it is. Download to a folder instead, or agree to replace it.',
          model,
          version,
          filledFrom,
        ),
  );
}

/** The endpoint that a snapshot came from; undefined where it was not this extension that got it. */
async function ownerOf(storage: string, commit: GitObjectId): Promise<string | undefined> {
  const note = join(storage, NOTES, commit);
  try {
    const stats = await lstat(note);
    return stats.isFile() && stats.size <= LONGEST_NOTE ? await readFile(note, 'utf8') : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function snapshotsIn(storage: string): Promise<readonly GitObjectId[]> {
  const names = await readdir(join(storage, 'snapshots')).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
  return names.flatMap((name) => asGitObjectId(name) ?? []);
}
