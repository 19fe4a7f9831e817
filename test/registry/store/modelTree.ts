import { git, gitText } from './git.ts';
import { looseCommit, looseObject, looseSize, looseTree } from './looseObjects.ts';
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

/** Modes of entries that are no files: https://git-scm.com/docs/gitdatamodel */
const FOLDER = '40000';
const SUBMODULE = '160000';

export const emptyTree: ModelTree = { entries: [], byPath: new Map() };

interface Line {
  /** Six digits. */
  readonly mode: string;
  readonly type: 'blob' | 'tree';
  readonly oid: string;
  /** Bytes of a blob; 0 of a tree. */
  readonly size: number;
  readonly path: string;
}

/** Reads a commit's tree: without a process where its objects are loose, else with two, however large it is. */
export async function readModelTree(
  gitDirectory: string,
  objects: ObjectStore,
  commit: string,
): Promise<ModelTree> {
  const lines = looseLines(gitDirectory, commit) ?? (await listedLines(gitDirectory, commit));
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

function looseLines(gitDirectory: string, commit: string): Line[] | undefined {
  const lines: Line[] = [];
  /** Whether all that was looked for was loose. */
  const walk = (tree: string, folder: string): boolean =>
    looseTree(gitDirectory, tree)?.every(({ mode, name, oid }) => {
      const path = `${folder}${name}`;
      if (mode === SUBMODULE) return true;
      if (mode === FOLDER) {
        lines.push({ mode: `0${mode}`, type: 'tree', oid, size: 0, path });
        return walk(oid, `${path}/`);
      }
      const size = looseSize(gitDirectory, oid);
      if (size === undefined) return false;
      lines.push({ mode, type: 'blob', oid, size, path });
      return true;
    }) ?? false;
  const root = looseCommit(gitDirectory, commit)?.tree;
  return root !== undefined && walk(root, '') ? lines : undefined;
}

async function listedLines(gitDirectory: string, commit: string): Promise<Line[]> {
  const listing = await gitText(gitDirectory, ['ls-tree', '-r', '-t', '-l', '-z', commit]);
  return listing.split('\0').flatMap((line) => {
    const match = /^(\d+) (blob|tree) ([0-9a-f]+) +(-|\d+)\t(.*)$/s.exec(line);
    if (!match) return [];
    const [, mode, type, oid, size, path] = match;
    return [{ mode: mode!, type: type as Line['type'], oid: oid!, size: Number(size) || 0, path: path! }];
  });
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
  const packed: string[] = [];
  for (const oid of oids) {
    const loose = looseObject(gitDirectory, oid);
    if (loose?.type === 'blob') blobs.set(oid, loose.content);
    else packed.push(oid);
  }
  if (packed.length === 0) return blobs;
  const { stdout } = await git(gitDirectory, ['cat-file', '--batch'], packed.join('\n') + '\n');
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
