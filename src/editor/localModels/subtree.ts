import { isEvidence } from '../../core/localModels/fileNames.ts';
import type { SearchOptions } from '../../core/localModels/search.ts';

/**
 * The folders of models at and below `under` (from `top`, forward slashes; empty for all of it), as {@link
 * modelFolders} finds them: of the folders above only their own files are looked at, which tell whether what is below
 * is a part of a model.
 */
export async function modelFoldersUnder(
  top: string,
  under: string,
  { isExcluded, ...options }: SearchOptions,
): Promise<readonly string[]> {
  const isAbove = (path: string) =>
    isBelow(under, path) || (!isBelow(path, under) && isEvidence(nameOf(path)));
  const { modelFolders } = await import('../../core/localModels/search.ts');
  const found = await modelFolders(top, {
    ...options,
    isExcluded: (path) => (!isBelow(path, under) && !isAbove(path)) || isExcluded(path),
  });
  return found.filter((path) => isBelow(path, under));
}

/** Whether `path` is `folder`, or below it. */
function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
