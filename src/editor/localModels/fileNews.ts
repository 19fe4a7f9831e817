import { basename, dirname } from 'node:path';
import { isCardFile, isConfigFile, isEvidence } from '../../core/localModels/fileNames.ts';
import { isSpelledWithin } from '../../core/snapshot/files/spelledPaths.ts';
import { isInGitFolder, repositoryOfHeadFile } from '../git/headFiles.ts';

/** What an event of a file says of models. */
type FileNews =
  | { readonly kind: 'nothing' }
  /** HEAD of the repository in `top` may have moved. */
  | { readonly kind: 'head'; readonly top: string }
  /** The folder's own files may make it, and what is below it, other models than before. */
  | { readonly kind: 'evidence'; readonly folder: string }
  /** A folder went that held models. */
  | { readonly kind: 'gone'; readonly folder: string }
  /** It may be a folder that came, and may hold models. */
  | { readonly kind: 'came'; readonly path: string };

/** @param models Absolute paths of the models that are known. */
export function newsOf(
  event: 'created' | 'changed' | 'deleted',
  path: string,
  models: readonly string[],
): FileNews {
  const top = repositoryOfHeadFile(path);
  if (top !== undefined) return { kind: 'head', top };
  if (isInGitFolder(path)) return { kind: 'nothing' };
  const name = basename(path);
  const tells = event === 'changed' ? isConfigFile(name) || isCardFile(name) : isEvidence(name);
  if (tells) return { kind: 'evidence', folder: dirname(path) };
  if (event === 'created') return { kind: 'came', path };
  const heldModels = event === 'deleted' && models.some((folder) => isSpelledWithin(folder, path));
  return heldModels ? { kind: 'gone', folder: path } : { kind: 'nothing' };
}
