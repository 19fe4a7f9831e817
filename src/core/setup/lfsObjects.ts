import { createHash, randomUUID } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { copyFile, lstat, mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { Sha256 } from '../objectIds.ts';
import { feed } from '../snapshot/files/contentHashes.ts';
import { openRegularFile, READ_SIZE } from '../snapshot/files/regularFile.ts';
import { replaceFile } from '../snapshot/files/replaceFile.ts';
import { isGone, isSystemError, refused } from '../snapshot/files/systemErrors.ts';
import { LONGEST_POINTER, parseLfsPointer } from '../snapshot/git/lfsPointer.ts';
import { fileKey, isSettled } from '../snapshot/hashMemory.ts';

/** A file whose content Git LFS keeps. */
export interface KeptFile {
  /** What the commit holds in place of the content. */
  readonly pointer: Buffer;
  /** Of the content; undefined where the file was a pointer itself, or is empty, and nothing had to be kept. */
  readonly sha256: Sha256 | undefined;
  /** The file as it was while it was read. */
  readonly stats: BigIntStats;
  /** Whether a write during the reading would have changed `stats`, whatever the file system's clock is. */
  readonly isSettled: boolean;
}

interface Keeping {
  /** Absolute path of the store's `objects`, made where it is missing. */
  readonly objects: string;
  readonly signal: AbortSignal;
  /** So many bytes more were read. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Keeps the content of `file` (absolute path) in Git LFS's store, as its clean filter does
 * (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md): of an empty file and of one that is a pointer already,
 * there is nothing to keep. The object shares the file's blocks where the file system can share them until one of the
 * two is written to, and is a copy elsewhere: never the same file, for a later edit would change it, too.
 *
 * @param path that failures name.
 * @throws Failure `disk`, where it cannot be read, is written to meanwhile, or there is no room.
 */
export async function keepObject(file: string, path: string, keeping: Keeping): Promise<KeptFile> {
  try {
    const handle = await openRegularFile(file);
    try {
      const stats = await handle.stat({ bigint: true });
      const settled = isSettled(stats, Date.now());
      const found = await contentKept(handle, file, stats, keeping);
      if (fileKey(await handle.stat({ bigint: true })) !== fileKey(stats)) throw changing(path);
      return { ...found, stats, isSettled: settled };
    } finally {
      await handle.close();
    }
  } catch (error) {
    keeping.signal.throwIfAborted();
    if (error instanceof Failure) throw error;
    if (isSystemError(error)) throw refused(error, file, [path]);
    throw changing(path, error);
  }
}

async function contentKept(
  handle: FileHandle,
  file: string,
  stats: BigIntStats,
  keeping: Keeping,
): Promise<Pick<KeptFile, 'pointer' | 'sha256'>> {
  const { onBytes } = keeping;
  if (stats.size === 0n) return { pointer: Buffer.alloc(0), sha256: undefined };
  if (stats.size < BigInt(LONGEST_POINTER)) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST_POINTER), 0, LONGEST_POINTER, 0);
    const content = buffer.subarray(0, bytesRead);
    if (parseLfsPointer(content) !== undefined) {
      onBytes(bytesRead);
      return { pointer: content, sha256: undefined };
    }
  }
  const temporary = join(dirname(keeping.objects), 'tmp', randomUUID());
  await mkdir(dirname(temporary), { recursive: true });
  try {
    const { sha256, size } = (await isCloned(file, temporary))
      ? await hashOf(temporary, keeping)
      : await copied(handle, temporary, keeping);
    // A clone of what was put in the file's place has another size, or shows in the metadata afterwards.
    if (BigInt(size) !== stats.size) throw new Error(`${size} bytes were read of ${stats.size}`);
    const object = join(keeping.objects, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    await mkdir(dirname(object), { recursive: true });
    if (!(await isThere(object, size))) await replaceFile(temporary, object);
    return { pointer: pointerTo(sha256, size), sha256 };
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Whether `to` is now a clone of the file, which takes no time and no room. */
async function isCloned(file: string, to: string): Promise<boolean> {
  try {
    await copyFile(file, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    // Most file systems cannot; what else may be wrong shows when it is copied.
    await rm(to, { force: true });
    return false;
  }
}

interface Content {
  readonly sha256: Sha256;
  /** Bytes. */
  readonly size: number;
}

async function hashOf(file: string, { signal, onBytes }: Keeping): Promise<Content> {
  const handle = await openRegularFile(file);
  try {
    const hash = createHash('sha256');
    const size = await feed(handle, [hash], signal);
    onBytes(size);
    return { sha256: hash.digest('hex') as Sha256, size };
  } finally {
    await handle.close();
  }
}

/** One reading for both the copy and its hash. */
async function copied(from: FileHandle, to: string, { signal, onBytes }: Keeping): Promise<Content> {
  const target = await open(to, 'wx');
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(READ_SIZE);
    for (let size = 0; ;) {
      signal.throwIfAborted();
      const { bytesRead } = await from.read(buffer, 0, buffer.length, size);
      if (bytesRead === 0) return { sha256: hash.digest('hex') as Sha256, size };
      const bytes = buffer.subarray(0, bytesRead);
      hash.update(bytes);
      for (let written = 0; written < bytesRead;) {
        written += (await target.write(bytes, written, bytesRead - written, size + written)).bytesWritten;
      }
      size += bytesRead;
      onBytes(bytesRead);
    }
  } finally {
    await target.close();
  }
}

async function isThere(object: string, size: number): Promise<boolean> {
  try {
    const stats = await lstat(object);
    return stats.isFile() && stats.size === size;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer */
function pointerTo(sha256: Sha256, size: number): Buffer {
  return Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`);
}

/** A file is not the one that was to be committed. */
export function changing(path: string, cause?: unknown): Failure {
  return new Failure(
    'disk',
    l10n.t(
      '“{0}” was changed while it was read, and nothing was committed. Try again when nothing writes to it any more.',
      path,
    ),
    { paths: [path], cause },
  );
}
