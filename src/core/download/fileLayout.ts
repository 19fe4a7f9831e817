import { basename, join } from 'node:path';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import { entryAt, makeFolders } from './confinement.ts';
import { PARTIAL_SUFFIX, type Layout } from './layout.ts';
import { nameOf } from './partialFile.ts';
import { hasContent, noFilePossible } from './placing.ts';

/**
 * One file at `path` (absolute), which a person chose and agreed to replace.
 *
 * @param folder The real path of the folder that it is in.
 */
export function fileLayout(path: string, folder: string, hashes: HashMemory | undefined): Layout {
  const name = basename(path);
  const at = join(folder, name);
  return {
    path,
    copies: true,
    async look(file, signal) {
      const stats = await entryAt(folder, name);
      if (stats?.isDirectory() === true) throw noFilePossible(file.path, path);
      const same = stats?.isFile() === true && (await hasContent(at, stats.size, file, { hashes, signal }));
      return same ? 'present' : 'missing';
    },
    conflict: () => Promise.resolve(undefined),
    async begin() {
      await makeFolders(folder, '');
    },
    partialFile: (id) => join(folder, nameOf(id) + PARTIAL_SUFFIX),
    async place(_files, content) {
      if (content !== 'stored') await content.moveTo(at);
    },
    end: () => Promise.resolve(),
  };
}
