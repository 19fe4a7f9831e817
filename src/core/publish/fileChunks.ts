import type { FileHandle } from 'node:fs/promises';

/** Of the first chunks of a file. Bytes. */
export const CHUNK_BYTES = 512 * 1024;

/**
 * Each chunk wakes three threads and runs what sends and counts it, which on a fast link costs more than its bytes do; on
 * a slow one a large chunk would hide for long whether anything moves. So chunks grow to this while each goes fast.
 */
const MOST_CHUNK_BYTES = 4 * 1024 * 1024;
const FAST_MS = 50;

/**
 * Bytes `start` up to `end` of a file, or as many as there are, and closes it. One chunk is read ahead, into the other
 * of two pieces of memory that are used in turn: a chunk is good until the next is asked for. Fresh memory for every
 * chunk would be paid with page faults and garbage collection.
 */
export async function* chunksOf(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  let reading: Promise<number> | undefined;
  pieces.open();
  try {
    // What no chunk has grown into takes no memory yet.
    const length = Math.min(MOST_CHUNK_BYTES, end - start);
    const memory = [pieces.take(length), pieces.take(length)] as const;
    let turn: 0 | 1 = 0;
    let most = CHUNK_BYTES;
    const read = (at: number): Promise<number> => fill(handle, memory[turn], at, Math.min(most, end - at));
    reading = read(start);
    for (let at = start; at < end;) {
      const bytes = await reading;
      if (bytes === 0) return;
      const chunk = memory[turn].subarray(0, bytes);
      at += bytes;
      turn = turn === 0 ? 1 : 0;
      reading = at < end ? read(at) : Promise.resolve(0);
      // It is awaited later, or never.
      reading.catch(() => undefined);
      const since = performance.now();
      yield chunk;
      if (performance.now() - since < FAST_MS) most = Math.min(2 * most, MOST_CHUNK_BYTES);
    }
    // Whoever breaks off may still be at the last chunk.
    for (const piece of memory) pieces.give(piece);
  } finally {
    await reading?.catch(() => undefined);
    pieces.close();
    await handle.close();
  }
}

/**
 * The largest pieces of readings that have ended, for those that begin while others go on, such as the parts of a file: fresh memory for
 * each part would be freed long after it, and a file's parts would take as much as they hold.
 */
class SparePieces {
  #spare: Buffer[] = [];
  #open = 0;

  open(): void {
    this.#open += 1;
  }

  /** Nobody reads any more, nothing is kept. */
  close(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#spare = [];
  }

  take(bytes: number): Buffer {
    return (bytes === MOST_CHUNK_BYTES ? this.#spare.pop() : undefined) ?? memoryOf(bytes);
  }

  give(piece: Buffer): void {
    if (piece.length === MOST_CHUNK_BYTES) this.#spare.push(piece);
  }
}

const pieces = new SparePieces();

/** What is worth a thread of its own has to be seen by it. */
function memoryOf(bytes: number): Buffer {
  return bytes < CHUNK_BYTES ? Buffer.allocUnsafeSlow(bytes) : Buffer.from(new SharedArrayBuffer(bytes));
}

/** Reads until `length` bytes are there or the file ends. */
async function fill(handle: FileHandle, into: Buffer, at: number, length: number): Promise<number> {
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(into, filled, length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
