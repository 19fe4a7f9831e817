import { constants } from 'node:fs';
import { copyFile, symlink, writeFile } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { contentHashes } from '../snapshot/files/contentHashes.ts';
import { replaceWith } from '../snapshot/files/replaceFile.ts';
import { isNamedBy } from '../snapshot/hfCache/contentId.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import type { WantedFile } from './downloading.ts';

/** Whether the regular file at `path` (absolute) has the content of `file`: by size first, then by hash. */
export async function hasContent(
  path: string,
  size: number,
  file: WantedFile,
  options: { readonly hashes: HashMemory | undefined; readonly signal: AbortSignal },
): Promise<boolean> {
  return size === file.size && isNamedBy(await contentHashes(path, options), file.id);
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
    l10n.t('“{0}” appeared during the download, and was left as it is. Download again to decide.', path),
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
