import type { SnapshotFile } from '../snapshot/snapshot.ts';

/** Bytes of what the files hold, the content that several files in Git LFS share counted once. */
export function distinctBytes(files: readonly SnapshotFile[]): number {
  const objects = new Map<string, number>();
  let bytes = 0;
  for (const file of files) {
    if (file.kind === 'lfs') objects.set(file.sha256, file.size);
    else bytes += file.size;
  }
  return bytes + sumOf([...objects.values()]);
}

/**
 * Bytes of a plan's files that the registry holds already: of those that are unchanged, and of content that it has under
 * another path or in another version.
 *
 * @param travelling Bytes that are sent.
 */
export function bytesThere(
  {
    changed,
    unchanged,
  }: { readonly changed: readonly SnapshotFile[]; readonly unchanged: readonly SnapshotFile[] },
  travelling: number,
): number {
  return sumOf(unchanged.map(({ size }) => size)) + Math.max(0, distinctBytes(changed) - travelling);
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
