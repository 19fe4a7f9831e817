import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { homeFolder } from '../../homeFolder.ts';
import { isReadable, NotTheFile, readSmallFile } from '../files/regularFile.ts';
import { isGone, isSystemError, type SystemError } from '../files/systemErrors.ts';
import type { GitConfig } from './config.ts';
import type { LfsPointer } from './lfsPointer.ts';

/** Hundreds of paths. Bytes. */
const LONGEST_ALTERNATES = 64 * 1024;

/**
 * Folders that may hold LFS objects, nearest first: `lfs.storage`, which is relative to the shared `.git` folder and
 * stands in for its `lfs`, then those of the repositories that objects are borrowed from
 * (https://github.com/git-lfs/git-lfs/blob/main/docs/man/git-lfs-config.adoc, gitrepository-layout(5) on alternates).
 */
export async function lfsObjectFolders(commonFolder: string, config: GitConfig): Promise<string[]> {
  const configured = config.get('lfs.storage') ?? '';
  const storage = configured === '' ? 'lfs' : configured;
  // git-lfs takes `~` for a name, where a person may have meant their home.
  const home = storage.startsWith('~/') ? inHome(storage.slice(2)) : undefined;
  const alternates = await alternatesOf(join(commonFolder, 'objects'));
  return [
    join(resolve(commonFolder, storage), 'objects'),
    ...(home === undefined ? [] : [join(home, 'objects')]),
    ...alternates.map((alternate) => join(alternate, '..', 'lfs', 'objects')),
  ];
}

function inHome(path: string): string | undefined {
  const home = homeFolder();
  return home === undefined ? undefined : join(home, path);
}

/**
 * Absolute paths of the stores that `objects` (absolute path) borrows from, by `info/alternates`: none where that is no
 * file, or longer than {@link LONGEST_ALTERNATES}. Throws what the file system says where it may not be read.
 */
export async function alternatesOf(objects: string): Promise<string[]> {
  try {
    const text = await readSmallFile(join(objects, 'info', 'alternates'), LONGEST_ALTERNATES);
    return parseAlternates(text?.toString('utf8') ?? '').map((path) => resolve(objects, path));
  } catch (error) {
    // Nearly no repository has the file.
    if (isGone(error) || error instanceof NotTheFile) return [];
    throw error;
  }
}

/** One path a line; `#` begins a comment, and a path in double quotes is escaped as in C. */
export function parseAlternates(text: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => (/^".*"$/.test(line) ? unquoted(line.slice(1, -1)) : line));
}

function unquoted(text: string): string {
  const letters: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  const latin1 = Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/\\(?:([0-7]{3})|(.))/g, (_match, octal: string | undefined, letter: string | undefined) =>
      octal === undefined
        ? (letters[letter ?? ''] ?? letter ?? '')
        : String.fromCharCode(parseInt(octal, 8) & 0xff),
    );
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** Whether a store has an object. */
export type Stored =
  /** Absolute path of its file, which may be read. */
  | { readonly kind: 'stored'; readonly file: string }
  | { readonly kind: 'absent' }
  /** It may be there, but this user may not look. */
  | { readonly kind: 'forbidden'; readonly error: SystemError };

/**
 * The object's file in the first of `folders` that has it: like git-lfs, by name and exact size. The store, or a folder
 * of it, may be a link to another disk; an object may not, for its target would be read whatever it is.
 */
export async function findInStore(folders: readonly string[], pointer: LfsPointer): Promise<Stored> {
  let forbidden: SystemError | undefined;
  for (const file of placesOf(folders, pointer)) {
    const found = await lookAt(file, pointer);
    if (found.kind === 'stored') return found;
    if (found.kind === 'forbidden') forbidden ??= found.error;
  }
  return forbidden === undefined ? ABSENT : { kind: 'forbidden', error: forbidden };
}

const ABSENT: Stored = { kind: 'absent' };

/** A link in place of the object, which {@link findInStore} leaves alone. */
export async function findLinkInStore(
  folders: readonly string[],
  pointer: LfsPointer,
): Promise<string | undefined> {
  for (const file of placesOf(folders, pointer)) {
    const found = await lstat(file).catch(() => undefined);
    if (found !== undefined && !(await isNamed(file, pointer))) return file;
  }
  return undefined;
}

function placesOf(folders: readonly string[], { sha256 }: LfsPointer): string[] {
  return folders
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256));
}

async function lookAt(file: string, pointer: LfsPointer): Promise<Stored> {
  const found = await readable(file, pointer.size);
  return found.kind !== 'stored' || (await isNamed(file, pointer)) ? found : ABSENT;
}

/** Whether there is a file of `size` bytes that can be read. */
export async function readable(file: string, size: number): Promise<Stored> {
  try {
    return (await isReadable(file, size)) ? { kind: 'stored', file } : ABSENT;
  } catch (error) {
    if (isSystemError(error)) return { kind: 'forbidden', error };
    throw error;
  }
}

/** Whether the file bears the object's name wherever links lead to it. */
async function isNamed(file: string, { sha256 }: LfsPointer): Promise<boolean> {
  const real = await realpath(file).catch(() => '');
  return real.endsWith(join(sep, sha256.slice(0, 2), sha256.slice(2, 4), sha256));
}
