import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import * as z from 'zod/mini';
import { hasCode } from '../snapshot/files/systemErrors.ts';
import { type ByteRanges, withRange } from './byteRanges.ts';
import { discard } from './partialFile.ts';
import { replaceWithText } from './placing.ts';

/** Milliseconds between two notes: what is fetched anew after a kill at most. */
const EVERY_MS = 500;
/** A note has a few dozen ranges. Bytes. */
const LONGEST_NOTE = 256 * 1024;
/** A link put in its place is not followed. Windows has no such flag, which counts as 0. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW;

/** The partial file that a note is about. */
interface NotedFile {
  /** Of the whole content, in bytes. */
  readonly size: number;
  /** The file's own number in its file system: another file of the same name is not what the note tells of. */
  readonly inode: bigint;
}

const noteText = z.object({
  version: z.literal(1),
  size: z.int().check(z.nonnegative()),
  inode: z.string(),
  ranges: z.array(z.tuple([z.int().check(z.nonnegative()), z.int().check(z.nonnegative())])),
});

/** `none`: there is no note, and what is there is there from its beginning. `other`: it is about another file. */
type ReadNote =
  | { readonly kind: 'ranges'; readonly ranges: ByteRanges }
  | { readonly kind: 'none' }
  | { readonly kind: 'other' };

/** What is noted at `path` (absolute) of a partial file. */
export async function readRangeNote(path: string, file: NotedFile): Promise<ReadNote> {
  const text = await readNoteText(path);
  if (text === undefined) return { kind: 'none' };
  const note = noteText.safeParse(parsed(text));
  if (!note.success || note.data.size !== file.size || note.data.inode !== String(file.inode)) {
    return { kind: 'other' };
  }
  const fit = note.data.ranges.every(([start, end]) => start < end && end <= file.size);
  if (!fit) return { kind: 'other' };
  const ranges = note.data.ranges.reduce<ByteRanges>(
    (all, [start, end]) => withRange(all, { start, end }),
    [],
  );
  return { kind: 'ranges', ranges };
}

/**
 * Keeps on disk which ranges of a partial file are there, so that a download that was killed goes on with the rest. A
 * note is written after the bytes that it tells of, and replaced in one step. A machine that loses its power may lose
 * those bytes and keep the note: the hash of the whole tells.
 */
export class RangeNotes {
  readonly #path: string;
  #file: NotedFile;
  #latest: ByteRanges | undefined;
  #written: ByteRanges | undefined;
  #writing: Promise<void> | undefined;
  #writtenAt = -Infinity;
  #later: NodeJS.Timeout | undefined;
  #failure: Error | undefined;

  /** @param path Absolute. */
  constructor(path: string, file: NotedFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Notes the ranges now and then; {@link flush} is owed. Throws what an earlier note failed with. */
  note(ranges: ByteRanges): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#latest = ranges;
    if (this.#writing !== undefined || this.#later !== undefined) return;
    const waitMs = EVERY_MS - (performance.now() - this.#writtenAt);
    if (waitMs <= 0) this.#begin();
    else this.#later = setTimeout(() => this.#begin(), waitMs);
  }

  /** Resolves when the ranges noted last are on disk. No timer is left then. */
  async flush(): Promise<void> {
    this.#stopWaiting();
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#latest === this.#written) return;
    this.#begin();
    await this.flush();
  }

  /** Removes the note; from then on it is about `file`. */
  async startOver(file: NotedFile): Promise<void> {
    await this.remove();
    this.#file = file;
  }

  /** Removes the note. No timer is left then. */
  async remove(): Promise<void> {
    this.#stopWaiting();
    await this.#writing;
    this.#stopWaiting();
    this.#latest = undefined;
    this.#written = undefined;
    await discard(this.#path);
  }

  #stopWaiting(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
  }

  #begin(): void {
    this.#stopWaiting();
    const ranges = this.#latest ?? [];
    const { size, inode } = this.#file;
    const note = {
      ...{ version: 1, size, inode: String(inode) },
      ranges: ranges.map(({ start, end }) => [start, end]),
    };
    this.#writing = replaceWithText(this.#path, JSON.stringify(note)).then(
      () => {
        this.#written = ranges;
        this.#writtenAt = performance.now();
        this.#writing = undefined;
        if (this.#latest !== undefined && this.#latest !== ranges) this.note(this.#latest);
      },
      (error: unknown) => {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#writing = undefined;
      },
    );
  }
}

async function readNoteText(path: string): Promise<string | undefined> {
  const handle = await open(path, READ).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
    return undefined;
  });
  if (handle === undefined) return undefined;
  try {
    const stats = await handle.stat();
    return stats.isFile() && stats.size <= LONGEST_NOTE ? await handle.readFile('utf8') : '';
  } finally {
    await handle.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
