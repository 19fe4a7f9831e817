import { createHash, type Hash } from 'node:crypto';
import { addAbortSignal, Readable } from 'node:stream';
import type { BodyContent } from '../http/client.ts';
import type { ObjectContent } from '../hub/upload.ts';
import { blobHash, type Sha256 } from '../objectIds.ts';
import type { BlobFile, SnapshotFile } from '../snapshot/snapshot.ts';
import { AscendingContent } from './ascendingContent.ts';
import { damaged } from './contentFailures.ts';
import { CHUNK_BYTES } from './fileChunks.ts';
import { PartsProof } from './partsProof.ts';
import { nextTurn, opened, readExactly, type Opener, type Witness } from './reading.ts';
import type { Sha256Thread } from './sha256Thread.ts';

/** An object's content while it is sent. Whoever made it closes it, however the sending ended. */
export interface CheckedObject extends ObjectContent {
  close(): Promise<void>;
}

/**
 * What is no larger is hashed before its first byte leaves: a content that is not the commit's, such as a private key
 * that took its place, reaches no server, whatever that asks for. Keys, passwords, cookies and keychains are smaller.
 * It is half of what is hashed without a thread (16 MiB), takes some 20 ms, and for as many as are sent at once fits
 * into memory. Bytes.
 */
export const PROVED_FIRST = 8 * 1024 * 1024;

/** The content of an LFS object, proved to be `oid` before it is sent or, if large, before the server gets it whole. */
export function checkedObject(
  file: SnapshotFile,
  oid: Sha256,
  sha256s: Pick<Sha256Thread, 'begin'>,
): CheckedObject {
  return file.size <= PROVED_FIRST ? provedObject(file, oid) : streamedObject(file, oid, sha256s);
}

/** Read whole and hashed, once, by whoever reads first; what is sent are the very bytes that were hashed. */
export function provedObject(file: SnapshotFile, oid: Sha256): CheckedObject {
  const controller = new AbortController();
  let proving: Promise<Buffer> | undefined;
  const read = async function* (start: number, end: number): AsyncGenerator<Buffer> {
    proving ??= provedBytes(file, createHash('sha256'), oid, controller.signal);
    yield* piecesOf((await proving).subarray(start, end));
  };
  return {
    oid,
    size: file.size,
    ranges: 'any',
    open: (start, end) => Promise.resolve(read(start, end)),
    proved: () => Promise.resolve(),
    async close() {
      controller.abort();
      await proving?.catch(() => undefined);
    },
  };
}

/**
 * The content of a large LFS object, hashed while it is sent, so that a server never gets another one whole:
 *
 * - Read whole, and in parts of a blob, which come one after the other from one stream because Git only gives it from
 *   its beginning, or of what comes from afar and is not fetched twice, the bytes go through the hash on their way, and
 *   the stream of the last ones breaks with `corrupt` where they are not those of `oid`.
 * - Parts of a file are read side by side, but SHA-256 needs them in order. A second reader follows right behind, while
 *   the system still has the bytes in memory, and hashes them; a checksum (CRC-32) of every part, taken of what was
 *   sent and of what was hashed, shows that they were the same. {@link ObjectContent.proved} waits for it, before the
 *   parts are put together.
 */
export function streamedObject(
  file: SnapshotFile,
  oid: Sha256,
  sha256s: Pick<Sha256Thread, 'begin'>,
): CheckedObject {
  const readings = new Set<AsyncGenerator<Buffer>>();
  const read = (start: number, end: number, witness: Witness, from?: Opener): Promise<BodyContent> => {
    const reading = readExactly(file, start, end, witness, from);
    readings.add(reading);
    return Promise.resolve(reading);
  };
  const inOrder = witnessInOrder(file, oid);
  const once = file.kind === 'blob' || file.reading === 'once' ? new AscendingContent(file) : undefined;
  const whole = (): Witness => {
    const hash = sha256s.begin(file.size);
    return {
      update: (bytes) => hash.update(bytes),
      atEnd: async () => {
        if ((await hash.digest()) !== oid) throw damaged(file);
      },
    };
  };
  let proof: PartsProof | undefined;
  return {
    oid,
    size: file.size,
    ranges: once === undefined ? 'any' : 'ascending',
    open(start, end) {
      const isWhole = start === 0 && end === file.size;
      if (once !== undefined) {
        return read(start, end, isWhole ? whole() : inOrder(start, end), () => once.open(start, end));
      }
      if (isWhole) return read(start, end, whole());
      proof ??= new PartsProof(file, sha256s.begin(file.size), oid);
      return read(start, end, proof.part(start, end));
    },
    proved: async () => proof?.proved(),
    async close() {
      // Before its readers, which may wait for more.
      once?.close();
      await Promise.all([...readings].map((reading) => reading.return(undefined)));
      await proof?.close();
    },
  };
}

