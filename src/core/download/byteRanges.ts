/** Bytes of a content: from `start` up to `end`, which does not belong to it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Ascending; none is empty, and between two of them something is missing. */
export type ByteRanges = readonly ByteRange[];

/** `ranges` and one more, which may overlap them. */
export function withRange(ranges: ByteRanges, added: ByteRange): ByteRanges {
  if (added.start >= added.end) return ranges;
  const before = ranges.filter(({ end }) => end < added.start);
  const after = ranges.filter(({ start }) => start > added.end);
  const touched = ranges.slice(before.length, ranges.length - after.length);
  const merged = {
    start: Math.min(added.start, touched[0]?.start ?? added.start),
    end: Math.max(added.end, touched.at(-1)?.end ?? added.end),
  };
  return [...before, merged, ...after];
}

/** What is missing of `size` bytes. */
export function gapsIn(ranges: ByteRanges, size: number): ByteRanges {
  const starts = [0, ...ranges.map(({ end }) => end)];
  const ends = [...ranges.map(({ start }) => start), size];
  return starts.flatMap((start, index) => {
    const end = ends[index] ?? size;
    return start < end ? [{ start, end }] : [];
  });
}

/** Number of bytes in all ranges. */
export function bytesIn(ranges: ByteRanges): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Number of bytes from the first one on without a gap. */
export function prefixOf([first]: ByteRanges): number {
  return first?.start === 0 ? first.end : 0;
}

/** How large the pieces are that one connection fetches of a content, in bytes. */
export interface PieceSizes {
  /** A smaller content is fetched in one. */
  readonly worthwhile: number;
  readonly least: number;
  readonly most: number;
}

const MEBIBYTE = 1024 * 1024;

/** Large, as each costs two requests where a hub leads on to a storage, and a hub counts them; small at the end. */
export const PIECE_SIZES: PieceSizes = {
  worthwhile: 16 * MEBIBYTE,
  least: 8 * MEBIBYTE,
  most: 64 * MEBIBYTE,
};

/**
 * The next piece to fetch, from the beginning of `gap`: a share of what is to come at all, so that towards the end no
 * connection is left alone with a large piece.
 *
 * @param unclaimed Bytes that nobody fetches yet, of all contents together.
 */
export function nextPiece(
  gap: ByteRange,
  unclaimed: number,
  connections: number,
  { least, most }: PieceSizes,
): ByteRange {
  const share = Math.min(most, Math.max(least, Math.ceil(unclaimed / (2 * connections))));
  // A crumb is not worth a request of its own.
  return gap.end - gap.start < share + least ? gap : { start: gap.start, end: gap.start + share };
}
