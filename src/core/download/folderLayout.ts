import { join, posix } from 'node:path';
import type { CommitName } from '../objectIds.ts';
import { downloadMetadataText } from '../snapshot/hfCache/downloadMetadata.ts';
import type { TreeListing } from '../snapshot/hfCache/treeListing.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import { hasCode } from '../snapshot/files/systemErrors.ts';
import { CACHE_TAG, writeNew, writeTreeListing } from './bookkeeping.ts';
import { entryAt, makeFolders } from './confinement.ts';
import type { WantedFile } from './downloading.ts';
import { PARTIAL_SUFFIX, type Layout, type Placing, type Standing } from './layout.ts';
import { nameOf } from './partialFile.ts';
import { hasContent, noFilePossible, occupied, replaceWithCopy, replaceWithText } from './placing.ts';

/** Where huggingface_hub keeps its notes in a folder that it downloads to (`_local_folder.py`). */
const NOTES = '.cache/huggingface';
const PARTIALS = `${NOTES}/download`;

interface FolderLayoutOptions {
  /** A real path. */
  readonly root: string;
  readonly commit: CommitName;
  /** Every file of the commit. */
  readonly listing: TreeListing;
  readonly hashes: HashMemory | undefined;
}

/** A folder as `hf download --local-dir` leaves it, with its notes: clients and a later publish recognise it. */
export function folderLayout({ root, commit, listing, hashes }: FolderLayoutOptions): Layout {
  const note = async (file: WantedFile): Promise<void> => {
    const notes = `${PARTIALS}/${file.path}.metadata`;
    await makeFolders(root, posix.dirname(notes));
    const text = downloadMetadataText({ commit, etag: nameOf(file.id), notedAt: Date.now() });
    await replaceWithText(join(root, notes), text).catch((error: unknown) => {
      // No client could leave that note either. The listing tells what such a file is to be.
      if (!hasCode(error, 'ENAMETOOLONG')) throw error;
    });
  };

  const look = async (file: WantedFile, signal: AbortSignal): Promise<Standing> => {
    const stats = await entryAt(root, file.path);
    if (stats === undefined) return 'missing';
    const at = join(root, file.path);
    if (stats.isDirectory()) throw noFilePossible(file.path, at);
    const same = stats.isFile() && (await hasContent(at, stats.size, file, { hashes, signal }));
    return same ? 'present' : 'differing';
  };

  /** Makes room for a file; false where its content is there by now. */
  const makeRoom = async (file: WantedFile, { agreed, signal }: Placing): Promise<boolean> => {
    const { path } = file;
    await makeFolders(root, posix.dirname(path));
    const there = await entryAt(root, path);
    if (there?.isDirectory() === true) throw noFilePossible(path, join(root, path));
    if (there === undefined || agreed.has(path)) return true;
    if ((await look(file, signal)) === 'differing') throw occupied(path);
    return false;
  };

  return {
    path: root,
    copies: true,
    look,
    conflict: () => Promise.resolve(undefined),
    async begin() {
      await makeFolders(root, PARTIALS);
      await writeNew(join(root, NOTES, 'CACHEDIR.TAG'), CACHE_TAG);
      await writeNew(join(root, NOTES, '.gitignore'), '*');
      await writeTreeListing(root, NOTES, commit, listing);
    },
    partialFile: (id) => join(root, PARTIALS, nameOf(id) + PARTIAL_SUFFIX),
    async place(files, content, placing) {
      const places: string[] = [];
      for (const file of files) if (await makeRoom(file, placing)) places.push(join(root, file.path));
      const [first, ...others] = places;
      if (content !== 'stored') await (first === undefined ? content.drop() : content.moveTo(first));
      for (const other of others) if (first !== undefined) await replaceWithCopy(other, first);
      for (const file of files) await note(file);
    },
    async end(present) {
      for (const file of present) await note(file);
    },
  };
}
