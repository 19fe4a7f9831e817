import { lstat } from 'node:fs/promises';
import { allOf } from '../../allOf.ts';
import type { UncommittedChange } from '../snapshot.ts';
import type { CommittedFile, Head } from './head.ts';
import { withIndexCopy, type IndexCopy, type TouchedFile } from './indexCopy.ts';
import type { LfsPointer } from './lfsPointer.ts';
import type { Repository } from './repository.ts';
import { readStatus } from './status.ts';
import { workTreeFile, type Likeness, type WorkTree } from './workTree.ts';

/** What is read of LFS files, all together, to find out whether they differ. Bytes. */
const MOST_COMPARED = 256 * 1024 * 1024;
const LOOKS_AT_ONCE = 32;
/** What file systems' clocks advance by: the finer ones with the system's timer, the coarsest is FAT's. Nanoseconds. */
const FINE_CLOCK = 20_000_000n;
const COARSE_CLOCK = 2_000_000_000n;
const SECOND = 1_000_000_000n;

/** A file whose content Git is not let read, and what is known of it without. Paths are from the repository's top. */
type Spared =
  | { readonly path: string; readonly kind: 'unchanged' | 'modified' }
  /** It may hold another content than the pointer's. */
  | { readonly path: string; readonly kind: 'open'; readonly pointer: LfsPointer };

type Committed = ReadonlyMap<string, Pick<CommittedFile['entry'], 'oid'> & Pick<CommittedFile, 'pointer'>>;

/**
 * What differs between HEAD, index and work tree in the folder of `committed`, sorted by path.
 *
 * `git status` would read whole every LFS file that looks touched: in a copied repository, all of them. So LFS files are taken out of its
 * hands and judged by size, earlier hashes and the LFS store. What these do not tell is read up to {@link MOST_COMPARED}, the
 * smallest files first; the others are `touched`.
 */
export async function uncommittedChanges(
  { git, top, config }: Repository,
  folder: string,
  committed: Promise<Head>,
  tree: WorkTree,
  signal: AbortSignal,
): Promise<UncommittedChange[]> {
  return withIndexCopy(git, config, async (index) => {
    const touched = await index.touched(folder);
    const head = await committed;
    const spared = await sparedFiles(index, head, touched, top, signal);
    await index.spare(spared.map(({ path }) => path));
    const reported = await readStatus(index.git, config, folder);
    const paths = new Set(reported.map(({ path }) => path));
    const judged = await judge(
      spared.filter(({ path }) => !paths.has(path)),
      tree,
      signal,
    );
    const prefix = folder === '' ? '' : `${folder}/`;
    return [...reported, ...judged]
      .map(({ kind, path }) => ({ kind, path: path.startsWith(prefix) ? path.slice(prefix.length) : path }))
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  });
}

/** Touched LFS files, and touched files of any kind that are changed by what the index has: nothing in them is worth being read. */
async function sparedFiles(
  index: IndexCopy,
  head: Head,
  touched: readonly TouchedFile[],
  top: string,
  signal: AbortSignal,
): Promise<readonly Spared[]> {
  const committed: Committed = new Map(
    head.files.map(({ entry: { path, oid }, pointer }) => [path, { oid, pointer }]),
  );
  const racy = await racyFiles(index, head.folder, committed, top, signal);
  const spared = new Map(racy.map((file) => [file.path, file]));
  for (const { path, oid, otherMode } of touched.filter((file) => file.isRegular)) {
    const file = committed.get(path);
    if (file?.oid !== oid || (file.pointer !== undefined && otherMode))
      spared.set(path, { path, kind: 'modified' });
    else if (file.pointer !== undefined) spared.set(path, { path, kind: 'open', pointer: file.pointer });
  }
  return [...spared.values()];
}

/**
 * LFS files that Git reads though their metadata are those in the index, because they were written in the same second, or later. In a
 * fresh clone these are many.
 */
async function racyFiles(
  index: IndexCopy,
  folder: string,
  committed: Committed,
  top: string,
  signal: AbortSignal,
): Promise<readonly Spared[]> {
  const { writtenAt } = index;
  if (writtenAt === undefined) return [];
  const pointers = [...committed].flatMap(([path, { oid, pointer }]) =>
    pointer === undefined ? [] : [{ path, oid, pointer }],
  );
  const looked = await allOf(pointers, LOOKS_AT_ONCE, signal, async (each) => {
    const file = workTreeFile(top, each.path, process.platform);
    const stats = file === undefined ? undefined : await lstat(file, { bigint: true }).catch(() => undefined);
    return { ...each, mtimeNs: stats?.isFile() === true ? stats.mtimeNs : undefined };
  });
  const racy = looked.flatMap(({ mtimeNs, ...each }) =>
    mtimeNs !== undefined && mtimeNs / SECOND >= writtenAt / SECOND ? [{ ...each, mtimeNs }] : [],
  );
  if (racy.length === 0) return [];
  const blobs = await index.blobs(folder);
  return racy
    .filter(({ path, oid }) => blobs.get(path) === oid)
    .map(({ path, pointer, mtimeNs }) =>
      isBefore(mtimeNs, writtenAt) ? { path, kind: 'unchanged' } : { path, kind: 'open', pointer },
    );
}

/** Whether a file of that time was written before the index was, as far as the file system's clock can tell. */
function isBefore(mtimeNs: bigint, indexWrittenAt: bigint): boolean {
  return mtimeNs + (mtimeNs % SECOND === 0n ? COARSE_CLOCK : FINE_CLOCK) < indexWrittenAt;
}

/** Changes in files that `git status` was kept from looking at. */
async function judge(
  files: readonly Spared[],
  tree: WorkTree,
  signal: AbortSignal,
): Promise<UncommittedChange[]> {
  const open = files.filter((file) => file.kind === 'open');
  const looked = await allOf(open, LOOKS_AT_ONCE, signal, async ({ path, pointer }) => ({
    path,
    pointer,
    kind: changeOf(await tree.likeness(path, pointer)),
  }));
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
      return 'touched';
    case 'same':
    case 'pointer':
      return undefined;
  }
}
