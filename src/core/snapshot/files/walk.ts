import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { allOf } from '../../async/allOf.ts';

/** Something in a folder that is no folder itself. */
export interface FolderEntry {
  /** From the folder, forward slashes. */
  readonly path: string;
  /** Absolute path. */
  readonly file: string;
  /** Links are not followed; `other` are sockets, devices and the like. */
  readonly kind: 'file' | 'link' | 'other';
}

const FOLDERS_AT_ONCE = 16;

/** Everything below `top`, in no order, but what lies in folders whose path from `top` is one to `leaveOut`. */
export async function walk(
  top: string,
  signal: AbortSignal,
  leaveOut: (path: string) => boolean = () => false,
): Promise<FolderEntry[]> {
  const entries: FolderEntry[] = [];
  for (let folders = ['']; folders.length > 0;) {
    const below = await allOf(folders, FOLDERS_AT_ONCE, signal, async (folder) => {
      const within = join(top, folder);
      const prefix = folder === '' ? '' : `${folder}/`;
      const deeper: string[] = [];
      for (const entry of await readdir(within, { withFileTypes: true })) {
        const path = prefix + entry.name;
        if (entry.isDirectory()) {
          if (!leaveOut(path)) deeper.push(path);
          continue;
        }
        const kind = entry.isSymbolicLink() ? 'link' : entry.isFile() ? 'file' : 'other';
        entries.push({ path, file: join(within, entry.name), kind });
      }
      return deeper;
    });
    folders = below.flat();
  }
  return entries;
}
