import { open, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** A gitfile is one path. Bytes. */
const LONGEST_GITFILE = 64 * 1024;

/**
 * Whether the work tree at `top` says itself that `gitFolder` is its Git folder: its `.git` is that folder, a link to it, or a file that
 * names it (https://git-scm.com/docs/gitrepository-layout). No commit can hold a `.git`, so that nobody's clone brings one along. Both
 * paths are absolute.
 */
export async function isGitFolderOf(top: string, gitFolder: string): Promise<boolean> {
  const entry = join(top, '.git');
  try {
    const stats = await stat(entry);
    if (stats.isDirectory()) return await isSameFolder(entry, gitFolder);
    const named = stats.isFile() ? parseGitfile(await firstBytes(entry)) : undefined;
    return named !== undefined && (await isSameFolder(resolve(top, named), gitFolder));
  } catch {
    // What cannot be looked at says nothing.
    return false;
  }
}

/** The path in a file `.git` (https://git-scm.com/docs/gitrepository-layout); undefined where it is no such file. */
export function parseGitfile(text: string): string | undefined {
  return /^gitdir: (.+?)[\r\n]*$/s.exec(text)?.[1];
}

async function isSameFolder(one: string, other: string): Promise<boolean> {
  return (await realpath(one)) === (await realpath(other));
}

async function firstBytes(path: string): Promise<string> {
  const handle = await open(path);
  try {
    const content = Buffer.alloc(LONGEST_GITFILE);
    const { bytesRead } = await handle.read(content);
    return content.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
