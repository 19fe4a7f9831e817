/**
 * How far a list was followed that arrives in pages. What a server may make us read has an end in every direction, far
 * above what the largest lists have: repositories of 100,000 files, registries of 50,000 versions.
 */
export interface ListSoFar {
  readonly pages: number;
  /** Pages without an entry since the last one with some. */
  readonly emptyPages: number;
  readonly entries: number;
  readonly bytes: number;
}

export const NOTHING_SO_FAR: ListSoFar = { pages: 0, emptyPages: 0, entries: 0, bytes: 0 };

/** The smallest pages seen in the wild have 50 entries. */
const MOST: ListSoFar = { pages: 20_000, emptyPages: 10, entries: 1_000_000, bytes: 512 * 1024 * 1024 };

/** @param entries Of the page as the server sent it, those counted that are of no use here. */
export function withPage(
  before: ListSoFar,
  { entries, bytes }: Pick<ListSoFar, 'entries' | 'bytes'>,
): ListSoFar {
  return {
    pages: before.pages + 1,
    emptyPages: entries === 0 ? before.emptyPages + 1 : 0,
    entries: before.entries + entries,
    bytes: before.bytes + bytes,
  };
}

/** Whether that is more than any list has that comes to an end. */
export function isEndless(list: ListSoFar): boolean {
  return (
    list.pages > MOST.pages ||
    list.emptyPages > MOST.emptyPages ||
    list.entries > MOST.entries ||
    list.bytes > MOST.bytes
  );
}
