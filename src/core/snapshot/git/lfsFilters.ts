import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from './repository.ts';

/**
 * Whether settings may keep Git LFS from fetching what a commit holds: those of Git, or of the repository's
 * `.lfsconfig` (https://github.com/git-lfs/git-lfs/blob/main/docs/man/git-lfs-config.adoc), which is not read for that.
 */
export async function mayFilter({ top, config }: Pick<Repository, 'top' | 'config'>): Promise<boolean> {
  if (['lfs.fetchinclude', 'lfs.fetchexclude'].some((key) => config.get(key) !== undefined)) return true;
  return hasLfsConfig(top);
}

/**
 * Whether Git LFS knows of a server to get content from: that of a remote, or one that settings or the repository's
 * `.lfsconfig`, which is not read for that, name (https://github.com/git-lfs/git-lfs/blob/main/docs/api/server-discovery.md).
 */
export async function hasServer({ top, config }: Pick<Repository, 'top' | 'config'>): Promise<boolean> {
  const named = config.subsections('remote').map((name) => `remote.${name}.url`);
  if (['lfs.url', ...named].some((key) => (config.get(key) ?? '') !== '')) return true;
  return hasLfsConfig(top);
}

function hasLfsConfig(top: string): Promise<boolean> {
  return lstat(join(top, '.lfsconfig')).then(
    () => true,
    () => false,
  );
}
