import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Failure } from '../failure.ts';
import type { ObjectContent } from '../hub/client.ts';
import type { Sha256 } from '../objectIds.ts';
import type { BlobFile, SnapshotFile } from '../snapshot/snapshot.ts';

const READ_AHEAD_BYTES = 64 * 1024;

/**
 * The content of an LFS object, hashed while it is read: the stream of its last byte breaks with `corrupt` where the bytes are
 * not those of `oid`, so that a server never gets such an object whole. Ranges are opened in order; an attempt may repeat one.
 */
export function checkedObject(file: SnapshotFile, oid: Sha256): ObjectContent {
  const hashedTo = new Map<number, Hash>([[0, createHash('sha256')]]);
  return {
    oid,
    size: file.size,
    open: (start, end) => {
      const before = hashedTo.get(start);
      if (before === undefined) throw new RangeError(`The bytes before ${start} were not read yet.`);
      const hash = before.copy();
      const atEnd = (): void => {
        if (end < file.size) hashedTo.set(end, hash);
        else if (hash.digest('hex') !== oid) throw damaged(file);
      };
      return Promise.resolve(streamOf(readExactly(file, start, end, [hash], atEnd)));
    },
  };
}

/** A blob's content, hashed while it is read; breaks with `corrupt` at its last byte where it is not what the commit says. */
export function checkedBlob(file: SnapshotFile): Readable {
  const hash = blobHash(file.size);
  return streamOf(
    readExactly(file, 0, file.size, [hash], () => {
      if (file.kind === 'blob' && hash.digest('hex') !== file.gitSha1) throw damaged(file);
    }),
  );
}

/** Reads a blob once for its SHA-256, and proves on the way that it is what the commit says. */
export async function sha256Of(file: BlobFile, signal: AbortSignal): Promise<Sha256> {
  const git = blobHash(file.size);
  const sha256 = createHash('sha256');
  const chunks = readExactly(file, 0, file.size, [git, sha256], () => undefined);
  try {
    while (!(await chunks.next()).done) signal.throwIfAborted();
  } finally {
    await chunks.return(undefined);
  }
  if (git.digest('hex') !== file.gitSha1) throw damaged(file);
  return sha256.digest('hex') as Sha256;
}

/** The first bytes of a file, at most `bytes`. */
export async function sampleOf(file: BlobFile, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readExactly(file, 0, Math.min(bytes, file.size), [], () => undefined))
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Bytes `start` to `end` of a file, through the hashes. `atEnd` is called before the last bytes are handed on. The source is opened
 * at the first read, and closed at the end, at an error and when the reader stops early.
 */
async function* readExactly(
  file: SnapshotFile,
  start: number,
  end: number,
  hashes: readonly Hash[],
  atEnd: () => void,
): AsyncGenerator<Buffer> {
  let left = end - start;
  if (left === 0) {
    atEnd();
    return;
  }
  const source = await opened(file, start, end);
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      const bytes = chunk.subarray(0, left);
      left -= bytes.length;
      for (const hash of hashes) hash.update(bytes);
      if (left === 0 && bytes.length > 0) atEnd();
      if (bytes.length > 0) yield bytes;
      if (bytes.length < chunk.length) break;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  if (left > 0) throw damaged(file);
}

async function opened(file: SnapshotFile, start: number, end: number): Promise<Readable> {
  try {
    return await (file.kind === 'lfs' ? file.open(start, end) : file.open(start));
  } catch (error) {
    throw unreadable(file, error);
  }
}

function streamOf(chunks: AsyncGenerator<Buffer>): Readable {
  return Readable.from(chunks, { objectMode: false, highWaterMark: READ_AHEAD_BYTES });
}

/** Git's name of a blob is the SHA-1 of this header and the content. */
function blobHash(size: number): Hash {
  return createHash('sha1').update(`blob ${size}\0`);
}

function damaged(file: SnapshotFile): Failure {
  return new Failure(
    'corrupt',
    file.kind === 'lfs'
      ? l10n.t(
          '“{0}” is damaged on this machine: its bytes are not those that the commit names. Nothing was published. Repair it with “git lfs fsck” and “git lfs pull”, then publish again.',
          file.path,
        )
      : l10n.t(
          '“{0}” is damaged on this machine: its bytes are not those that the commit names. Nothing was published. Check the repository with “git fsck”.',
          file.path,
        ),
    { paths: [file.path] },
  );
}

function unreadable(file: SnapshotFile, error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure(
    file.kind === 'lfs' ? 'missingObject' : 'git',
    l10n.t('“{0}” cannot be read: {1}', file.path, error instanceof Error ? error.message : String(error)),
    { paths: [file.path], cause: error },
  );
}
