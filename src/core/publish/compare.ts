import type { RemoteFile } from '../hub/remoteFile.ts';
import type { Sha256 } from '../objectIds.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';

/**
 * The one file that servers edit by themselves: a Hub adds a line to it for LFS files it does not cover yet
 * (https://github.com/huggingface/huggingface.js, `packages/hub/src/types/api/api-commit.ts`).
 */
export const SERVER_EDITED = '.gitattributes';

interface Comparison {
  readonly changed: readonly SnapshotFile[];
  readonly unchanged: readonly SnapshotFile[];
  /** Paths that only the registry has. */
  readonly deleted: readonly string[];
}

/** SHA-256s of plain blobs, by path, that were computed because the registry keeps such files as LFS objects. */
export type KnownHashes = ReadonlyMap<string, Sha256>;

/** Paths are compared code unit by code unit: two that look the same but are encoded differently are two files. */
export function compare(
  files: readonly SnapshotFile[],
  remote: ReadonlyMap<string, RemoteFile>,
  hashes: KnownHashes = new Map(),
): Comparison {
  const changed: SnapshotFile[] = [];
  const unchanged: SnapshotFile[] = [];
  const left = new Set(remote.keys());
  for (const file of files) {
    left.delete(file.path);
    const known = remote.get(file.path);
    (known !== undefined && sameContent(file, known, hashes) ? unchanged : changed).push(file);
  }
  // Where objects are kept, and the snapshot has no attributes that say so, those of the registry are its own and stay.
  if (hashes.size > 0 || objectsIn(files, remote).length > 0) left.delete(SERVER_EDITED);
  return { changed, unchanged, deleted: [...left].sort() };
}

/** Files that the registry keeps, or is to keep, as LFS objects. */
export function objectsIn(
  files: readonly SnapshotFile[],
  remote: ReadonlyMap<string, RemoteFile>,
): readonly SnapshotFile[] {
  return files.filter(({ kind, path }) => kind === 'lfs' || remote.get(path)?.sha256 !== undefined);
}

/** How a commit in the registry differs from the snapshot it was made of. */
interface Deviation {
  /** Paths that are not as they were sent. */
  readonly wrong: readonly string[];
  /** {@link SERVER_EDITED}, where the server edited it. */
  readonly serverEdited: readonly string[];
}

export function deviation(
  files: readonly SnapshotFile[],
  remote: ReadonlyMap<string, RemoteFile>,
  hashes: KnownHashes,
): Deviation {
  const { changed, unchanged, deleted } = compare(files, remote, hashes);
  const edited = remote.has(SERVER_EDITED) && !unchanged.some(({ path }) => path === SERVER_EDITED);
  return {
    wrong: [...changed.map(({ path }) => path), ...deleted].filter(
      (path) => !edited || path !== SERVER_EDITED,
    ),
    serverEdited: edited ? [SERVER_EDITED] : [],
  };
}

function sameContent(file: SnapshotFile, known: RemoteFile, hashes: KnownHashes): boolean {
  // An empty file is kept as it is, never as an LFS object.
  if (file.size === 0 && known.size === 0) return true;
  if (file.kind === 'lfs') return known.sha256 === file.sha256;
  return known.sha256 === undefined ? known.gitSha1 === file.gitSha1 : known.sha256 === hashes.get(file.path);
}