/** Looks at bytes at once, for a witness. */
function seenBy(bytes: Buffer, ...hashes: readonly Hash[]): undefined {
  for (const hash of hashes) hash.update(bytes);
}

/** Ranges are read in order; an attempt may repeat one. */
function witnessInOrder(file: SnapshotFile, oid: Sha256): (start: number, end: number) => Witness {
  const hashedTo = new Map<number, Hash>([[0, createHash('sha256')]]);
  return (start, end) => {
    const before = hashedTo.get(start);
    if (before === undefined) throw new RangeError(`The bytes before ${start} were not read yet.`);
    const hash = before.copy();
    return {
      update: (bytes) => seenBy(bytes, hash),
      atEnd: () => {
        const known = hashedTo.get(end);
        // The ranges behind it may have been hashed by now: another attempt has to send the very same bytes.
        if (known !== undefined && !isSame(known, hash)) throw damaged(file);
        if (end < file.size) hashedTo.set(end, hash);
        else if (hash.digest('hex') !== oid) throw damaged(file);
      },
    };
  };
}

function isSame(one: Hash, other: Hash): boolean {
  return one.copy().digest('hex') === other.copy().digest('hex');
}

/**
 * A blob's content, hashed before it is handed on, or, where it is larger than {@link PROVED_FIRST}, while it is read;
 * breaks with `corrupt`, at its last byte at the latest, where it is not what the commit says.
 */
export function checkedBlob(file: SnapshotFile): AsyncIterable<Buffer> {
  const hash = blobHash(file.size);
  if (file.kind === 'blob' && file.size <= PROVED_FIRST) return provedBlob(file, hash);
  return readExactly(file, 0, file.size, {
    update: (bytes) => seenBy(bytes, hash),
    atEnd: () => {
      if (file.kind === 'blob' && hash.digest('hex') !== file.gitSha1) throw damaged(file);
    },
  });
}

async function* provedBlob(file: BlobFile, hash: Hash): AsyncGenerator<Buffer> {
  yield* piecesOf(await provedBytes(file, hash, file.gitSha1));
}

/** The whole content in memory. Throws `corrupt` where its hash is not `wanted`. */
async function provedBytes(
  file: SnapshotFile,
  hash: Hash,
  wanted: string,
  signal?: AbortSignal,
): Promise<Buffer> {
  let whole: Buffer | undefined;
  let filled = 0;
  const witness: Witness = {
    update: (bytes) => seenBy(bytes, hash),
    atEnd: () => {
      if (hash.digest('hex') !== wanted) throw damaged(file);
    },
  };
  const source = async (): Promise<AsyncIterable<Buffer> | Iterable<Buffer>> => {
    const content = await opened(file, 0, file.size);
    return signal !== undefined && content instanceof Readable ? addAbortSignal(signal, content) : content;
  };
  for await (const bytes of readExactly(file, 0, file.size, witness, source)) {
    signal?.throwIfAborted();
    // Most are read at once.
    if (bytes.length === file.size) return bytes;
    whole ??= Buffer.allocUnsafeSlow(file.size);
    filled += bytes.copy(whole, filled);
  }
  return whole ?? Buffer.alloc(0);
}

/** Bytes in pieces as files are read in, so that whoever sends them sees them leave. */
function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/** Reads a blob once for its SHA-256, and proves on the way that it is what the commit says. */
export async function sha256Of(file: BlobFile, signal: AbortSignal): Promise<Sha256> {
  const git = blobHash(file.size);
  const sha256 = createHash('sha256');
  const witness: Witness = {
    update: (bytes) => seenBy(bytes, git, sha256),
  };
  for await (const chunk of readExactly(file, 0, file.size, witness)) {
    signal.throwIfAborted();
    if (chunk.length > 0) await nextTurn();
  }
  if (git.digest('hex') !== file.gitSha1) throw damaged(file);
  return sha256.digest('hex') as Sha256;
}

/** What comes at once anyway: to stop reading it would cost more than to read it. */
const SMALL_BYTES = 64 * 1024;

/**
 * The first bytes of a file, at most `bytes`. They leave before anything else does, so a small file that Git does not
 * answer for is hashed first; throws `corrupt` where it is not what the commit says.
 */
export async function sampleOf(file: SnapshotFile, bytes: number): Promise<Buffer> {
  if (file.kind === 'blob' && file.origin.kind === 'download' && file.size <= PROVED_FIRST)
    return (await provedBytes(file, blobHash(file.size), file.gitSha1)).subarray(0, bytes);
  const chunks: Buffer[] = [];
  const end = file.size <= SMALL_BYTES ? file.size : bytes;
  for await (const chunk of readExactly(file, 0, end)) chunks.push(chunk);
  return Buffer.concat(chunks).subarray(0, bytes);
}
