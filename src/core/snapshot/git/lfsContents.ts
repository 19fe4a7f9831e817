import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import type { Sha256 } from '../../objectIds.ts';
import { openRegularFile, READ_SIZE } from '../files/regularFile.ts';
import { isGone, isSystemError, refused } from '../files/systemErrors.ts';
import type { CommittedFile } from './head.ts';
import type { LfsPlace } from '../snapshot.ts';
import { lfsCommand, withoutServer } from './lfsCommands.ts';
import type { LfsPointer } from './lfsPointer.ts';
import { findInStore, findLinkInStore, readable, type Stored } from './lfsStore.ts';
import type { Likeness, WorkTree } from './workTree.ts';

/** A file of a snapshot whose content is wanted. */
interface WantedContent {
  /** As the snapshot has it. */
  readonly path: string;
  readonly pointer: LfsPointer;
  readonly lfs: LfsPlace;
}

/** The content that LFS pointers stand for, as far as it is on this machine. */
export interface LfsContents {
  /**
   * Whether a file holds it: in an LFS store; else in the work tree, where a file of the pointer's path and size counts
   * as long as it is not known to differ. Whether it does shows when it is read whole, which nobody does just to find
   * it. Where nothing holds it, throws an `unpublishable` failure that names `path` where the store has a link in its
   * place, and a `disk` failure where it may not be read.
   */
  isHere(wanted: WantedContent): Promise<boolean>;
  /** Whether the content was last opened in the work tree. */
  isFromWorkTree(pointer: LfsPointer): boolean;
  /** Bytes `start` up to `end` exclusive. Throws a `missingObject` failure for `path`, or as {@link isHere} does. */
  open(wanted: WantedContent, start: number, end: number): Promise<Readable>;
  /** The file that holds it. Throws as {@link open} does. */
  openFile(wanted: WantedContent): Promise<FileHandle>;
  /** The content of a pointer to nothing. */
  nothing(): Readable;
}

/** Where a content was found. */
interface Place {
  /** Absolute path. */
  readonly file: string;
  readonly isWorkTree: boolean;
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

  async function inWorkTree(pointer: LfsPointer): Promise<Stored> {
    let likely: Stored = { kind: 'absent' };
    for (const path of checkedOut.get(pointer.sha256) ?? []) {
      const likeness = await tree.likeness(path, pointer);
      const found = await placeIn(likeness, pointer);
      if (found.kind === 'stored' && likeness.kind === 'same') return found;
      if (rank(found) > rank(likely)) likely = found;
    }
    return likely;
  }

  /** undefined where it is nowhere. Throws a failure that names `path` behind a link, or where it may not be read. */
  async function placeOf({ path, pointer, lfs }: WantedContent): Promise<Place | undefined> {
    const stored = await findInStore(objectFolders, pointer);
    if (stored.kind === 'stored') return { file: stored.file, isWorkTree: false };
    const checkedOut = await inWorkTree(pointer);
    if (checkedOut.kind === 'stored') return { file: checkedOut.file, isWorkTree: true };
    const forbidden = [stored, checkedOut].find((place) => place.kind === 'forbidden');
    if (forbidden !== undefined) throw refused(forbidden.error, path, [path]);
    const link = await findLinkInStore(objectFolders, pointer);
    if (link !== undefined) throw linkedObject(path, link, lfs);
    return undefined;
  }

  async function openFile(wanted: WantedContent): Promise<FileHandle> {
    const { path, pointer } = wanted;
    const place = await placeOf(wanted);
    if (place === undefined) throw missingObject(wanted);
    const handle = await openRegularFile(place.file, pointer.size).catch((error: unknown) => {
      const isMissing = isGone(error) || !isSystemError(error);
      throw isMissing ? missingObject(wanted, error) : refused(error, place.file, [path]);
    });
    try {
      // A folder on the way may have become a link since it was looked at.
      if ((await placeOf(wanted))?.file !== place.file) throw missingObject(wanted);
    } catch (error) {
      await handle.close();
      throw error;
    }
    if (place.isWorkTree) fromWorkTree.add(pointer.sha256);
    else fromWorkTree.delete(pointer.sha256);
    return handle;
  }

  return {
    isHere: async (wanted) => (await placeOf(wanted)) !== undefined,
    isFromWorkTree: ({ sha256 }) => fromWorkTree.has(sha256),
    openFile,
    nothing: () => Readable.from([], { objectMode: false }),
    async open(wanted, start, end) {
      const handle = await openFile(wanted);
      if (start >= end) {
        await handle.close();
        return Readable.from([], { objectMode: false });
      }
      return handle.createReadStream({ start, end: end - 1, highWaterMark: READ_SIZE });
    },
  };
}

/** What a look at the work tree says of where the content is. */
async function placeIn(likeness: Likeness, { size }: LfsPointer): Promise<Stored> {
  switch (likeness.kind) {
    case 'same':
    case 'unknown':
      return readable(likeness.file, size);
    case 'forbidden':
      return likeness;
    case 'absent':
    case 'pointer':
    case 'different':
      return { kind: 'absent' };
  }
}

/** Rather read than refused, and rather refused than missing. */
function rank({ kind }: Stored): number {
  return ['absent', 'forbidden', 'stored'].indexOf(kind);
}

function linkedObject(path: string, link: string, lfs: LfsPlace): Failure {
  return new Failure(
    'unpublishable',
    l10n.t(
      'The Git LFS store has a link in place of the content of “{0}”: {1}. Nothing is read through it, for it may lead to any file. Remove the link, run “{2}” and try again.',
      path,
      link,
      lfsCommand('pull', [lfs]),
    ),
    { paths: [path] },
  );
}

function missingObject({ path, lfs }: WantedContent, cause?: unknown): Failure {
  const noServer = withoutServer([lfs]);
  if (noServer !== undefined) {
    return new Failure(
      'missingObject',
      l10n.t('The content of “{0}” is kept in Git LFS and is not on this machine. {1}', path, noServer),
      { paths: [path], cause },
    );
  }
  const command = lfsCommand('pull', [lfs]);
  return new Failure(
    'missingObject',
    l10n.t(
      'The content of “{0}” is kept in Git LFS and is not on this machine. Run “{1}” in the repository and try again.',
      path,
      command,
    ),
    { paths: [path], command, cause },
  );
}
