import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { isSystemError, refused } from '../snapshot/files/systemErrors.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import { damaged } from './contentFailures.ts';
import { chunksOf } from './fileChunks.ts';
import type { TakenIn } from './sha256Thread.ts';

/** Sees the bytes that are handed on. */
export interface Witness {
  /** May look at them until what it gives, asked when they have been handed on, resolves. */
  update(bytes: Buffer): TakenIn | undefined;
  /** After the last bytes, before they are handed on; what it throws stops them. */
  atEnd?(): unknown;
}

export type Opener = () => Promise<AsyncIterable<Buffer> | Iterable<Buffer>>;

/**
 * Bytes `start` to `end` of a file, seen by a witness. The source is opened at the first read, and closed at the end,
 * at an error and when the reader stops early.
 */
export async function* readExactly(
  file: SnapshotFile,
  start: number,
  end: number,
  witness?: Witness,
  from: Opener = () => opened(file, start, end),
): AsyncGenerator<Buffer> {
  let left = end - start;
  if (left === 0) {
    await witness?.atEnd?.();
    return;
  }
  try {
    for await (const chunk of await from()) {
      const bytes = chunk.subarray(0, left);
      left -= bytes.length;
      const seen = witness?.update(bytes);
      if (left === 0 && bytes.length > 0) await witness?.atEnd?.();
      if (bytes.length > 0) yield bytes;
      await seen?.();
      if (bytes.length < chunk.length) break;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  if (left > 0) throw damaged(file);
}

/** Bytes `start` up to `end` of a file, perhaps with others behind them, in the cheapest way. */
export async function opened(
  file: SnapshotFile,
  start: number,
  end: number,
): Promise<AsyncIterable<Buffer> | Iterable<Buffer>> {
  if (file.kind === 'blob') {
    return file.whole === undefined ? file.open(start, end) : [(await file.whole()).subarray(start)];
  }
  const handle = await file.openFile?.();
  return handle === undefined ? file.open(start, end) : chunksOf(handle, start, end);
}

/** Lets whatever else is due have its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function unreadable(file: SnapshotFile, error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isSystemError(error)) return refused(error, file.path, [file.path]);
  return new Failure(
    file.kind === 'lfs' ? 'missingObject' : 'git',
    l10n.t('“{0}” cannot be read: {1}', file.path, error instanceof Error ? error.message : String(error)),
    { paths: [file.path], cause: error },
  );
}
