import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import type { Log } from '../../log.ts';
import { asGitObjectId, type GitObjectId } from '../../objectIds.ts';
import { commandForAnyShell } from '../../shells/anyShell.ts';
import { isGone, plainly } from '../files/systemErrors.ts';
import { isDesktopFile } from '../files/desktopFiles.ts';
import { existingFolder } from '../files/existingFolder.ts';
import { firstFew } from '../files/firstFew.ts';
import type { HashMemory } from '../hashMemory.ts';
import { withLifetime, type Lifetime } from '../lifetime.ts';
import { parseModelId } from '../modelId.ts';
import type { Snapshot, UncommittedChange } from '../snapshot.ts';
import { storesOf } from './content.ts';
import { contentIdOf } from './contentId.ts';
import { readFiles, type Evidence, type Found } from './files.ts';
import { leftoverOf } from './leftovers.ts';
import { cacheLocation, type CacheLocation } from './location.ts';
import { otherName } from './otherParts.ts';
import { branchOf, readRefs } from './refs.ts';
import { empty, interrupted, originOf, type Download } from './refusals.ts';
import { readTreeListing, type TreeListing } from './treeListing.ts';
import { walk, type FolderEntry } from '../files/walk.ts';

export interface CacheSnapshotOptions {
  /** Ends the opening and, later, everything that was opened from the snapshot. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Spares hashing files again whose hash nothing in the cache tells. */
  readonly hashes?: HashMemory | undefined;
}

/** Where `folder`, or what it is a link to, lies in a Hugging Face cache; undefined where it does not. */
export async function findInCache(folder: string): Promise<CacheLocation | undefined> {
  const named = cacheLocation(resolve(folder));
  if (named !== undefined) return named;
  const real = await realpath(folder).catch(() => undefined);
  return real === undefined ? undefined : cacheLocation(real);
}

/**
 * A snapshot in the Hugging Face cache (https://huggingface.co/docs/hub/local-cache). No content is read whose hash the
 * cache tells: by the name behind the first link, or by the commit's listing in `trees/`. These are claims, and
 * publishing proves them.
 *
 * What the snapshot's commit does not hold, by its listing, is in `uncommitted`. Where a client left no listing,
 * whatever is in the folder counts as the snapshot: nobody can tell whether more belongs to it. The cache does not tell
 * when the commit was made either: `committedAt` is when the snapshot came into the cache.
 *
 * @param folder absolute path of `models--…/snapshots/<commit>`, or of `models--…` where `refs/main` names a snapshot
 *   or there is only one.
 * @throws Failure `notARepository`, `noCommit`, `unpublishable`, `missingObject` or `corrupt`; and the signal's reason
 *   when aborted.
 */
export async function openCacheSnapshot(folder: string, options: CacheSnapshotOptions): Promise<Snapshot> {
  options.signal.throwIfAborted();
  const location = await findInCache(folder);
  if (location === undefined) {
    throw new Failure(
      'notARepository',
      l10n.t('“{0}” is no snapshot of a model in the Hugging Face cache.', folder),
    );
  }
  const opened = withLifetime(options.signal, (lifetime) => readSnapshot(location, lifetime, options));
  return opened.catch((error: unknown) => {
    throw plainly(error, folder);
  });
}

