import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import type { Sha256 } from '../../objectIds.ts';
import { READ_NO_LINK } from '../cache/content.ts';
import type { CommittedFile } from './head.ts';
import type { LfsPointer } from './lfsPointer.ts';
import { findInStore } from './lfsStore.ts';
import { READ_SIZE, type WorkTree } from './workTree.ts';

/** The content that LFS pointers stand for, as far as it is on this machine. */
export interface LfsContents {
  /**
   * A file that holds it: in an LFS store; else in the work tree, where a file of the pointer's path and size counts as long as it is not
   * known to differ. Whether it does shows when it is read whole, which nobody does just to find it.
   */
  locate(pointer: LfsPointer): Promise<string | undefined>;
  /** Whether the content was last opened in the work tree. */
  isFromWorkTree(pointer: LfsPointer): boolean;
  /** Bytes `start` up to `end` exclusive. Throws a `missingObject` failure that names `path`. */
  open(path: string, pointer: LfsPointer, start: number, end: number): Promise<Readable>;
  /** The file that holds it. Throws as {@link open} does. */
  openFile(path: string, pointer: LfsPointer): Promise<FileHandle>;
  /** The content of a pointer to nothing. */
  nothing(): Readable;
}

export function lfsContents(
  objectFolders: readonly string[],
  tree: WorkTree,
  files: readonly CommittedFile[],
): LfsContents {
  const checkedOut = new Map<Sha256, string[]>();
  for (const { entry, pointer } of files) {
    if (pointer !== undefined) {
      const paths = checkedOut.get(pointer.sha256);
      if (paths === undefined) {
        checkedOut.set(pointer.sha256, [entry.path]);
      } else {
        paths.push(entry.path);
      }
    }
  }

  const fromWorkTree = new Set<Sha256>();

  async function inWorkTree(pointer: LfsPointer): Promise<string | undefined> {
    let likely: string | undefined;
    for (const path of checkedOut.get(pointer.sha256) ?? []) {
      const likeness = await tree.likeness(path, pointer);
      if (likeness.kind === 'same') return likeness.file;
      if (likeness.kind === 'unknown') likely ??= likeness.file;
    }
    return likely;
  }

  async function openFile(path: string, pointer: LfsPointer): Promise<FileHandle> {
    const stored = await findInStore(objectFolders, pointer);
    const file = stored ?? (await inWorkTree(pointer));
    if (file === undefined) {
      throw missingObject(path);
    }
    if (stored === undefined) fromWorkTree.add(pointer.sha256);
    else fromWorkTree.delete(pointer.sha256);
    return open(file, stored === undefined ? READ_NO_LINK : 'r').catch((error: unknown) => {
      throw missingObject(path, error);
    });
  }

  return {
    locate: async (pointer) => (await findInStore(objectFolders, pointer)) ?? inWorkTree(pointer),
    isFromWorkTree: ({ sha256 }) => fromWorkTree.has(sha256),
    openFile,
    nothing: () => Readable.from([], { objectMode: false }),
    async open(path, pointer, start, end) {
      const handle = await openFile(path, pointer);
      if (start >= end) {
        await handle.close();
        return Readable.from([], { objectMode: false });
      }
      return handle.createReadStream({ start, end: end - 1, highWaterMark: READ_SIZE });
    },
  };
}

function missingObject(path: string, cause?: unknown): Failure {
  return new Failure(
    'missingObject',
    l10n.t(
      'The content of “{0}” is kept in Git LFS and is not on this machine. Run “git lfs pull” in the repository and try again.',
      path,
    ),
    { paths: [path], cause },
  );
}
