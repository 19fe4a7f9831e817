import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { blobHash, type GitObjectId, type Sha256 } from '../../objectIds.ts';
import { openRegularFile, READ_SIZE } from './regularFile.ts';
import { fileKey, blobKey, isSettled, type ContentHashes, type HashMemory } from '../hashMemory.ts';

/** A smaller file is hashed as fast as it is looked up, and would push larger ones out of the memory. Bytes. */
const WORTH_REMEMBERING = 64 * 1024;

/** A file was written to while it was read. */
export class ChangedWhileRead extends Error {
  override readonly name = 'ChangedWhileRead';
}

export interface HashingOptions {
  readonly hashes: HashMemory | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds of the Unix epoch. */
  readonly now?: () => number;
}

/** Both hashes of a regular file, in one reading; or from the memory, where the file is as it was then. */
export async function contentHashes(
  file: string,
  { hashes, signal, now = Date.now }: HashingOptions,
): Promise<Required<ContentHashes>> {
  signal.throwIfAborted();
  const handle = await openRegularFile(file);
  try {
    const before = await handle.stat({ bigint: true });
    const key = fileKey(before);
    // Asked afterwards, a file would count as settled that a write had overtaken within the step of the clock.
    const isTrusted = isSettled(before, now());
    const memory = before.size < WORTH_REMEMBERING ? undefined : hashes;
    const [sha256, gitSha1] = await Promise.all([memory?.sha256Of(key), memory?.gitSha1Of(key)]);
    if (sha256 !== undefined && gitSha1 !== undefined) return { sha256, gitSha1 };
    const read = await hashed(handle, before.size, signal);
    if (fileKey(await handle.stat({ bigint: true })) !== key) throw new ChangedWhileRead(file);
    if (memory !== undefined) {
      await memory.remember(blobKey(read.gitSha1), { sha256: read.sha256 });
      if (isTrusted) await memory.remember(key, read);
    }
    return read;
  } finally {
    await handle.close();
  }
}

async function hashed(
  handle: FileHandle,
  size: bigint,
  signal: AbortSignal,
): Promise<Required<ContentHashes>> {
  const [sha256, git] = [createHash('sha256'), blobHash(size)];
  await feed(handle, [sha256, git], signal);
  return { sha256: sha256.digest('hex') as Sha256, gitSha1: git.digest('hex') as GitObjectId };
}

/** Hands what an open file holds, from its beginning, to all of `hashes`, and gives the number of its bytes. */
export async function feed(
  handle: FileHandle,
  hashes: readonly Hash[],
  signal: AbortSignal,
): Promise<number> {
  const { size } = await handle.stat();
  const buffer = Buffer.allocUnsafe(Math.min(size + 1, READ_SIZE));
  for (let length = 0; ;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, length);
    if (bytesRead === 0) return length;
    for (const hash of hashes) hash.update(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
}
