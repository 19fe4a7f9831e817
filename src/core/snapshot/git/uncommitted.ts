import type { GitObjectId } from '../../objectIds.ts';
import type { UncommittedChange } from '../snapshot.ts';
import type { Head } from './head.ts';
import type { LfsPointer } from './lfsPointer.ts';
import type { StatusEntry } from './status.ts';
import type { WorkTree } from './workTree.ts';

/**
 * What Git reports, without the LFS files that it takes for modified only because it compared the checked-out content with the
 * pointer in the commit. Only files that look touched are reported at all, so no other file is read.
 */
export async function uncommittedChanges(
  entries: readonly StatusEntry[],
  head: Head,
  tree: WorkTree,
): Promise<UncommittedChange[]> {
  const pointers = new Map<GitObjectId, LfsPointer>();
  for (const { entry, pointer } of head.files) {
    if (pointer !== undefined) {
      pointers.set(entry.oid, pointer);
    }
  }
  const prefix = head.folder === '' ? '' : `${head.folder}/`;
  const changes: UncommittedChange[] = [];
  for (const { kind, path, unstagedBlob } of entries) {
    const pointer = unstagedBlob === undefined ? undefined : pointers.get(unstagedBlob);
    if (pointer === undefined || (await tree.sameContent(path, pointer)) === undefined) {
      changes.push({ kind, path: path.startsWith(prefix) ? path.slice(prefix.length) : path });
    }
  }
  return changes;
}
