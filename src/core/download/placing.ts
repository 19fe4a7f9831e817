import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { contentHashes } from '../snapshot/files/contentHashes.ts';
import { isNamedBy } from '../snapshot/hfCache/contentId.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import type { WantedFile } from './downloading.ts';
import { discard } from './partialFile.ts';

/** Whether the regular file at `path` (absolute) has the content of `file`: by size first, then by hash. */
export async function hasContent(
  path: string,
  size: number,
  file: WantedFile,
  options: { readonly hashes: HashMemory | undefined; readonly signal: AbortSignal },
): Promise<boolean> {
  return size === file.size && isNamedBy(await contentHashes(path, options), file.id);
}

/**
 * Replaces what is at `path` (absolute), a link itself rather than what it leads to, in one step. What is made there
 * first has a short name, as the file's own may be as long as names can be.
 */
async function replaceWith(path: string, make: (temporary: string) => Promise<unknown>): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await make(temporary);
    await rename(temporary, path);
  } catch (error) {
    await discard(temporary);
    throw error;
  }
}

export function replaceWithCopy(path: string, of: string): Promise<void> {
  // Where the file system can, both share their blocks until one is written to.
  return replaceWith(path, (temporary) =>
    copyFile(of, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE),
  );
}

export function replaceWithLink(path: string, target: string): Promise<void> {
  return replaceWith(path, (temporary) => symlink(target, temporary, 'file'));
}

export function replaceWithText(path: string, text: string): Promise<void> {
  return replaceWith(path, (temporary) => writeFile(temporary, text, { flag: 'wx' }));
}

/** Something came into being at the place of a file that was not there when the download was planned. */
export function occupied(path: string): Failure {
  return new Failure(
    'conflict',
    l10n.t(
      '“{0}” came into being while the download was under way, and is left as it is. Download again to decide.',
      path,
    ),
    { paths: [path] },
  );
}

export function noFilePossible(path: string, at: string): Failure {
  return new Failure(
    'disk',
    l10n.t(
      'There is a folder at “{0}”, where the file “{1}” belongs. Move it away, or choose another folder.',
      at,
      path,
    ),
    { paths: [path] },
  );
}
