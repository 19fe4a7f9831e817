import { realpath, stat } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';

/** The folder as the file system spells it. Throws a {@link Failure} where it is no folder. */
export async function existingFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    throw folderGone(folder, error);
  }
  throw new Failure('notARepository', l10n.t('“{0}” is not a folder.', folder));
}

export function folderGone(folder: string, cause: unknown): Failure {
  return new Failure('notARepository', l10n.t('The folder “{0}” does not exist or cannot be read.', folder), {
    cause,
  });
}
