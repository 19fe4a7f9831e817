import { basename } from 'node:path';
import { isGone } from '../files/systemErrors.ts';
import { walk } from '../files/walk.ts';

/** `<etag>.incomplete` or `<etag>.<8 hex>.incomplete`; in folders of `--local-dir`, behind a short hash of the path. */
const INCOMPLETE = /(?:^|\.)([0-9a-f]{64}|[0-9a-f]{40})(?:\.[0-9a-f]{8})?\.incomplete$/;

/**
 * The path, below `folder`, of what an interrupted download left there; undefined where there is none. A leftover of a
 * content that was got whole later does not count; nor does a leftover of one that `isHere` says is here.
 */
export async function leftoverOf(
  folder: string,
  signal: AbortSignal,
  isHere: (etag: string) => boolean = () => false,
): Promise<string | undefined> {
  let entries;
  try {
    entries = await walk(folder, signal);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  const names = new Set(entries.map(({ path }) => basename(path)));
  const isOver = (etag: string | undefined): boolean =>
    etag !== undefined && (names.has(etag) || isHere(etag));
  return entries
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.incomplete') && !isOver(INCOMPLETE.exec(basename(path))?.[1]))
    .sort()[0];
}
