import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflate } from 'node:zlib';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { firstFew } from '../files/firstFew.ts';
import { openRegularFile } from '../files/regularFile.ts';
import { isGone, isSystemError } from '../files/systemErrors.ts';
import { alternatesOf } from './lfsStore.ts';

/** Git's own bound of alternates that name alternates. */
const DEEPEST = 5;
/** Of an object, to tell whether its file is damaged: what is longer than any that Git does not keep in a pack. Bytes. */
const MOST_READ = 1024 * 1024 * 1024;

/** Why a store of objects (absolute path) does not give what Git looks for in it. */
export type Loss =
  /** It borrows from folders that are not there. */
  | { readonly kind: 'lendersGone'; readonly folders: readonly string[] }
  /** Files that hold the objects, and that Git cannot read. */
  | { readonly kind: 'damaged'; readonly files: readonly string[] };

/**
 * Why Git does not find `oids` in the store at `objects`; undefined where nothing there tells. That they may be read is
 * known.
 */
export async function lossIn(objects: string, oids: readonly string[]): Promise<Loss | undefined> {
  const { stores, gone } = await storesFrom(objects, DEEPEST);
  const files: string[] = [];
  for (const store of stores) {
    for (const oid of new Set(oids)) {
      const file = join(store, oid.slice(0, 2), oid.slice(2));
      if (await isDamaged(file, oid)) files.push(file);
    }
  }
  // To get an object once more, Git would have to read the file that is in its place.
  if (files.length > 0) return { kind: 'damaged', files };
  return gone.length > 0 ? { kind: 'lendersGone', folders: gone } : undefined;
}

interface Stores {
  /** Absolute paths; those that are borrowed from come behind. */
  readonly stores: readonly string[];
  /** Those that are named and not there. */
  readonly gone: readonly string[];
}

async function storesFrom(objects: string, steps: number): Promise<Stores> {
  const found = await Promise.all(
    (await alternatesOf(objects)).map(async (alternate): Promise<Stores> => {
      if (await isNotThere(alternate)) return { stores: [], gone: [alternate] };
      return steps === 0 ? { stores: [alternate], gone: [] } : storesFrom(alternate, steps - 1);
    }),
  );
  return {
    stores: [objects, ...found.flatMap(({ stores }) => stores)],
    gone: found.flatMap(({ gone }) => gone),
  };
}

async function isNotThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    (stats) => !stats.isDirectory(),
    (error: unknown) => isGone(error),
  );
}

/**
 * Whether there is a file that ought to hold the object of that name, and does not
 * (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage).
 */
async function isDamaged(file: string, oid: string): Promise<boolean> {
  const handle = await openRegularFile(file).catch((error: unknown) => {
    if (isGone(error)) return undefined;
    throw error;
  });
  if (handle === undefined) return false;
  const hash = createHash('sha1');
  let read = 0;
  try {
    await pipeline(handle.createReadStream(), createInflate(), async (contents: AsyncIterable<Buffer>) => {
      for await (const part of contents) {
        read += part.length;
        if (read > MOST_READ) return;
        hash.update(part);
      }
    });
  } catch (error) {
    if (isSystemError(error)) throw error;
    return true;
  }
  return read <= MOST_READ && hash.digest('hex') !== oid;
}

/** @param folder that Git could not read the repository of. */
export function lossFailure(loss: Loss, folder: string, cause: Failure): Failure {
  const { paths } = cause;
  return new Failure(
    'git',
    loss.kind === 'lendersGone'
      ? l10n.t(
          'The repository of “{0}” borrows objects from “{1}”, by its objects/info/alternates, and no such folder is there. In a container, have that folder at the same place, too. Where it is gone, run “git fetch --refetch --no-filter” in the repository. Then try again.',
          folder,
          firstFew(loss.folders),
        )
      : l10n.t(
          'A part of the last commit of “{0}” is damaged, as after a crash: {1}. Remove that, run “git fetch --refetch --no-filter” in the repository, which gets it from its remote, and try again.',
          folder,
          firstFew(loss.files),
        ),
    { paths, cause: cause.cause },
  );
}
