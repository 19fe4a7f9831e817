import type { FileHandle } from 'node:fs/promises';

/** Large enough that a call costs nothing beside its bytes, small enough that they stay in the processor's cache. */
export const CHUNK_BYTES = 512 * 1024;

/**
 * Bytes `start` up to `end` of a file, or as many as there are, and closes it. One chunk is read ahead, into the other
 * of two pieces of memory that are used in turn: a chunk is good until the next is asked for. Fresh memory for every
 * chunk would be paid with page faults and garbage collection.
 */
export async function* chunksOf(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  let reading: Promise<number> | undefined;
  try {
    const length = Math.min(CHUNK_BYTES, end - start);
    const memory = [memoryOf(length), memoryOf(length)] as const;
    let turn: 0 | 1 = 0;
    const read = (at: number): Promise<number> => fill(handle, memory[turn], at, Math.min(length, end - at));
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
      yield chunk;
    }
  } finally {
    await reading?.catch(() => undefined);
    await handle.close();
  }
}

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
