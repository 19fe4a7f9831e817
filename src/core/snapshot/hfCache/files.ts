import { realpath, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { EMPTY, pointerId } from '../../objectIds.ts';
import { NotTheFile, openRegularFile, READ_SIZE } from '../files/regularFile.ts';
import { isGone, plainly } from '../files/systemErrors.ts';
import type { HashMemory } from '../hashMemory.ts';
import type { Lifetime } from '../lifetime.ts';
import { isRefusedPath } from '../refusedPath.ts';
import type { Origin, SnapshotFile } from '../snapshot.ts';
import { settleClaims } from './claims.ts';
import { contentOf, isPresent, type Content, type Stores } from './content.ts';
import { ChangedWhileRead, contentHashes } from '../files/contentHashes.ts';
import { isNamedBy, isSameId, type ContentId } from './contentId.ts';
import { allOf } from '../../async/allOf.ts';
import { originOf, refusalOf, throwRefusal, type Download, type Refusal } from './refusals.ts';
import type { ListedFile, TreeListing } from './treeListing.ts';
import type { FolderEntry } from '../files/walk.ts';

export type Found = Extract<Content, { kind: 'content' }>;

/** What the way a client keeps a content says about it. No proof: every byte is hashed again while it is sent. */
export type Evidence =
  /** It is kept under this name. */
  | { readonly kind: 'named'; readonly id: ContentId }
  /** It is kept where clients write and people do not, so it is what the commit lists. */
  | { readonly kind: 'untouched' }
  /** People may have edited it. `was` names what the client put there, where that is known. */
  | { readonly kind: 'open'; readonly was?: ContentId | undefined };

interface Reading {
  readonly download: Download;
  readonly stores: Stores;
  /** What the commit holds; undefined where nothing here tells. */
  readonly listing: TreeListing | undefined;
  readonly evidenceOf: (entry: FolderEntry, content: Found) => Evidence;
  readonly hashes: HashMemory | undefined;
  readonly lifetime: Lifetime;
}

const LOOKS_AT_ONCE = 32;
const HASHES_AT_ONCE = 4;

/** The content of a path, and what is known of it. */
type Known =
  | { readonly kind: 'identified'; readonly path: string; readonly content: Found; readonly id: ContentId }
  /** It has a name, and nothing lists what the commit holds there. */
  | {
      readonly kind: 'claimed';
      readonly path: string;
      readonly content: Found;
      readonly id: ContentId;
    }
  /** Only its bytes can tell; they have to be those of `expected`, where that is known. */
  | {
      readonly kind: 'unproved';
      readonly path: string;
      readonly content: Found;
      readonly expected: ContentId | undefined;
    }
  | { readonly kind: 'refused'; readonly path: string; readonly refusal: Refusal };

/** The files that `entries` are, sorted by path. Throws a `Failure` that names those that cannot be published. */
export async function readFiles(entries: readonly FolderEntry[], reading: Reading): Promise<SnapshotFile[]> {
  const { download, hashes, listing, lifetime } = reading;
  const looked = await allOf(entries, LOOKS_AT_ONCE, lifetime.signal, (entry) => look(entry, reading));
  const here = new Set(entries.map(({ path }) => path));
  const missing = [...(listing?.keys() ?? [])].filter((path) => !here.has(path));
  const refusals = new Map<string, Refusal>(missing.map((path) => [path, 'missing']));
  const note = (known: readonly Known[]): void => {
    for (const one of known) if (one.kind === 'refused') refusals.set(one.path, one.refusal);
    throwRefusal(download, refusals);
  };
  // What is plain to see comes before hours of hashing.
  note(looked);
  const unproved = looked.filter((known) => known.kind === 'unproved');
  const hashed = await allOf(unproved, HASHES_AT_ONCE, lifetime.signal, (known) => hash(known, reading));
  const claims = looked.filter((known) => known.kind === 'claimed');
  const settled = await settleClaims(claims, { hashes, signal: lifetime.signal });
  note([...hashed, ...settled]);
  const origin = originOf(download);
  return [...looked, ...hashed, ...settled]
    .filter((known) => known.kind === 'identified')
    .map((known) => snapshotFile(known, origin, download, lifetime))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

async function look(entry: FolderEntry, { stores, listing, evidenceOf }: Reading): Promise<Known> {
  const { path } = entry;
  if (isRefusedPath(path)) return { kind: 'refused', path, refusal: 'refusedName' };
  const content = await contentOf(entry, stores);
  if (content.kind !== 'content') return { kind: 'refused', path, refusal: content.kind };
  return { path, ...identified(content, listing?.get(path), evidenceOf(entry, content)) };
}

type Identified =
  | { readonly kind: 'identified'; readonly content: Found; readonly id: ContentId }
  | {
      readonly kind: 'claimed';
      readonly content: Found;
      readonly id: ContentId;
    }
  | { readonly kind: 'unproved'; readonly content: Found; readonly expected: ContentId | undefined }
  | { readonly kind: 'refused'; readonly refusal: 'changed' };

/** Which content it is, as far as that is known without reading it. */
function identified(content: Found, listed: ListedFile | undefined, evidence: Evidence): Identified {
  if (listed !== undefined && listed.size !== content.size) return { kind: 'refused', refusal: 'changed' };
  const id = settled(listed?.id, evidence);
  if (id === undefined) {
    const was = evidence.kind === 'open' ? evidence.was : undefined;
    return { kind: 'unproved', content, expected: listed?.id ?? was };
  }
  const isEmpty = isNamedBy(EMPTY, id);
  if (isEmpty && content.size === 0) return { kind: 'identified', content, id };
  if (evidence.kind === 'named' && listed?.id === undefined) return { kind: 'claimed', content, id };
  return isEmpty || content.size === 0
    ? { kind: 'refused', refusal: 'changed' }
    : { kind: 'identified', content, id };
}

function settled(listed: ContentId | undefined, evidence: Evidence): ContentId | undefined {
  switch (evidence.kind) {
    case 'named':
      // Where listing and name disagree, one of them is wrong, or both are right in other words.
      return listed === undefined || isSameId(listed, evidence.id) ? (listed ?? evidence.id) : undefined;
    case 'untouched':
      return listed;
    case 'open':
      return undefined;
  }
}

async function hash(
  { path, content, expected }: Extract<Known, { kind: 'unproved' }>,
  { hashes, lifetime }: Reading,
): Promise<Known> {
  try {
    const known = await contentHashes(content.file, { hashes, signal: lifetime.signal });
    if (expected !== undefined && !isNamedBy(known, expected))
      return { kind: 'refused', path, refusal: 'changed' };
    return { kind: 'identified', path, content, id: expected ?? { kind: 'blob', gitSha1: known.gitSha1 } };
  } catch (error) {
    if (!(error instanceof ChangedWhileRead || error instanceof NotTheFile)) throw error;
    return { kind: 'refused', path, refusal: 'changed' };
  }
}

function snapshotFile(
  { path, content, id }: Extract<Known, { kind: 'identified' }>,
  origin: Origin,
  download: Download,
  lifetime: Lifetime,
): SnapshotFile {
  const { file, size } = content;
  const read = async (start: number, end: number): Promise<Readable> => {
    lifetime.signal.throwIfAborted();
    return lifetime.adopt(await openRange(content, start, end, path, download));
  };
  if (id.kind === 'blob' || size === 0) {
    const gitSha1 = id.kind === 'blob' ? id.gitSha1 : EMPTY.gitSha1;
    return { kind: 'blob', origin, path, size, gitSha1, open: (start = 0) => read(start, size) };
  }
  return {
    kind: 'lfs',
    origin,
    path,
    size,
    sha256: id.sha256,
    gitSha1: id.pointer ?? pointerId(id.sha256, size),
    present: () => isPresent(file, size),
    open: (start = 0, end = size) => read(start, end),
    openFile: async () => {
      lifetime.signal.throwIfAborted();
      return openContent(content, path, download);
    },
  };
}

async function openRange(
  content: Found,
  start: number,
  end: number,
  path: string,
  download: Download,
): Promise<Readable> {
  if (start >= end) return Readable.from([], { objectMode: false });
  const handle = await openContent(content, path, download);
  return handle.createReadStream({ start, end: end - 1, highWaterMark: READ_SIZE });
}

/** {@link contentOf} told a path free of links; what became one since is not followed. */
async function openContent({ file, size }: Found, path: string, download: Download): Promise<FileHandle> {
  const handle = await openRegularFile(file, size).catch((error: unknown) => {
    if (error instanceof NotTheFile) throw refusalOf(download, 'changed', [path], error);
    throw isGone(error) ? refusalOf(download, 'missing', [path], error) : plainly(error, file);
  });
  const folder = dirname(file);
  if ((await realpath(folder).catch(() => undefined)) === folder) return handle;
  await handle.close();
  throw refusalOf(download, 'outside', [path]);
}
