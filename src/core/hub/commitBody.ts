import { Readable } from 'node:stream';
import type { CommitName, Sha256 } from '../objectIds.ts';

/** One line of a commit after its header. */
export type CommitOperation =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Bytes; `open` must yield exactly as many. */
      readonly size: number;
      readonly open: () => AsyncIterable<Buffer>;
    }
  | { readonly kind: 'lfsFile'; readonly path: string; readonly oid: Sha256; readonly size: number }
  | { readonly kind: 'deletedFile'; readonly path: string };

interface CommitRequest {
  readonly summary: string;
  readonly description: string;
  /** The head that this commit must follow; the server answers 412 where it is another. Absent: whatever it is. */
  readonly parentCommit: CommitName | undefined;
  readonly operations: readonly CommitOperation[];
}

/** A commit as it travels. Its length in bytes is known before a file is opened. */
export interface CommitBody {
  readonly length: number;
  readonly open: () => Readable;
}

/** Files up to so many bytes are opened ahead of their turn, so many at once: many round trips for few bytes. */
const SMALL_BYTES = 64 * 1024;
const SMALL_AHEAD = 64;

/** Bytes that are gathered before they go to the socket: 100,000 short lines must not be 100,000 writes. */
const BLOCK_BYTES = 64 * 1024;

/** A commit as NDJSON, streamed block by block. Deletions come first, so that a file may take the place of a folder. */
export function commitBody(request: CommitRequest): CommitBody {
  const operations = [
    ...request.operations.filter(({ kind }) => kind === 'deletedFile'),
    ...request.operations.filter(({ kind }) => kind !== 'deletedFile'),
  ];
  const header = headerLine(request);
  const length = operations.reduce(
    (sum, operation) => sum + lineLength(operation),
    Buffer.byteLength(header),
  );
  return {
    length,
    open: () =>
      Readable.from(inBlocks(lines(header, operations)), { objectMode: false, highWaterMark: BLOCK_BYTES }),
  };
}

function headerLine({ summary, description, parentCommit }: CommitRequest): string {
  return line('header', { summary, description, ...(parentCommit === undefined ? {} : { parentCommit }) });
}

function line(key: string, value: object): string {
  return `${JSON.stringify({ key, value })}\n`;
}

const FILE_START = '{"key":"file","value":{"content":"';
const fileEnd = (path: string): string => `","path":${JSON.stringify(path)},"encoding":"base64"}}\n`;

function shortLine(operation: Exclude<CommitOperation, { kind: 'file' }>): string {
  switch (operation.kind) {
    case 'lfsFile': {
      const { path, oid, size } = operation;
      return line('lfsFile', { path, algo: 'sha256', oid, size });
    }
    case 'deletedFile':
      return line('deletedFile', { path: operation.path });
  }
}

function lineLength(operation: CommitOperation): number {
  return operation.kind === 'file'
    ? FILE_START.length + 4 * Math.ceil(operation.size / 3) + Buffer.byteLength(fileEnd(operation.path))
    : Buffer.byteLength(shortLine(operation));
}

async function* lines(header: string, operations: readonly CommitOperation[]): AsyncGenerator<string> {
  yield header;
  const ahead: Promise<string>[] = [];
  const files = operations.filter((each) => each.kind === 'file');
  const small = files.filter(isSmall).values();
  const lookAhead = (): void => {
    while (ahead.length < SMALL_AHEAD) {
      const { value: operation, done } = small.next();
      if (done) return;
      const text = wholeText(operation);
      // It is awaited in its turn, or not at all.
      text.catch(() => undefined);
      ahead.push(text);
    }
  };
  try {
    for (const operation of operations) {
      if (operation.kind !== 'file') {
        yield shortLine(operation);
        continue;
      }
      yield FILE_START;
      if (isSmall(operation)) {
        lookAhead();
        const text = await ahead.shift();
        if (text !== undefined) yield text;
      } else {
        yield* base64(operation.open());
      }
      yield fileEnd(operation.path);
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}

type FileOperation = Extract<CommitOperation, { kind: 'file' }>;

function isSmall({ size }: FileOperation): boolean {
  return size <= SMALL_BYTES;
}

async function wholeText({ open }: FileOperation): Promise<string> {
  const texts: string[] = [];
  for await (const text of base64(open())) texts.push(text);
  return texts.join('');
}

async function* base64(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    yield bytes.toString('base64', 0, whole);
    rest = bytes.subarray(whole);
  }
  yield rest.toString('base64');
}

async function* inBlocks(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let gathered: string[] = [];
  let size = 0;
  for await (const text of texts) {
    gathered.push(text);
    size += text.length;
    if (size < BLOCK_BYTES) continue;
    yield Buffer.from(gathered.join(''));
    gathered = [];
    size = 0;
  }
  if (size > 0) yield Buffer.from(gathered.join(''));
}
