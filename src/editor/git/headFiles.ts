/** Files of a repository's own that a commit, a checkout or `git init` writes. */
const HEAD_FILES =
  /^(.*)[\\/]\.git(?:[\\/](?:.*[\\/])?HEAD|[\\/]refs[\\/]heads[\\/].*|[\\/]packed-refs|[\\/]reftable[\\/].*)?$/s;

/** The folder whose `.git` a path is in that tells of HEAD; undefined for any other path. */
export function repositoryOfHeadFile(path: string): string | undefined {
  return path.endsWith('.lock') ? undefined : HEAD_FILES.exec(path)?.[1];
}

/** Whether a path lies in Git's own folder. */
export function isInGitFolder(path: string): boolean {
  return /[\\/]\.git(?:[\\/]|$)/.test(path);
}
