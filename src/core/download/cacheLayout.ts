import { randomBytes } from 'node:crypto';
import { realpath, stat, symlink } from 'node:fs/promises';
import { dirname, join, posix, relative } from 'node:path';
import type { GitObjectId } from '../objectIds.ts';
import { contentOf, storesOf } from '../snapshot/hfCache/content.ts';
import type { TreeListing } from '../snapshot/hfCache/treeListing.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import { makeFolder } from '../snapshot/files/makeFolder.ts';
import { hasCode } from '../snapshot/files/systemErrors.ts';
import { CACHE_TAG, writeNew, writeTreeListing } from './bookkeeping.ts';
import { cacheConflict, noteOwner } from './cacheOwners.ts';
import { entryAt, makeFolders } from './confinement.ts';
import type { WantedFile } from './downloading.ts';
import { PARTIAL_SUFFIX, type Layout, type Placing, type Standing } from './layout.ts';
import { discard, nameOf } from './partialFile.ts';
import {
  hasContent,
  noFilePossible,
  occupied,
  replaceWithCopy,
  replaceWithLink,
  replaceWithText,
} from './placing.ts';

interface CacheLayoutOptions {
  /** Absolute path of the folder that holds the `models--…` folders. */
  readonly cache: string;
  /** The model's folder in it, a real path whether or not it exists. */
  readonly root: string;
  readonly endpoint: URL;
  readonly commit: GitObjectId;
  /** The branch whose head the commit is; undefined where it is none's. */
  readonly branch: string | undefined;
  /** Every file of the commit. */
  readonly listing: TreeListing;
  /** Whether links may be tried. */
  readonly links: boolean;
  readonly hashes: HashMemory | undefined;
}

/** The model's folder in a cache: `models--namespace--name`. */
export function storageName(model: string): string {
  return ['models', ...model.split('/')].join('--');
}

/**
 * The Hugging Face cache (https://huggingface.co/docs/hub/local-cache): contents in `blobs` by the name of their hash,
 * snapshots of links to them. Where there are no links the snapshots hold the files and `blobs` stays empty, as
 * huggingface_hub does.
 *
 * Its lock files are not taken: they are `flock`s, which Node cannot hold, and nothing here needs them. A content
 * gathers under a name that no client uses, and gets its own in one step, whole.
 */
export function cacheLayout(options: CacheLayoutOptions): Layout {
  const { cache, root, endpoint, commit, branch, listing, hashes } = options;
  const arrival = { storage: root, endpoint, commit, branch };
  const snapshot = `snapshots/${commit}`;
  const blob = (file: WantedFile): string => join(root, 'blobs', nameOf(file.id));
  let links = options.links;

  const stored = async (file: WantedFile, signal: AbortSignal): Promise<Standing> => {
    const stats = await entryAt(root, `blobs/${nameOf(file.id)}`);
    if (stats === undefined) return 'missing';
    // What huggingface_hub shares between models is a link from here.
    const at = stats.isSymbolicLink() ? await realpath(blob(file)).catch(() => undefined) : blob(file);
    if (at === undefined) return 'missing';
    const same = await hasContent(at, (await stat(at)).size, file, { hashes, signal });
    return same ? 'stored' : 'differing';
  };

  const look = async (file: WantedFile, signal: AbortSignal): Promise<Standing> => {
    const path = `${snapshot}/${file.path}`;
    const stats = await entryAt(root, path);
    if (stats === undefined) return stored(file, signal);
    const at = join(root, path);
    if (stats.isDirectory()) throw noFilePossible(file.path, at);
    const kind = stats.isSymbolicLink() ? 'link' : stats.isFile() ? 'file' : 'other';
    const content = await contentOf({ path: file.path, file: at, kind }, await storesOf(root, cache));
    if (content.kind === 'missing') return stored(file, signal);
    if (content.kind !== 'content') return 'differing';
    return (await hasContent(content.file, content.size, file, { hashes, signal })) ? 'present' : 'differing';
  };

  /** Makes room for a file; false where its content is there by now. */
  const makeRoom = async (file: WantedFile, { agreed, signal }: Placing): Promise<boolean> => {
    const { path } = file;
    await makeFolders(root, `${snapshot}/${posix.dirname(path)}`);
    const there = await entryAt(root, `${snapshot}/${path}`);
    if (there?.isDirectory() === true) throw noFilePossible(path, join(root, snapshot, path));
    const leadsNowhere =
      there?.isSymbolicLink() === true &&
      (await stat(join(root, snapshot, path)).catch(() => undefined)) === undefined;
    if (there === undefined || leadsNowhere || agreed.has(path)) return true;
    if ((await look(file, signal)) !== 'present') throw occupied(path);
    return false;
  };

  return {
    path: join(root, 'snapshots', commit),
    get copies() {
      return !links;
    },
    look,
    conflict: (signal) => cacheConflict(arrival, signal),
    async begin() {
      await makeFolder(cache);
      await writeNew(join(cache, 'CACHEDIR.TAG'), CACHE_TAG);
      await noteOwner(arrival);
      const blobs = await makeFolders(root, 'blobs');
      links = links && (await canLink(blobs));
      await writeTreeListing(root, '', commit, listing);
    },
    partialFile: (id) => join(root, 'blobs', nameOf(id) + PARTIAL_SUFFIX),
    async place(files, content, placing) {
      const places: string[] = [];
      for (const file of files) {
        if (await makeRoom(file, placing)) places.push(join(root, snapshot, file.path));
      }
      const source = links || content === 'stored' ? blob(files[0]) : places[0];
      if (content !== 'stored') await (source === undefined ? content.drop() : content.moveTo(source));
      for (const at of places) {
        if (source === undefined || at === source) continue;
        if (links) await replaceWithLink(at, relative(dirname(at), source));
        else await replaceWithCopy(at, source);
      }
    },
    async end() {
      if (branch === undefined) return;
      const folder = await makeFolders(root, `refs/${posix.dirname(branch)}`);
      await replaceWithText(join(folder, posix.basename(branch)), commit);
    },
  };
}

/** Windows lets people make links only in Developer Mode, some file systems nobody. */
async function canLink(folder: string): Promise<boolean> {
  const probe = join(folder, `${randomBytes(4).toString('hex')}.tmp`);
  try {
    await symlink('nothing', probe, 'file');
  } catch (error) {
    if (hasCode(error, 'ENOSPC')) throw error;
    return false;
  }
  await discard(probe);
  return true;
}
