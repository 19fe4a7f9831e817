import { join, relative } from 'node:path';
import type { Snapshot } from './snapshot.ts';

/**
 * The Git folder whose commit the snapshot is, where that is not the `.git` of the work tree: that of a linked work
 * tree, a submodule, or of whatever repository a `.git` leads to. Undefined otherwise, and where the snapshot is of no
 * repository.
 */
export function foreignGitFolder({
  repository,
  gitFolders,
}: Pick<Snapshot, 'repository' | 'gitFolders'>): string | undefined {
  if (gitFolders === undefined) return undefined;
  const usual = join(repository, '.git');
  return [gitFolders.common, gitFolders.own].find((folder) => relative(usual, folder) !== '');
}