async function readSnapshot(
  { cache, storage, model, commit: named, inside }: CacheLocation,
  lifetime: Lifetime,
  { log, hashes }: CacheSnapshotOptions,
): Promise<Snapshot> {
  const { signal } = lifetime;
  const stores = await storesOf(await existingFolder(storage), cache);
  const refs = await readRefs(stores.own, signal);
  const commit = named ?? (await onlySnapshot(stores.own, model, refs));
  const repository = join(stores.own, 'snapshots', commit);
  if ((await existingFolder(repository)) !== repository) {
    throw new Failure(
      'unpublishable',
      l10n.t('“{0}” is a link to another folder. Publish that folder instead.', repository),
    );
  }
  if (inside !== '') {
    throw new Failure(
      'unpublishable',
      l10n.t('A snapshot is published as a whole: choose its folder “{0}”.', repository),
    );
  }
  const download: Download = { model, commit, into: { option: '--cache-dir', folder: cache } };
  const listing = await readTreeListing(stores.own, commit, log);
  const entries = await walk(repository, signal);
  const { listed, extra } = splitByListing(entries, listing);
  if (listing === undefined) {
    const leftover = await leftoverOf(join(stores.own, 'blobs'), signal);
    if (leftover !== undefined) throw interrupted(download, leftover);
    log.warn(
      `Nothing in the cache lists the files of ${commit} of ${model}: whether all are here is not known.`,
    );
  }
  const files = await readFiles(listed, {
    download,
    stores,
    listing,
    evidenceOf,
    hashes,
    lifetime,
  });
  if (files.length === 0) throw empty(download);
  log.info(
    `Opened ${commit} of ${model} in the cache ${cache}: ${files.length} files, ` +
      `${files.filter(({ kind }) => kind === 'lfs').length} of them in Git LFS, ${extra.length} that it does not list.`,
  );
  const proposed = parseModelId(model);
  return {
    origin: originOf(download),
    commit,
    branch: branchOf(refs, commit),
    subject: l10n.t('Snapshot {0} of {1}', commit.slice(0, 8), model),
    committedAt: (await stat(repository)).mtime,
    repository,
    folder: '',
    files,
    uncommitted: extra,
    proposeModels: () => Promise.resolve(proposed.kind === 'modelId' ? [proposed.id] : []),
    dispose: () => lifetime.end(),
  };
}

/** A file that no link led to was moved there by a client that may not make links. */
function evidenceOf(_entry: FolderEntry, { name }: Found): Evidence {
  if (name === undefined) return { kind: 'untouched' };
  const id = contentIdOf(name);
  return id === undefined ? { kind: 'open' } : { kind: 'named', id };
}

/** The commit of the one snapshot that a person means who chose the model's folder. */
async function onlySnapshot(
  storage: string,
  model: string,
  refs: ReadonlyMap<string, GitObjectId>,
): Promise<GitObjectId> {
  const names = await readdir(join(storage, 'snapshots')).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
  const commits = names.map(asGitObjectId).filter((commit) => commit !== undefined);
  const main = refs.get('main');
  const [first, ...others] = commits;
  if (main !== undefined && commits.includes(main)) return main;
  if (first !== undefined && others.length === 0) return first;
  const [named] = names.filter((name) => !isDesktopFile(name));
  if (first === undefined && named !== undefined) throw otherName(join(storage, 'snapshots', named), named);
  throw new Failure(
    'noCommit',
    first === undefined
      ? l10n.t('The cache holds no snapshot of “{0}”. {1}', model, downloadSentence(model))
      : l10n.t(
          'The cache holds several snapshots of “{0}”: {1}. Choose the folder of one in “{2}”.',
          model,
          firstFew(commits.map((commit) => commit.slice(0, 8)).sort()),
          join(storage, 'snapshots'),
        ),
  );
}

function downloadSentence(model: string): string {
  const command = model.startsWith('-') ? undefined : commandForAnyShell(['hf', 'download', model]);
  return command === undefined
    ? l10n.t('Download it once more.')
    : l10n.t('Download it with “{0}”.', command);
}

/**
 * What the commit holds, and what came into its folder otherwise. Without a listing, all counts as the commit's, but for
 * what a desktop leaves in a folder.
 */
export function splitByListing(
  entries: readonly FolderEntry[],
  listing: TreeListing | undefined,
): { readonly listed: readonly FolderEntry[]; readonly extra: readonly UncommittedChange[] } {
  if (listing === undefined) return { listed: entries.filter((entry) => !isLeftByDesktop(entry)), extra: [] };
  return {
    listed: entries.filter(({ path }) => listing.has(path)),
    extra: entries
      .filter((entry) => !listing.has(entry.path) && !isLeftByDesktop(entry))
      .map(({ path }) => ({ path, kind: 'untracked' as const })),
  };
}

/** Into a download nobody else puts such a file; a link was made by the client that downloaded it. */
export function isLeftByDesktop({ path, kind }: FolderEntry): boolean {
  return kind === 'file' && isDesktopFile(path);
}
