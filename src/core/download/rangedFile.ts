import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { ContentId } from '../snapshot/hfCache/contentId.ts';
import { type ByteRanges, bytesIn, prefixOf, withRange } from './byteRanges.ts';
import type { FileHash, FileHashThread } from './hashThread.ts';
import { discard, drop, moveTo, nameOf, openedOrMade, type PartialFile } from './partialFile.ts';
import { RangeNotes, readRangeNote } from './rangeNotes.ts';

interface Content {
  /** Bytes. */
  readonly size: number;
  readonly id: ContentId;
}

/** What a download that did not end left of a content. */
interface Left {
  readonly ranges: ByteRanges;
  /** Whether they are noted; else they are one that is there from its beginning. */
  readonly isNoted: boolean;
}

const NOTHING: Left = { ranges: [], isNoted: false };

/**
 * What is left of a content that is fetched in ranges. Reads only.
 *
 * @param notes Absolute path of what is noted of its partial file.
 * @param file Size in bytes and number of the partial file.
 */
export async function rangesLeft(
  notes: string,
  { size }: Content,
  file: { readonly size: number; readonly inode: bigint },
): Promise<Left> {
  const note = await readRangeNote(notes, { size, inode: file.inode });
  if (file.size > size || note.kind === 'other') return NOTHING;
  if (note.kind === 'none') {
    return { ranges: withRange([], { start: 0, end: file.size }), isNoted: false };
  }
  // A file that was cut short holds less than was noted.
  return note.ranges.every(({ end }) => end <= file.size) ? { ranges: note.ranges, isNoted: true } : NOTHING;
}

/**
 * A large content on its way, whose ranges arrive in any order, in a file of its own until it is whole. Which are there
 * is noted beside it. Bytes are written where they belong and are always those of the same content.
 */
export class RangedFile implements PartialFile {
  readonly #path: string;
  readonly #content: Content;
  readonly #thread: FileHashThread;
  readonly #notes: RangeNotes;
  #handle: FileHandle;
  #hash: FileHash;
  #ranges: ByteRanges;
  /** Resolves when the first note is on disk; undefined as long as none is needed. */
  #noted: Promise<void> | undefined;

  private constructor(
    path: string,
    content: Content,
    handle: FileHandle,
    { ranges, isNoted }: Left,
    notes: RangeNotes,
    thread: FileHashThread,
  ) {
    this.#path = path;
    this.#content = content;
    this.#thread = thread;
    this.#notes = notes;
    this.#handle = handle;
    this.#ranges = ranges;
    this.#noted = isNoted ? Promise.resolve() : undefined;
    this.#hash = thread.begin(handle.fd, content);
    this.#hash.reaches(this.length);
  }

  /**
   * Opens the partial file at `path` (absolute), or makes it.
   *
   * @param notes Absolute path of what is noted of it.
   */
  static async open(
    path: string,
    notes: string,
    content: Content,
    thread: FileHashThread,
  ): Promise<RangedFile> {
    let handle = await openedOrMade(path, content.size);
    try {
      const { size, ino } = await handle.stat({ bigint: true });
      const left = await rangesLeft(notes, content, { size: Number(size), inode: ino });
      const isEmpty = left.ranges.length === 0;
      if (isEmpty && size > 0) {
        // What else is there cannot be told from what belongs there.
        await handle.close();
        await discard(path);
        handle = await openedOrMade(path, content.size);
      }
      const { ino: inode } = await handle.stat({ bigint: true });
      const noted = new RangeNotes(notes, { size: content.size, inode });
      if (isEmpty) await noted.remove();
      return new RangedFile(path, content, handle, isEmpty ? NOTHING : left, noted, thread);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get length(): number {
    return prefixOf(this.#ranges);
  }

  get ranges(): ByteRanges {
    return this.#ranges;
  }

  get bytes(): number {
    return bytesIn(this.#ranges);
  }

  async isWhole(signal: AbortSignal): Promise<boolean> {
    if (this.length < this.#content.size) return false;
    signal.throwIfAborted();
    const hash = this.#hash;
    const giveUp = (): void => void hash.end();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return (await hash.digest()) === nameOf(this.#content.id);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.writeAt([chunk], this.length);
  }

  /** Writes bytes that belong at `start`. They may be used again when this resolves. May run several times at once. */
  async writeAt(chunks: readonly Uint8Array[], start: number): Promise<void> {
    if (start > this.length) {
      // Else what a kill leaves would look as if it were there from its beginning.
      this.#noted ??= this.#firstNote();
      await this.#noted;
    }
    const end = await writeAll(this.#handle, chunks, start);
    const before = this.length;
    this.#ranges = withRange(this.#ranges, { start, end });
    if (this.#noted) this.#notes.note(this.#ranges);
    if (this.length > before) this.#hash.reaches(this.length);
  }

  async restart(): Promise<void> {
    await this.#hash.end();
    await this.#handle.close();
    await this.#notes.remove();
    await discard(this.#path);
    this.#handle = await open(this.#path, 'wx+');
    const { ino: inode } = await this.#handle.stat({ bigint: true });
    await this.#notes.startOver({ size: this.#content.size, inode });
    this.#ranges = [];
    this.#noted = undefined;
    this.#hash = this.#thread.begin(this.#handle.fd, this.#content);
  }

  /** Its note is not needed any more: the content is proved, or given up. */
  async forget(): Promise<void> {
    this.#noted = undefined;
    await this.#notes.remove();
  }

  async moveTo(to: string): Promise<void> {
    await this.#hash.end();
    await moveTo(this.#handle, this.#path, to);
  }

  drop(): Promise<void> {
    return drop(this.#handle, this.#path);
  }

  async close(): Promise<void> {
    await this.#hash.end();
    try {
      if (this.#noted) await this.#notes.flush();
    } finally {
      await this.#handle.close();
    }
  }

  async #firstNote(): Promise<void> {
    this.#notes.note(this.#ranges);
    await this.#notes.flush();
  }
}

/** Where the bytes end that were written. */
async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[], start: number): Promise<number> {
  let at = start;
  let left = chunks;
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left, at);
    at += bytesWritten;
    left = without(left, bytesWritten);
  }
  return at;
}

/** `chunks` without their first `count` bytes. */
function without(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skipped = count;
  return chunks.flatMap((chunk) => {
    const rest = chunk.subarray(Math.min(skipped, chunk.byteLength));
    skipped = Math.max(0, skipped - chunk.byteLength);
    return rest.byteLength > 0 ? [rest] : [];
  });
}
