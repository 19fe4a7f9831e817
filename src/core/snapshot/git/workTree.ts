import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import type { Sha256 } from '../../objectIds.ts';
import { contentHashes } from '../files/contentHashes.ts';
import { openRegularFile } from '../files/regularFile.ts';
import { isForbidden, type SystemError } from '../files/systemErrors.ts';
import { fileKey, isSettled, type HashKey, type HashMemory } from '../hashMemory.ts';
import { LONGEST_POINTER, mayBePointer, parseLfsPointer, type LfsPointer } from './lfsPointer.ts';
import { findInStore } from './lfsStore.ts';

/**
 * Where the work tree keeps a path of the commit; undefined where the platform would take the path for something else,
 * such as a backslash or a stream's colon on Windows, so that nothing outside the work tree is ever opened.
 */
export function workTreeFile(top: string, path: string, platform: NodeJS.Platform): string | undefined {
  const windows = platform === 'win32';
  const components = path.split('/');
  if (components.some((name) => ['', '.', '..'].includes(name) || (windows && /[\\:]/.test(name)))) {
    return undefined;
  }
  return (windows ? win32 : posix).join(top, ...components);
}

/** What is known of the file at a path, next to the content that an LFS pointer stands for. */
export type Likeness =
  /** No regular file. */
  | { readonly kind: 'absent' }
  /** The pointer itself: it was never checked out. */
  | { readonly kind: 'pointer' }
  /** Another content. */
  | { readonly kind: 'different' }
  | {
      /** The same content, or one of the same size that nobody has compared yet. */
      readonly kind: 'same' | 'unknown';
      /** Absolute path. */
      readonly file: string;
      readonly key: HashKey;
      /** Whether a write after that look would change the key. */
      readonly isSettled: boolean;
    }
  /** This user may not look at it. */
  | { readonly kind: 'forbidden'; readonly error: SystemError };

/** The LFS files in the work tree. All paths are from the top. */
export interface WorkTree {
  /**
   * What its metadata, earlier hashes and the LFS store tell of the file at `path`. Its content is not read, but where
   * it is as short as the pointer: one of another size that is the pointer counts as `different`.
   */
  likeness(path: string, pointer: LfsPointer): Promise<Likeness>;
  /** What the file at `path` is, read whole where nothing else tells; `unknown` where it cannot be read. */
  compared(path: string, pointer: LfsPointer): Promise<Likeness>;
}

interface WorkTreeOptions {
  /** The LFS store's, to recognise files that share their content with it. */
  readonly objectFolders: readonly string[];
  /** Spares reading files again. */
  readonly hashes: HashMemory | undefined;
  readonly signal: AbortSignal;
}

export function workTree(top: string, { objectFolders, hashes, signal }: WorkTreeOptions): WorkTree {
  /** What this work tree has hashed, files too fresh for the memory among it, which can only be found to differ. */
  const hashed = new Map<HashKey, Sha256>();

  async function likeness(path: string, pointer: LfsPointer): Promise<Likeness> {
    const file = workTreeFile(top, path, process.platform);
    if (file === undefined) return { kind: 'absent' };
    const lookedAt = Date.now();
    let stats: BigIntStats;
    try {
      stats = await lstat(file, { bigint: true });
    } catch (error) {
      return isForbidden(error) ? { kind: 'forbidden', error } : { kind: 'absent' };
    }
    if (!stats.isFile()) return { kind: 'absent' };
    if (stats.size !== BigInt(pointer.size)) return { kind: 'different' };
    if (mayBePointer(pointer.size) && (await isPointer(file, pointer))) return { kind: 'pointer' };
    if (await isBehindLink(top, path)) return { kind: 'absent' };
    const key = fileKey(stats);
    const looked = { file, key, isSettled: isSettled(stats, lookedAt) };
    const sha256 = hashed.get(key) ?? (await hashes?.sha256Of(key));
    if (sha256 !== undefined) {
      return sha256 === pointer.sha256 ? { kind: 'same', ...looked } : { kind: 'different' };
    }
    return { kind: (await isStored(stats, pointer)) ? 'same' : 'unknown', ...looked };
  }

  /** Whether the store's object is this very file, by a hard link. */
  async function isStored({ ino, dev, nlink }: BigIntStats, pointer: LfsPointer): Promise<boolean> {
    if (nlink < 2n || ino === 0n) return false;
    const object = await findInStore(objectFolders, pointer);
    if (object.kind !== 'stored') return false;
    const stored = await lstat(object.file, { bigint: true }).catch(() => undefined);
    return stored?.ino === ino && stored.dev === dev;
  }

  return {
    likeness,
    async compared(path, pointer) {
      const known = await likeness(path, pointer);
      const file = workTreeFile(top, path, process.platform);
      if (known.kind === 'different' && file !== undefined && (await isPointer(file, pointer))) {
        return { kind: 'pointer' };
      }
      if (known.kind !== 'unknown') return known;
      try {
        const { sha256 } = await contentHashes(known.file, { hashes, signal });
        // Written since it was looked at, it is not what was looked at.
        if (fileKey(await lstat(known.file, { bigint: true })) !== known.key) return known;
        const isSame = sha256 === pointer.sha256;
        if (known.isSettled || !isSame) hashed.set(known.key, sha256);
        return isSame ? { ...known, kind: 'same' } : { kind: 'different' };
      } catch {
        signal.throwIfAborted();
        // It went away, is being written or may not be read.
        return known;
      }
    },
  };
}

/** Whether a folder on the way to `path` is a link: it could lead to a person's secrets. */
async function isBehindLink(top: string, path: string): Promise<boolean> {
  const folders = path.split('/').slice(0, -1);
  for (const depth of folders.keys()) {
    const folder = workTreeFile(top, folders.slice(0, depth + 1).join('/'), process.platform);
    const stats = folder === undefined ? undefined : await lstat(folder).catch(() => undefined);
    if (stats?.isDirectory() !== true) return true;
  }
  return false;
}

async function isPointer(file: string, { sha256, size }: LfsPointer): Promise<boolean> {
  try {
    const handle = await openRegularFile(file);
    try {
      const content = Buffer.alloc(LONGEST_POINTER);
      const { bytesRead } = await handle.read(content);
      const found = parseLfsPointer(content.subarray(0, bytesRead));
      return found?.sha256 === sha256 && found.size === size;
    } finally {
      await handle.close();
    }
  } catch {
    // What cannot be read is no pointer that anybody could tell.
    return false;
  }
}
