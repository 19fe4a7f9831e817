import { git, gitText } from './git.ts';
import type { ObjectStore } from './objects.ts';
import { pointerLimit, readPointer, type Pointer } from './pointer.ts';

export type Entry =
  | { readonly kind: 'directory'; readonly path: string; readonly oid: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Git blob id, 40 hex digits; of the pointer where the file is an LFS file. */
      readonly oid: string;
      /** `100644`, `100755` or `120000`. */
      readonly mode: string;
      /** Bytes of the blob. */
      readonly blobSize: number;
      /** Present where the blob is the pointer of an object that is stored here. */
      readonly lfs: Pointer | undefined;
    };

export type FileEntry = Extract<Entry, { kind: 'file' }>;

/** Bytes a person gets who downloads the file. */
export function fileSize(entry: FileEntry): number {
  return entry.lfs?.size ?? entry.blobSize;
}

/** Everything below the root of a commit, directories before what they hold, in Git's order. Submodules are left out. */
export interface ModelTree {
  readonly entries: readonly Entry[];
  readonly byPath: ReadonlyMap<string, Entry>;
}

export const emptyTree: ModelTree = { entries: [], byPath: new Map() };

/** Reads a commit's tree with two Git processes, however large it is. */
export async function readModelTree(
  gitDirectory: string,
  objects: ObjectStore,
  commit: string,
): Promise<ModelTree> {
  const listing = await gitText(gitDirectory, ['ls-tree', '-r', '-t', '-l', '-z', commit]);
  const lines: { mode: string; type: string; oid: string; size: number; path: string }[] = [];
  for (const line of listing.split('\0')) {
    const match = /^(\d+) (\w+) ([0-9a-f]+) +(-|\d+)\t(.*)$/s.exec(line);
    if (match)
      lines.push({
        mode: match[1]!,
        type: match[2]!,
        oid: match[3]!,
        size: Number(match[4]),
        path: match[5]!,
      });
  }
  const small = new Set(
    lines.filter((line) => line.type === 'blob' && line.size < pointerLimit).map((line) => line.oid),
  );
  const pointers = await readPointers(gitDirectory, objects, [...small]);
  const entries: Entry[] = [];
  for (const { mode, type, oid, size, path } of lines) {
    if (type === 'tree') entries.push({ kind: 'directory', path, oid });
    if (type === 'blob') {
      const lfs = mode === '120000' ? undefined : pointers.get(oid);
      entries.push({ kind: 'file', path, oid, mode, blobSize: size, lfs });
    }
  }
  return { entries, byPath: new Map(entries.map((entry) => [entry.path, entry])) };
}

async function readPointers(
  gitDirectory: string,
  objects: ObjectStore,
  oids: readonly string[],
): Promise<Map<string, Pointer>> {
  const pointers = new Map<string, Pointer>();
  for (const [oid, content] of await readBlobs(gitDirectory, oids)) {
    const pointer = readPointer(content);
    if (pointer && (await objects.sizeOf(pointer.sha256)) === pointer.size) pointers.set(oid, pointer);
  }
  return pointers;
}

/** Contents of blobs by id, all in memory: for small ones only. */
export async function readBlobs(
  gitDirectory: string,
  oids: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const blobs = new Map<string, Buffer>();
  if (oids.length === 0) return blobs;
  const { stdout } = await git(gitDirectory, ['cat-file', '--batch'], oids.join('\n') + '\n');
  const output = Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  let position = 0;
  while (position < output.length) {
    const end = output.indexOf(0x0a, position);
    const [oid, type, size] = output.toString('latin1', position, end).split(' ');
    if (type !== 'blob') throw new Error(`${gitDirectory} has no blob ${String(oid)}.`);
    const start = end + 1;
    blobs.set(oid!, output.subarray(start, start + Number(size)));
    position = start + Number(size) + 1;
  }
  return blobs;
}
