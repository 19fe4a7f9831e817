import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, unlink, type FileHandle } from 'node:fs/promises';
import { blobHash } from '../objectIds.ts';
import { feed } from '../snapshot/files/contentHashes.ts';
import { READ_SIZE } from '../snapshot/files/regularFile.ts';
import { replaceFile, replaceWith } from '../snapshot/files/replaceFile.ts';
import { hasCode, isGone } from '../snapshot/files/systemErrors.ts';
import type { ContentId } from '../snapshot/hfCache/contentId.ts';
import type { ProvedContent } from './layout.ts';

/** A link put in the place of a partial file is not followed. Windows has no such flag, which counts as 0. */
const RESUME = constants.O_RDWR | constants.O_NOFOLLOW;

/**
 * A content on its way, in a file of its own until it is whole. Bytes are written where they belong and are always
 * those of the same content, and a file that another process may have open is not cut short, but begun anew as another
 * one of its name: two that fetch a content at once do not harm each other.
 */
export interface PartialFile extends ProvedContent {
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
    moveTo: (to) => moveTo(handle, path, to),
    drop: () => drop(handle, path),
    close: () => handle.close(),
  };
}

/** What huggingface_hub calls a content in its cache: SHA-256 of an LFS file, Git object id of another one. */
export function nameOf(id: ContentId): string {
  return id.kind === 'lfs' ? id.sha256 : id.gitSha1;
}

/**
 * As {@link ProvedContent.moveTo}, of the open file that was made at `path`. Another process may have begun the content
 * anew there, or given it its name: what is at `path` then is not what was proved here, which is still open to be copied.
 */
export async function moveTo(handle: FileHandle, path: string, to: string): Promise<void> {
  if (await isAt(handle, path)) {
    await replaceFile(path, to).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
    });
  }
  if (!(await isAt(handle, to))) await replaceWith(to, (copy) => copyOf(handle, copy));
}

/** As {@link ProvedContent.drop}, of the open file that was made at `path`. */
export async function drop(handle: FileHandle, path: string): Promise<void> {
  if (await isAt(handle, path)) await discard(path);
}

/** Whether an open file has that path, on its own file system. Where that numbers no files, all of them seem to. */
async function isAt(handle: FileHandle, path: string): Promise<boolean> {
  const [{ ino }, there] = await Promise.all([
    handle.stat({ bigint: true }),
    lstat(path, { bigint: true }).catch((error: unknown) => {
      if (!isGone(error)) throw error;
      return undefined;
    }),
  ]);
  return there?.ino === ino;
}

/** Makes a file at `path` of what an open one holds. */
async function copyOf(handle: FileHandle, path: string): Promise<void> {
  const copy = await open(path, 'wx');
  try {
    const memory = Buffer.allocUnsafe(READ_SIZE);
    for (let at = 0; ;) {
      const { bytesRead } = await handle.read(memory, 0, memory.length, at);
      if (bytesRead === 0) return;
      await copy.writeFile(memory.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await copy.close();
  }
}

/** Removes a partial file, where it is there. */
export async function discard(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}

/** The file at `path`, where it is one that a download may have left of a content of that size, else a new one. */
export async function openedOrMade(path: string, size: number): Promise<FileHandle> {
  for (let isTwice = false; ; isTwice = true) {
    const left = await open(path, RESUME).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT', 'ELOOP')) throw error;
      return error;
    });
    if (!(left instanceof Error)) {
      const stats = await left.stat();
      // One with another name, too, may be somebody's.
      if (stats.isFile() && stats.nlink === 1 && stats.size <= size) return left;
      await left.close();
    }
    // What was not there is not removed, for another process may have made it since; a link that leads nowhere is.
    if (isTwice || !hasCode(left, 'ENOENT')) await discard(path);
    const made = await open(path, 'wx+').catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
      return undefined;
    });
    if (made !== undefined) return made;
  }
}

function hashFor({ size, id }: { readonly size: number; readonly id: ContentId }): Hash {
  return id.kind === 'lfs' ? createHash('sha256') : blobHash(size);
}
