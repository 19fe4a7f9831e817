import { randomBytes } from 'node:crypto';
import { realpath, stat, symlink } from 'node:fs/promises';
import { dirname, join, posix, relative } from 'node:path';
import type { GitObjectId } from '../objectIds.ts';
import { contentOf, storesOf } from '../snapshot/hfCache/content.ts';
import type { TreeListing } from '../snapshot/hfCache/treeListing.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import { replaceFile } from '../snapshot/files/replaceFile.ts';
import { makeFolder } from '../snapshot/files/makeFolder.ts';
import { hasCode } from '../snapshot/files/systemErrors.ts';
import { CACHE_TAG, writeNew, writeTreeListing } from './bookkeeping.ts';
import { cacheConflict, noteOwner } from './cacheOwners.ts';
import { entryAt, makeFolders } from './confinement.ts';
import type { WantedFile } from './downloading.ts';
import { PARTIAL_SUFFIX, type Layout, type Standing } from './layout.ts';
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

  return {
    path: join(root, 'snapshots', commit),
    get copies() {
      return !links;
    },
    async look(file, signal) {
      const path = `${snapshot}/${file.path}`;
      const stats = await entryAt(root, path);
      if (stats === undefined) return stored(file, signal);
      const at = join(root, path);
      if (stats.isDirectory()) throw noFilePossible(file.path, at);
      const kind = stats.isSymbolicLink() ? 'link' : stats.isFile() ? 'file' : 'other';
      const content = await contentOf({ path: file.path, file: at, kind }, await storesOf(root, cache));
      if (content.kind === 'missing') return stored(file, signal);
      if (content.kind !== 'content') return 'differing';
      return (await hasContent(content.file, content.size, file, { hashes, signal }))
        ? 'present'
        : 'differing';
    },
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
    async place(files, from, agreed) {
      const [first] = files;
      for (const { path } of files) await makeRoom(root, snapshot, path, agreed);
      const at = ({ path }: WantedFile): string => join(root, snapshot, path);
      if (from === 'partial') {
        await replaceFile(blob(first) + PARTIAL_SUFFIX, links ? blob(first) : at(first)).catch(
          async (error: unknown) => {
            // Another window was faster with the same content.
            const there = hasCode(error, 'ENOENT')
              ? await entryAt(root, `blobs/${nameOf(first.id)}`)
              : undefined;
            if (!links || there?.size !== first.size) throw error;
          },
        );
      }
      const source = links || from === 'stored' ? blob(first) : at(first);
      for (const file of files) {
        if (at(file) === source) continue;
        if (links) await replaceWithLink(at(file), relative(dirname(at(file)), source));
        else await replaceWithCopy(at(file), source);
      }
    },
    async end() {
      if (branch === undefined) return;
      const folder = await makeFolders(root, `refs/${posix.dirname(branch)}`);
      await replaceWithText(join(folder, posix.basename(branch)), commit);
    },
  };
}

/** Makes the folders of a file of a snapshot. Throws where something is at its path that nobody agreed to replace. */
async function makeRoom(
  root: string,
  snapshot: string,
  path: string,
  agreed: ReadonlySet<string>,
): Promise<void> {
  await makeFolders(root, `${snapshot}/${posix.dirname(path)}`);
  const there = await entryAt(root, `${snapshot}/${path}`);
  if (there?.isDirectory() === true) throw noFilePossible(path, join(root, snapshot, path));
  const leadsNowhere =
    there?.isSymbolicLink() === true &&
    (await stat(join(root, snapshot, path)).catch(() => undefined)) === undefined;
  if (there !== undefined && !leadsNowhere && !agreed.has(path)) throw occupied(path);
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
