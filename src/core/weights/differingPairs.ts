import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { READ_SIZE } from '../snapshot/files/regularFile.ts';
import { plainly } from '../snapshot/files/systemErrors.ts';
import { openWeights, readFully } from './folderReader.ts';
import type { TensorPair } from './weightChanges.ts';
import type { StoredTensor } from './weightTable.ts';

interface Comparing {
  readonly signal: AbortSignal;
  /** Bytes of the earlier side were compared, or need not be any more. Called often. */
  readonly onBytes: (bytes: number) => void;
}

/** Bytes of the earlier side that comparing these takes at most. */
export function bytesOf(pairs: readonly TensorPair[]): number {
  return pairs.reduce((sum, { before }) => sum + before.end - before.begin, 0);
}

/**
 * Which of the tensors differ in their bytes. Reads both sides side by side, a megabyte at a time, and of a tensor no
 * more than up to its first difference.
 *
 * @param folders In which the files of the sides are.
 * @throws Failure `disk` where a file cannot be read, `corrupt` where it ends before its tensors do, and the signal's
 *   reason when aborted. No file is left open.
 */
export async function differingPairs(
  pairs: readonly TensorPair[],
  folders: { readonly before: string; readonly after: string },
  { signal, onBytes }: Comparing,
): Promise<readonly TensorPair[]> {
  const [before, after] = [new TensorReader(folders.before), new TensorReader(folders.after)];
  const differing: TensorPair[] = [];
  try {
    for (const pair of pairs) {
      const length = pair.before.end - pair.before.begin;
      let at = 0;
      let isSame = length === pair.after.end - pair.after.begin;
      while (isSame && at < length) {
        signal.throwIfAborted();
        const [ours, theirs] = await Promise.all([before.read(pair.before, at), after.read(pair.after, at)]);
        isSame = ours.equals(theirs);
        at += ours.length;
        onBytes(ours.length);
      }
      if (!isSame) differing.push(pair);
      onBytes(length - at);
    }
  } finally {
    await Promise.all([before.close(), after.close()]);
  }
  return differing;
}

/** Files that are open at once: weights may be in hundreds, of which some systems do not open so many. */
const MOST_OPEN = 8;

/** Reads tensors of files of a folder, one call at a time. */
class TensorReader {
  readonly #folder: string;
  /** Those used last, last. */
  readonly #open = new Map<string, FileHandle>();
  readonly #memory = Buffer.alloc(READ_SIZE);

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bytes of a tensor from `at` on, up to a megabyte. They are good until the next call. */
  async read({ file, begin, end }: StoredTensor, at: number): Promise<Buffer> {
    const handle = await this.#handleOf(file);
    const bytes = this.#memory.subarray(0, Math.min(READ_SIZE, end - begin - at));
    const filled = await readFully(handle, bytes, begin + at).catch((error: unknown) => {
      throw plainly(error, join(this.#folder, file));
    });
    if (filled === bytes.length) return bytes;
    throw new Failure(
      'corrupt',
      l10n.t(
        '“{0}” ends before its tensors do. Get it again, or compare its headers alone.',
        join(this.#folder, file),
      ),
      { paths: [file] },
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((handle) => handle.close()));
  }

  async #handleOf(file: string): Promise<FileHandle> {
    const handle = this.#open.get(file) ?? (await openWeights(join(this.#folder, file)));
    // To the end, among those used last.
    this.#open.delete(file);
    this.#open.set(file, handle);
    const [[oldest, unused] = []] = this.#open;
    if (this.#open.size > MOST_OPEN && oldest !== undefined && unused !== undefined) {
      this.#open.delete(oldest);
      await unused.close();
    }
    return handle;
  }
}
