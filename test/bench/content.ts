import { createCipheriv, createHash } from 'node:crypto';

const MIB = 2 ** 20;
/** Bytes of a block: what differs from one to the next is where in the material it begins. */
const BLOCK = MIB;
const OFFSETS = 2 ** 21;

/** Looks random, and is the same each time. Small enough for a processor's cache. */
const material = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(
  Buffer.alloc(OFFSETS + BLOCK),
);

/**
 * Content of a file that is nowhere stored and costs nothing to make: each block of it is another window of the same
 * material, by the number of the file and of the block.
 */
export class MadeContent {
  readonly size: number;
  readonly #file: number;

  /**
   * @param file Its number: files of different numbers differ.
   * @param size Bytes.
   */
  constructor(file: number, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** Bytes `start` up to `end`, in pieces of at most `most` that must not be changed. */
  *pieces(start: number, end: number, most = BLOCK): Generator<Buffer> {
    for (let at = start; at < end;) {
      const block = Math.floor(at / BLOCK);
      const within = at - block * BLOCK;
      const length = Math.min(most, BLOCK - within, end - at);
      // Multiplying by an odd number and keeping the upper bits spreads neighbours over all offsets.
      const offset = (Math.imul(this.#file * 65_537 + block, 0x9e37_79b1) >>> 11) + within;
      yield material.subarray(offset, offset + length);
      at += length;
    }
  }

  /** Lower-case hex. Takes half a second for a GiB. */
  sha256(): string {
    const hash = createHash('sha256');
    for (const piece of this.pieces(0, this.size)) hash.update(piece);
    return hash.digest('hex');
  }
}

/** Text of that size, with the front matter that clients have validated where it is a README. */
export function text(path: string, size: number, random: (bytes: number) => Buffer): Buffer {
  const start = path === 'README.md' ? '---\nlicense: mit\n---\n' : '';
  return Buffer.from((start + random(size).toString('base64')).slice(0, size));
}

/** Always the same bytes, for {@link text} that has to be the same in every run. */
export function sameBytes(bytes: number): Buffer {
  return material.subarray(0, bytes);
}
