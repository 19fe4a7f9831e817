import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { allOf } from '../../async/allOf.ts';
import type { GitObjectId } from '../../objectIds.ts';
import type { UncommittedChange } from '../snapshot.ts';
import { isDesktopFile } from '../files/desktopFiles.ts';
import type { Head } from './head.ts';
import { withIndexCopy, type IndexCopy, type TouchedFile } from './indexCopy.ts';
import { filteredFile, rememberedFiles, withFilter } from './filtered.ts';
import { mayBePointer, type LfsPointer } from './lfsPointer.ts';
import type { OwnRepository } from './ownRepository.ts';
import type { Repository } from './repository.ts';
import { parseOtherContents, parseStatus, statusOf, type StatusEntry } from './status.ts';
import { workTreeFile, type Likeness, type WorkTree } from './workTree.ts';

/** What is read of LFS files, all together, to find out whether they differ. Bytes. */
const MOST_COMPARED = 256 * 1024 * 1024;
const LOOKS_AT_ONCE = 32;
/** What file systems' clocks advance by: the finer ones with the system's timer, the coarsest is FAT's. Nanoseconds. */
const FINE_CLOCK = 20_000_000n;
const COARSE_CLOCK = 2_000_000_000n;
const SECOND = 1_000_000_000n;

/** A file that `git status` alone does not judge. Paths are from the repository's top. */
type Watched =
  /** Git is kept from reading it, and this is what is known without. */
  | { readonly kind: 'unchanged' | 'modified'; readonly path: string }
  /** Git is kept from reading it; it may hold another content than the pointer's. */
  | { readonly kind: 'open'; readonly path: string; readonly pointer: LfsPointer }
  /** It is as short as pointers are. Git finds those that are the pointer, and takes all others for modified. */
  | { readonly kind: 'short'; readonly path: string; readonly pointer: LfsPointer };

/**
 * What differs between HEAD, index and work tree in the folder of `committed`, sorted by path; what a desktop left there
 * is no change.
 *
 * `git status` would read whole every LFS file that looks touched: in a copied repository, all of them. So LFS files
 * are taken out of its hands and judged by size, earlier hashes and the LFS store. What these do not tell is read up to
 * {@link MOST_COMPARED}, the smallest files first; the others are `touched`.
 *
 * No other filter is run either. A file that one makes is compared with what Git remembers of it, and is `touched`
 * where that does not tell.
 */
export async function uncommittedChanges(
  repository: Repository,
  own: OwnRepository,
  folder: string,
  committed: Promise<Head>,
  tree: WorkTree,
  signal: AbortSignal,
): Promise<UncommittedChange[]> {
  const { top } = repository;
  return withIndexCopy(repository, own, async (index) => {
    const touched = await index.touched(folder);
    const watched = await watchedFiles(index, await committed, touched, top, signal);
    await index.spare(watched.filter(({ kind }) => kind !== 'short').map(({ path }) => path));
    const output = await statusOf(index.git, folder);
    const status = await withoutFiltered(repository, index, folder, output);
    const short = new Set(watched.filter(({ kind }) => kind === 'short').map(({ path }) => path));
    const [doubtful, reported] = partition(
      status,
      ({ kind, path }) => kind === 'modified' && short.has(path),
    );
    const settled = new Set(reported.map(({ path }) => path));
    const unsettled = new Set(doubtful.map(({ path }) => path));
    const looked = await changesIn(
      watched.filter(({ kind, path }) => (kind === 'short' ? unsettled.has(path) : !settled.has(path))),
      tree,
      signal,
    );
    const prefix = folder === '' ? '' : `${folder}/`;
    return [...reported.filter(({ kind, path }) => kind !== 'untracked' || !isDesktopFile(path)), ...looked]
      .map(({ kind, path }) => ({ kind, path: path.startsWith(prefix) ? path.slice(prefix.length) : path }))
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  });
}

/**
 * What {@link statusOf} says, without what only seems to be modified, because Git was kept from running the filter that
 * makes a file from the commit's content: `touched` where nobody but the filter could tell.
 */
async function withoutFiltered(
  { top, config }: Repository,
  { git }: IndexCopy,
  folder: string,
  output: string,
): Promise<readonly StatusEntry[]> {
  const entries = parseStatus(output);
  const paths = new Set(await withFilter(git, [...parseOtherContents(output)], config.filters()));
  if (paths.size === 0) return entries;
  const remembered = await rememberedFiles(git, folder);
  const looked = entries.map(async (entry): Promise<readonly StatusEntry[]> => {
    if (!paths.has(entry.path)) return [entry];
    switch (await filteredFile(top, entry.path, remembered.get(entry.path))) {
      case 'unchanged':
        return [];
      case 'modified':
        return [entry];
      case 'unknown':
        return [{ path: entry.path, kind: 'touched' }];
    }
  });
  return (await Promise.all(looked)).flat();
}

