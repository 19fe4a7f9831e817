import { allOf } from '../async/allOf.ts';
import type { Log } from '../log.ts';
import { isWeightsFile } from '../localModels/fileNames.ts';
import { isPlainText } from '../snapshot/files/plainText.ts';
import { type StandIn, standInOf } from '../snapshot/files/standIn.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import { CODE_SAMPLE, type CodeFormat, codeFormatOf } from '../weights/codeFormats.ts';
import { sampleOf } from './content.ts';
import { readExactly } from './reading.ts';
import { mayHoldSecret } from './secretHints.ts';
import { encodingOf, windowsOf } from './textWindows.ts';

/** What was seen of a file. */
export interface FileLook {
  readonly path: string;
  /** Whether something that looks like a secret stands in it. */
  readonly holdsSecret: boolean;
  /** Why loading it can run code. */
  readonly code: CodeFormat | undefined;
  /** What is in it in place of what its name promises; `text`: of weights, which are none. */
  readonly standIn?: StandIn | 'text' | undefined;
  /** `part`: the rest of a text is more than is read. `nothing`: it could not be read, and is judged by its name. */
  readonly seen: 'all' | 'part' | 'nothing';
}

/** Bytes of one text that are read at most, and of all texts together: some seconds. */
const MOST_OF_A_TEXT = 64 * 1024 * 1024;
const MOST_OF_ALL = 256 * 1024 * 1024;
/** Characters. */
const LONGEST_SECRET = 4096;
const READ_AT_ONCE = 4;
/** Of a server, in place of a file. Bytes. */
const LONGEST_MESSAGE = 4096;

/**
 * Looks once into each of the files: texts are read whole, of everything else the beginning. Where a file cannot be
 * read, `seen` tells; nothing fails but an abort, with the signal's reason.
 */
export async function lookAtFiles(
  files: readonly SnapshotFile[],
  log: Log,
  signal: AbortSignal,
): Promise<readonly FileLook[]> {
  return lookAtContents(files.map(contentOf), log, signal);
}

/** Something that can be looked into. */
export interface LookedInto {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** How it begins: so many bytes, or all there are. */
  sample(bytes: number): Promise<Buffer>;
  /** The bytes up to `end`, which is no more than `size`. */
  read(end: number): AsyncIterable<Buffer>;
}

function contentOf(file: SnapshotFile): LookedInto {
  const { path, size } = file;
  return {
    path,
    size,
    sample: (bytes) => sampleOf(file, bytes),
    read: (end) => readExactly(file, 0, end),
  };
}

/** As {@link lookAtFiles}, for what is in no commit yet. */
export async function lookAtContents(
  files: readonly LookedInto[],
  log: Log,
  signal: AbortSignal,
): Promise<readonly FileLook[]> {
  let left = MOST_OF_ALL;
  const allowance = (size: number): number => {
    const bytes = Math.min(size, MOST_OF_A_TEXT, left);
    left -= bytes;
    return bytes;
  };
  return allOf(files, READ_AT_ONCE, signal, async (file, either) => {
    try {
      return await lookAt(file, allowance, either);
    } catch (error) {
      either.throwIfAborted();
      log.warn(`${file.path} could not be looked at: ${String(error)}`);
      return { path: file.path, holdsSecret: false, code: codeFormatOf(file.path), seen: 'nothing' };
    }
  });
}

async function lookAt(
  file: LookedInto,
  allowance: (size: number) => number,
  signal: AbortSignal,
): Promise<FileLook> {
  const { path, size } = file;
  const bytes = size === 0 ? Buffer.alloc(0) : await file.sample(Math.min(size, CODE_SAMPLE));
  const code = codeFormatOf(path, { bytes, size });
  const standIn =
    standInOf(bytes, size) ??
    (code === undefined && isTextForWeights(path, bytes, size) ? 'text' : undefined);
  const encoding = encodingOf(bytes);
  if (encoding === undefined || size === 0) return { path, holdsSecret: false, code, standIn, seen: 'all' };
  const end = size <= bytes.length ? size : allowance(size);
  const chunks = size <= bytes.length ? [bytes] : file.read(end);
  for await (const text of windowsOf(chunks, encoding, LONGEST_SECRET)) {
    signal.throwIfAborted();
    if (!mayHoldSecret(text)) continue;
    // It takes longer to load than to use, and many publishes do without it.
    const { holdsSecret } = await import('./secretTexts.ts');
    if (holdsSecret(text, path)) return { path, holdsSecret: true, code, standIn, seen: 'all' };
  }
  return { path, holdsSecret: false, code, standIn, seen: end < size ? 'part' : 'all' };
}

/**
 * A server's words in place of weights: a page of any length, or a short message. Weights are longer, and never markup.
 */
function isTextForWeights(path: string, bytes: Buffer, size: number): boolean {
  if (!isWeightsFile(path) || size === 0) return false;
  if (/^\uFEFF?\s*<(?:!doctype|html|\?xml)/i.test(bytes.toString('utf8', 0, 200))) return true;
  return size <= LONGEST_MESSAGE && isPlainText(bytes, true);
}
