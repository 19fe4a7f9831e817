import type { Readable } from 'node:stream';
import type { SnapshotFile } from '../snapshot/snapshot.ts';

/** A content by ranges that follow each other, from one stream as long as they do. */
interface AscendingContent {
  /**
   * Bytes `start` up to `end` exclusive, or as many as there are. One range is read at a time. Where `start` is not
   * where the range before it ended, as at another attempt, the content is opened anew.
   */
  open(start: number, end: number): Promise<AsyncIterable<Buffer>>;
  /** Ends the stream. */
  close(): void;
}

/**
 * Git gives a blob from its beginning only: to open it for each of many ranges would read it half as many times. What
 * comes from afar would need a request for each.
 */
export function ascendingContent(file: Pick<SnapshotFile, 'open'>): AscendingContent {
  let source: Source | undefined;

  const close = (): void => {
    source?.stream.destroy();
    source = undefined;
  };
  return {
    close,
    async open(start, end) {
      if (source?.at !== start || source.isBusy) {
        close();
        const stream = await file.open(start);
        source = {
          stream,
          chunks: stream[Symbol.asyncIterator](),
          at: start,
          rest: undefined,
          isBusy: false,
        };
      }
      return read(source, end);
    },
  };
}

interface Source {
  readonly stream: Readable;
  readonly chunks: AsyncIterator<Buffer>;
  /** Where the next byte is that nobody has got. */
  at: number;
  /** What came with the last chunk and belongs to the next range. */
  rest: Buffer | undefined;
  /** Somebody waits for a chunk, who would get it in place of the next one. */
  isBusy: boolean;
}

async function* read(source: Source, end: number): AsyncGenerator<Buffer> {
  while (source.at < end) {
    const chunk = source.rest ?? (await nextOf(source));
    if (chunk === undefined) return;
    const bytes = chunk.subarray(0, end - source.at);
    source.rest = bytes.length < chunk.length ? chunk.subarray(bytes.length) : undefined;
    source.at += bytes.length;
    yield bytes;
  }
}

async function nextOf(source: Source): Promise<Buffer | undefined> {
  source.isBusy = true;
  const next = await source.chunks.next();
  source.isBusy = false;
  return next.done === true ? undefined : next.value;
}
