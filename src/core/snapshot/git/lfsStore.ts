import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { GitConfig } from './config.ts';
import type { LfsPointer } from './lfsPointer.ts';

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

async function readAlternates(file: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    // Nearly no repository has the file; and one that cannot be read leads to nothing that could.
    return [];
  }
  return parseAlternates(text);
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

/** The object's file in the first of `folders` that has it: like git-lfs, by name and exact size. */
export async function findInStore(
  folders: readonly string[],
  pointer: LfsPointer,
): Promise<string | undefined> {
  const { sha256 } = pointer;
  for (const folder of folders.filter(isAbsolute)) {
    const file = join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    try {
      const found = await stat(file);
      if (found.isFile() && found.size === pointer.size) {
        return file;
      }
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}
