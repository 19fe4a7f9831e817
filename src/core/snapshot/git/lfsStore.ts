import { lstat, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { readSmallFile } from '../files/regularFile.ts';
import type { GitConfig } from './config.ts';
import type { LfsPointer } from './lfsPointer.ts';

/** Hundreds of paths. Bytes. */
const LONGEST_ALTERNATES = 64 * 1024;

/**
 * Folders that may hold LFS objects, nearest first: `lfs.storage`, which is relative to the shared `.git` folder and stands in for
 * its `lfs`, then those of the repositories that objects are borrowed from
 * (https://github.com/git-lfs/git-lfs/blob/main/docs/man/git-lfs-config.adoc, gitrepository-layout(5) on alternates).
 */
export async function lfsObjectFolders(commonFolder: string, config: GitConfig): Promise<string[]> {
  const storage = config.get('lfs.storage') ?? 'lfs';
  const own = storage.startsWith('~/') ? join(homedir(), storage.slice(2)) : resolve(commonFolder, storage);
  const objects = join(commonFolder, 'objects');
  const alternates = await readAlternates(join(objects, 'info', 'alternates'));
  return [
    join(own, 'objects'),
    ...alternates.map((alternate) => join(resolve(objects, alternate), '..', 'lfs', 'objects')),
  ];
}

/** The paths in `<objects>/info/alternates`; none where it cannot be read, or is longer than {@link LONGEST_ALTERNATES}. */
async function readAlternates(file: string): Promise<string[]> {
  try {
    return parseAlternates((await readSmallFile(file, LONGEST_ALTERNATES))?.toString('utf8') ?? '');
  } catch {
    // Nearly no repository has the file; and one that cannot be read leads to nothing that could.
    return [];
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

/**
 * The object's file in the first of `folders` that has it: like git-lfs, by name and exact size. The store, or a folder of it, may be a
 * link to another disk; an object may not, for its target would be read whatever it is.
 */
export async function findInStore(
  folders: readonly string[],
  pointer: LfsPointer,
): Promise<string | undefined> {
  for (const file of placesOf(folders, pointer)) {
    if (await isObject(file, pointer)) return file;
  }
  return undefined;
}

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

async function isObject(file: string, pointer: LfsPointer): Promise<boolean> {
  try {
    const found = await lstat(file);
    return found.isFile() && found.size === pointer.size && (await isNamed(file, pointer));
  } catch {
    // Not in this one.
    return false;
  }
}

/** Whether the file bears the object's name wherever links lead to it. */
async function isNamed(file: string, { sha256 }: LfsPointer): Promise<boolean> {
  const real = await realpath(file).catch(() => '');
  return real.endsWith(join(sep, sha256.slice(0, 2), sha256.slice(2, 4), sha256));
}
