import type { Readable } from 'node:stream';
import type { SnapshotFile } from '../snapshot/snapshot.ts';

interface Source {
  readonly stream: Readable;
  readonly chunks: AsyncIterator<Buffer>;
  /** Where the next byte is that nobody has got. */
  at: number;
  /** What came with the last chunk and belongs to the next range. */
  rest: Buffer | undefined;
  /** Where the range begins that somebody reads; undefined where nobody does. */
  readFrom: number | undefined;
}

/**
 * A content by ranges that follow each other, from one stream as long as they do: Git gives a blob from its beginning
 * only, and to open it for each of many ranges would read it half as many times; what comes from afar would need a
 * request for each. A range is opened when the one before it was read, and again, at another attempt, whenever that is:
 * then by a stream of its own where somebody reads a later one. {@link close} is owed at the end.
 */
export class AscendingContent {
  readonly #file: Pick<SnapshotFile, 'open'>;
  /** Whose streams are not the one that the next range comes from. */
  readonly #others = new Set<Source>();
  #main: Source | undefined;

  constructor(file: Pick<SnapshotFile, 'open'>) {
    this.#file = file;
  }

  /** Bytes `start` up to `end` exclusive, or as many as there are. */
  async open(start: number, end: number): Promise<AsyncIterable<Buffer>> {
    const main = this.#main;
    if (main?.at === start && main.readFrom === undefined) return this.#read(main, start, end);
    if (main?.readFrom !== undefined && start < main.readFrom) {
      const own = await this.#opened(start, end);
      this.#others.add(own);
      return this.#read(own, start, end);
    }
    if (main?.readFrom !== undefined && start > main.readFrom) this.#others.add(main);
    // Who was given up may still wait for a chunk of it.
    else main?.stream.destroy();
    this.#main = await this.#opened(start);
    return this.#read(this.#main, start, end);
  }

  /** Ends all streams. */
  close(): void {
    this.#main?.stream.destroy();
    this.#main = undefined;
    for (const { stream } of this.#others) stream.destroy();
  }

  async #opened(start: number, end?: number): Promise<Source> {
    const stream = await this.#file.open(start, end);
    const chunks = stream[Symbol.asyncIterator]();
    return { stream, chunks, at: start, rest: undefined, readFrom: start };
  }

  #read(source: Source, start: number, end: number): AsyncIterable<Buffer> {
    source.readFrom = start;
    return this.#chunksOf(source, end);
  }

  async *#chunksOf(source: Source, end: number): AsyncGenerator<Buffer> {
    try {
      while (source.at < end) {
        const chunk = source.rest ?? (await nextOf(source));
        if (chunk === undefined) return;
        const bytes = chunk.subarray(0, end - source.at);
        source.rest = bytes.length < chunk.length ? chunk.subarray(bytes.length) : undefined;
        source.at += bytes.length;
        yield bytes;
      }
    } finally {
      source.readFrom = undefined;
      if (this.#others.delete(source)) source.stream.destroy();
    }
  }
}

async function nextOf({ chunks }: Source): Promise<Buffer | undefined> {
  const next = await chunks.next();
  return next.done === true ? undefined : next.value;
}
