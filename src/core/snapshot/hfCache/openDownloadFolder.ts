import { stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { readSmallFile } from '../files/regularFile.ts';
import { isGone, plainly } from '../files/systemErrors.ts';
import { existingFolder } from '../files/existingFolder.ts';
import { withLifetime, type Lifetime } from '../lifetime.ts';
import { LONGEST_CARD } from '../modelCard.ts';
import { proposeModels } from '../proposedModels.ts';
import type { Snapshot, UncommittedChange } from '../snapshot.ts';
import { contentIdOf } from './contentId.ts';
import { isUntouched, otherNameIn, readDownloadMetadata, type DownloadMetadata } from './downloadMetadata.ts';
import { readFiles, type Evidence } from './files.ts';
import { leftoverOf } from './leftovers.ts';
import { otherName } from './otherParts.ts';
import { isLeftByDesktop, splitByListing, type CacheSnapshotOptions } from './openCacheSnapshot.ts';
import { empty, interrupted, originOf, refusalOf, type Download } from './refusals.ts';
import { readTreeListing } from './treeListing.ts';
import { walk, type FolderEntry } from '../files/walk.ts';

/** Where huggingface_hub keeps its notes in a folder that it downloads to. */
const NOTES = '.cache/huggingface';

/** Whether `hf download --local-dir` has put files into `folder` (absolute path). Throws what the file system says. */
export async function isDownloadFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(join(folder, NOTES, 'download'))).isDirectory();
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/**
 * What `hf download --local-dir` put into `folder`: files of one commit, which the client notes beside them. What was
 * not downloaded is in `uncommitted`; a file that was changed since cannot be published as that commit. `committedAt`
 * is when the last file came.
 *
 * @param folder absolute path.
 * @throws Failure `notARepository`, `noCommit`, `unpublishable`, `missingObject` or `corrupt`; and the signal's reason
 *   when aborted.
 */
export async function openDownloadFolder(folder: string, options: CacheSnapshotOptions): Promise<Snapshot> {
  const opened = withLifetime(options.signal, async (lifetime) =>
    readDownload(await existingFolder(folder), lifetime, options),
  );
  return opened.catch((error: unknown) => {
    throw plainly(error, folder);
  });
}

async function readDownload(
  folder: string,
  lifetime: Lifetime,
  { log, hashes }: CacheSnapshotOptions,
): Promise<Snapshot> {
  const { signal } = lifetime;
  const downloads = join(folder, NOTES, 'download');
  const notes = await readDownloadMetadata(downloads, signal);
  const other = notes.size === 0 ? await otherNameIn(downloads, signal) : undefined;
  if (other !== undefined) throw otherName(folder, other);
  const { commit, notedAt } = newestOf(folder, notes);
  const download: Download = { model: undefined, commit, into: { option: '--local-dir', folder } };
  const listing = await readTreeListing(join(folder, NOTES), commit, log);
  const entries = await walk(folder, signal, (path) => path === NOTES || path === '.git');
  const { listed, extra } =
    listing === undefined ? splitByNotes(entries, notes, download) : splitByListing(entries, listing);
  if (listing === undefined) {
    const etags = new Set([...notes.values()].map(({ etag }) => etag));
    const leftover = await leftoverOf(downloads, signal, (etag) => etags.has(etag));
    if (leftover !== undefined) throw interrupted(download, leftover);
    log.warn(`Nothing in ${folder} lists the files of ${commit}: whether all are here is not known.`);
  }
  const files = await readFiles(listed, {
    download,
    stores: { own: folder, blobs: undefined, shared: undefined },
    listing,
    evidenceOf: ({ path }, { mtimeMs }) => evidenceOf(notes.get(path), mtimeMs),
    hashes,
    lifetime,
  });
  if (files.length === 0) throw empty(download);
  log.info(
    `Opened ${commit} in the download folder ${folder}: ${files.length} files, ${extra.length} others there.`,
  );
  return {
    origin: originOf(download),
    commit,
    branch: undefined,
    subject: l10n.t('Snapshot {0}', commit.slice(0, 8)),
    committedAt: new Date(notedAt),
    repository: folder,
    folder: '',
    files,
    uncommitted: extra,
    proposeModels: async () => {
      const { readFrontMatter } = await import('../frontMatter.ts');
      return proposeModels({
        frontMatter: readFrontMatter(await cardOf(listed)),
        remote: [],
        repository: folder.split(sep).filter((name) => name !== ''),
        folder: [],
      });
    },
    dispose: () => lifetime.end(),
  };
}

/** The latest note: a client that updates a folder leaves files, and notes, that the new commit has no more. */
function newestOf(folder: string, notes: ReadonlyMap<string, DownloadMetadata>): DownloadMetadata {
  const [first, ...others] = notes.values();
  if (first === undefined) {
    throw new Failure(
      'noCommit',
      l10n.t('“{0}” holds no file that “hf download” has put there. Download the model again.', folder),
    );
  }
  return others.reduce((newest, note) => (note.notedAt > newest.notedAt ? note : newest), first);
}

/** Without a listing the notes tell what belongs to the commit; a noted file that is gone is missing. */
function splitByNotes(
  entries: readonly FolderEntry[],
  notes: ReadonlyMap<string, DownloadMetadata>,
  download: Download,
): { readonly listed: readonly FolderEntry[]; readonly extra: readonly UncommittedChange[] } {
  const belongs = (path: string): boolean => notes.get(path)?.commit === download.commit;
  const here = new Set(entries.map(({ path }) => path));
  const missing = [...notes.keys()].filter((path) => belongs(path) && !here.has(path));
  if (missing.length > 0) throw refusalOf(download, 'missing', missing);
  return {
    listed: entries.filter(({ path }) => belongs(path)),
    extra: entries
      .filter((entry) => !belongs(entry.path) && !isLeftByDesktop(entry))
      .map(({ path }) => ({ path, kind: 'untracked' as const })),
  };
}

function evidenceOf(note: DownloadMetadata | undefined, mtimeMs: number): Evidence {
  if (note === undefined) return { kind: 'open' };
  const id = contentIdOf(note.etag);
  return id !== undefined && isUntouched(note, mtimeMs) ? { kind: 'named', id } : { kind: 'open', was: id };
}

async function cardOf(entries: readonly FolderEntry[]): Promise<string> {
  const card = entries.find(({ path, kind }) => kind === 'file' && /^readme\.md$/i.test(path));
  if (card === undefined) return '';
  try {
    return (await readSmallFile(card.file, LONGEST_CARD))?.toString('utf8') ?? '';
  } catch {
    // That it is gone meanwhile is told where it is to be published.
    return '';
  }
}
