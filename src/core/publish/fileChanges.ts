import type { RemoteFile } from '../hub/remoteFile.ts';
import type { BlobFile, SnapshotFile } from '../snapshot/snapshot.ts';
import { compare, type KnownHashes } from './compare.ts';

/** A path whose content differs between two lists of files; a side that has no such path is undefined. */
export interface FileChange<After> {
  readonly path: string;
  readonly before: RemoteFile | undefined;
  readonly after: After | undefined;
}

/** What differs between two versions, sorted by path. Nothing is read: content is told apart by its names. */
export function changesBetween(
  before: readonly RemoteFile[],
  after: readonly RemoteFile[],
): readonly FileChange<RemoteFile>[] {
  const earlier = byPath(before);
  const later = byPath(after);
  return [...new Set([...earlier.keys(), ...later.keys()])]
    .sort()
    .map((path) => ({ path, before: earlier.get(path), after: later.get(path) }))
    .filter(({ before, after }) => !before || !after || !sameContent(before, after));
}

/** What publishing `files` would change in a version, sorted by path. */
export function changesToSnapshot(
  before: readonly RemoteFile[],
  files: readonly SnapshotFile[],
  hashes: KnownHashes,
): readonly FileChange<SnapshotFile>[] {
  const earlier = byPath(before);
  const { changed, deleted } = compare(files, earlier, hashes);
  const changes = [
    ...changed.map((file) => ({ path: file.path, before: earlier.get(file.path), after: file })),
    ...deleted.map((path) => ({ path, before: earlier.get(path), after: undefined })),
  ];
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The plain files whose SHA-256 has to be known: the version has them as LFS objects, and sizes do not tell. */
export function filesToHash(
  before: readonly RemoteFile[],
  files: readonly SnapshotFile[],
): readonly BlobFile[] {
  const earlier = byPath(before);
  return files.filter((file): file is BlobFile => {
    const there = earlier.get(file.path);
    if (file.kind !== 'blob' || file.size === 0 || there?.sha256 === undefined) return false;
    return there.size === undefined || there.size === file.size;
  });
}

function byPath(files: readonly RemoteFile[]): ReadonlyMap<string, RemoteFile> {
  return new Map(files.map((file) => [file.path, file]));
}

/** What a server tells no name of may differ. */
function sameContent(before: RemoteFile, after: RemoteFile): boolean {
  if (before.size === 0 && after.size === 0) return true;
  if (before.sha256 !== after.sha256) return false;
  return before.sha256 !== undefined || (before.gitSha1 !== undefined && before.gitSha1 === after.gitSha1);
}
