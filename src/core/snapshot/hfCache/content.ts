import { lstat, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { isReadable } from '../files/regularFile.ts';
import { isGone, plainly } from '../files/systemErrors.ts';
import { isRefusedPath } from '../refusedPath.ts';
import type { FolderEntry } from '../files/walk.ts';

/** Where the content of a path is. */
export type Content =
  | {
      readonly kind: 'content';
      /** Absolute path of a regular file, free of links. */
      readonly file: string;
      /** Bytes. */
      readonly size: number;
      /** Last component of what the link says; undefined where no link led here. */
      readonly name: string | undefined;
      /** Last change of the content, milliseconds of the Unix epoch. */
      readonly mtimeMs: number;
    }
  /** A link to nothing. */
  | { readonly kind: 'missing' }
  /** A link that leads out of where contents are kept. */
  | { readonly kind: 'outside' }
  /** A folder, by a link, or a device. */
  | { readonly kind: 'notAFile' };

/** Where links may lead. All are real paths. */
export interface Stores {
  /** The model's folder in the cache, or the folder of a download. */
  readonly own: string;
  /** Its folder `blobs`; undefined where it has none of its own. */
  readonly blobs: string | undefined;
  /** `<cache>/blobs`, which models share from huggingface_hub 1.33 on; undefined where there is none. */
  readonly shared: string | undefined;
}

/**
 * huggingface_hub's own links: `../../blobs/<etag>`. With no more in it, such a target reads the same with and without
 * links on its way.
 */
const OWN_LINK = /^(?:\.\.[/\\])+blobs[/\\][^/\\]+$/;
const SHARED_BLOB = /^[0-9a-f]{2}[/\\][0-9a-f]{64}$/;

/** Follows `entry` to its content, and never out of `stores`: a stranger's link may lead to a person's secrets. */
export async function contentOf(entry: FolderEntry, stores: Stores): Promise<Content> {
  if (entry.kind === 'other') return { kind: 'notAFile' };
  if (entry.kind === 'file') return found(entry.file, undefined);
  const target = await readlink(entry.file);
  // The first hop bears the server's name of the content; in the shared store it has another.
  const name = basename(target);
  if (OWN_LINK.test(target)) {
    const blob = join(dirname(entry.file), target);
    if (dirname(blob) === stores.blobs) {
      const direct = await found(blob, name);
      if (direct.kind !== 'notAFile') return direct;
    }
  }
  let file: string;
  try {
    file = await realpath(entry.file);
  } catch (error) {
    if (isGone(error)) return { kind: 'missing' };
    throw error;
  }
  return isKept(file, stores) ? found(file, name) : { kind: 'outside' };
}

async function found(file: string, name: string | undefined): Promise<Content> {
  try {
    const stats = await lstat(file);
    if (!stats.isFile()) return { kind: 'notAFile' };
    return { kind: 'content', file, size: stats.size, name, mtimeMs: stats.mtimeMs };
  } catch (error) {
    if (isGone(error)) return { kind: 'missing' };
    throw error;
  }
}

function isKept(file: string, { own, shared }: Stores): boolean {
  // A link into `.git` would publish what Git keeps there, such as a password in a remote's address.
  if (file.startsWith(own + sep)) return !isRefusedPath(relative(own, file).replaceAll(sep, '/'));
  return shared !== undefined && SHARED_BLOB.test(relative(shared, file));
}

/** Finds the stores of a model's folder. */
export async function storesOf(storage: string, cache: string): Promise<Stores> {
  const [own, realCache] = await Promise.all([realpath(storage), realpath(cache)]);
  const [blobs, shared] = await Promise.all([
    ownFolder(join(own, 'blobs')),
    ownFolder(join(realCache, 'blobs')),
  ]);
  return { own, blobs, shared };
}

/** `folder`, whose parent is a real path, if it is there and no link to another one. */
async function ownFolder(folder: string): Promise<string | undefined> {
  return (await realpath(folder).catch(() => undefined)) === folder ? folder : undefined;
}

/** Whether `file` is still a file of that many bytes. Throws a `disk` failure where it is there and cannot be read. */
export async function isPresent(file: string, size: number): Promise<boolean> {
  try {
    return await isReadable(file, size);
  } catch (error) {
    throw plainly(error, file);
  }
}