/** LFS files that Git would read, and touched files of any kind that are changed by what the index has already. */
async function watchedFiles(
  index: IndexCopy,
  head: Head,
  touched: readonly TouchedFile[],
  top: string,
  signal: AbortSignal,
): Promise<readonly Watched[]> {
  const committed = new Map(
    head.files.map(({ entry, pointer }) => [entry.path, { oid: entry.oid, pointer }]),
  );
  const regular = new Map(touched.filter(({ isRegular }) => isRegular).map((file) => [file.path, file]));
  const staged = [...regular.values()]
    .filter(({ path, oid }) => committed.get(path)?.oid !== oid)
    .map(({ path }): Watched => ({ path, kind: 'modified' }));
  const inLfs = [...committed].flatMap(([path, { oid, pointer }]) =>
    pointer ? [{ path, oid, pointer }] : [],
  );
  const racy = new Map<string, GitObjectId>();
  const watched = await allOf(inLfs, LOOKS_AT_ONCE, signal, async ({ path, oid, pointer }) => {
    const stats = await regularFile(top, path);
    const file = regular.get(path);
    const isTouched = file?.oid === oid;
    if (stats === undefined || (file !== undefined && !isTouched)) return undefined;
    if (isTouched && file.otherMode) return { path, kind: 'modified' as const };
    if (!isTouched && !mayRead(stats.mtimeNs, index.writtenAt)) return undefined;
    if (!isTouched) racy.set(path, oid);
    if (mayBePointer(Number(stats.size))) return { path, kind: 'short' as const, pointer };
    return !isTouched && isBefore(stats.mtimeNs, index.writtenAt)
      ? { path, kind: 'unchanged' as const }
      : { path, kind: 'open' as const, pointer };
  });
  const blobs = racy.size === 0 ? racy : await index.blobs(head.folder);
  return [...staged, ...watched.filter((file) => file !== undefined)].filter(
    ({ path }) => !racy.has(path) || blobs.get(path) === racy.get(path),
  );
}

async function regularFile(top: string, path: string): Promise<BigIntStats | undefined> {
  const file = workTreeFile(top, path, process.platform);
  const stats = file === undefined ? undefined : await lstat(file, { bigint: true }).catch(() => undefined);
  return stats?.isFile() === true ? stats : undefined;
}

/**
 * Whether Git reads a file of that time even though its metadata are those in the index: it was written in the same
 * second, or later. In a fresh clone these are many.
 */
function mayRead(mtimeNs: bigint, indexWrittenAt = 0n): boolean {
  return mtimeNs / SECOND >= indexWrittenAt / SECOND;
}

/** Whether a file of that time was written before the index was, as far as the file system's clock can tell. */
function isBefore(mtimeNs: bigint, indexWrittenAt = 0n): boolean {
  return mtimeNs + (mtimeNs % SECOND === 0n ? COARSE_CLOCK : FINE_CLOCK) < indexWrittenAt;
}

/** Changes in files that `git status` did not settle. */
async function changesIn(
  files: readonly Watched[],
  tree: WorkTree,
  signal: AbortSignal,
): Promise<UncommittedChange[]> {
  const open = files.filter((file) => file.kind === 'open' || file.kind === 'short');
  const looked = await allOf(open, LOOKS_AT_ONCE, signal, async ({ kind, path, pointer }) => {
    const likeness =
      kind === 'short' ? await tree.compared(path, pointer) : await tree.likeness(path, pointer);
    return { path, pointer, kind: changeOf(likeness) };
  });
  const changes = files
    .filter((file) => file.kind === 'modified')
    .map(({ path }): UncommittedChange => ({ path, kind: 'modified' }));
  let left = MOST_COMPARED;
  for (const { path, pointer, kind } of looked.sort(bySize)) {
    const readable = kind === 'touched' && pointer.size <= left;
    if (readable) left -= pointer.size;
    const settled = readable ? changeOf(await tree.compared(path, pointer)) : kind;
    if (settled !== undefined) changes.push({ path, kind: settled });
  }
  return changes;
}

function bySize(one: { readonly pointer: LfsPointer }, other: { readonly pointer: LfsPointer }): number {
  return one.pointer.size - other.pointer.size;
}

function changeOf({ kind }: Likeness): UncommittedChange['kind'] | undefined {
  switch (kind) {
    case 'absent':
      return 'deleted';
    case 'different':
      return 'modified';
    case 'unknown':
    case 'forbidden':
      return 'touched';
    case 'same':
    case 'pointer':
      return undefined;
  }
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter((item) => isFirst(item)), items.filter((item) => !isFirst(item))];
}
