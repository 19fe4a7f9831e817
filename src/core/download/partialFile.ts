import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { blobHash } from '../objectIds.ts';
import { feed } from '../snapshot/files/contentHashes.ts';
import { hasCode } from '../snapshot/files/systemErrors.ts';
import type { ContentId } from '../snapshot/hfCache/contentId.ts';

/** A link put in the place of a partial file is not followed. Windows has no such flag, which counts as 0. */
const RESUME = constants.O_RDWR | constants.O_NOFOLLOW;

/**
 * A content on its way, in a file of its own until it is whole. Bytes are written where they belong and are always
 * those of the same content: two windows that fetch it at once do not harm each other.
 */
export interface PartialFile {
  /** Bytes from the start of the content that are in the file. */
  readonly length: number;
  /** Bytes of the content that are in the file, wherever. */
  readonly bytes: number;
  /** Whether all of it is there and is what its id says. Rejects with the signal's reason where it is aborted. */
  isWhole(signal: AbortSignal): Promise<boolean>;
  /** Appends bytes, which may be used again when this resolves. */
  write(chunk: Uint8Array): Promise<void>;
  /** Throws away what is there: the file is another one afterwards. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the partial file at `path` (absolute), or makes it. What is in it already is read to go on with the hash.
 *
 * @param content size in bytes, and the id that the whole has to have.
 */
export async function openPartialFile(
  path: string,
  content: { readonly size: number; readonly id: ContentId },
  signal: AbortSignal,
): Promise<PartialFile> {
  let handle = await openedOrMade(path, content.size);
  let hash = hashFor(content);
  let length: number;
  try {
    length = await feed(handle, [hash], signal);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    get length() {
      return length;
    },
    get bytes() {
      return length;
    },
    isWhole: () =>
      Promise.resolve(length === content.size && hash.copy().digest('hex') === nameOf(content.id)),
    async write(chunk) {
      for (let written = 0; written < chunk.byteLength;) {
        const { bytesWritten } = await handle.write(chunk, written, undefined, length + written);
        written += bytesWritten;
      }
      hash.update(chunk);
      length += chunk.byteLength;
    },
    async restart() {
      await handle.close();
      await discard(path);
      handle = await open(path, 'wx+');
      hash = hashFor(content);
      length = 0;
    },
    close: () => handle.close(),
  };
}

/** What huggingface_hub calls a content in its cache: SHA-256 of an LFS file, Git object id of another one. */
export function nameOf(id: ContentId): string {
  return id.kind === 'lfs' ? id.sha256 : id.gitSha1;
}

/** Removes a partial file, where it is there. */
export async function discard(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}

/** The file at `path`, where it is one that a download may have left of a content of that size, else a new one. */
export async function openedOrMade(path: string, size: number): Promise<FileHandle> {
  const left = await open(path, RESUME).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT', 'ELOOP')) throw error;
    return undefined;
  });
  if (left !== undefined) {
    const stats = await left.stat();
    // One with another name, too, may be somebody's.
    if (stats.isFile() && stats.nlink === 1 && stats.size <= size) return left;
    await left.close();
  }
  await discard(path);
  return open(path, 'wx+');
}

function hashFor({ size, id }: { readonly size: number; readonly id: ContentId }): Hash {
  return id.kind === 'lfs' ? createHash('sha256') : blobHash(size);
}
