import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, type FailureKind } from '../failure.ts';
import type { CacheLocation } from './hfCache/location.ts';
import { findInCache, openCacheSnapshot, type CacheSnapshotOptions } from './hfCache/openCacheSnapshot.ts';
import { refusalOfOtherPart } from './hfCache/otherParts.ts';
import { isDownloadFolder, openDownloadFolder } from './hfCache/openDownloadFolder.ts';
import { isGone, plainly } from './files/systemErrors.ts';
import { isOutOfReach } from './git/explain.ts';
import { openGitSnapshot, type GitSnapshotOptions } from './git/openGitSnapshot.ts';
import type { Snapshot } from './snapshot.ts';

type SnapshotOptions = GitSnapshotOptions & CacheSnapshotOptions;

/** What Git says where it has no commit of the folder, so that another source may have. */
const NOT_IN_GIT: readonly FailureKind[] = ['notARepository', 'noCommit'];

/**
 * What is to be published of `folder`: a snapshot in the Hugging Face cache, HEAD of a Git repository, or what
 * `hf download --local-dir` put there where no commit holds it. Whoever opens a snapshot disposes of it.
 *
 * @param folder absolute path.
 * @throws Failure of the source that the folder is; and the signal's reason when aborted.
 */
export async function openSnapshot(folder: string, options: SnapshotOptions): Promise<Snapshot> {
  const location = await findInCache(folder);
  if (location !== undefined && (await isCache(location))) return openCacheSnapshot(folder, options);
  try {
    return await openGitSnapshot(folder, options);
  } catch (error) {
    const elsewhere = error instanceof Failure && (NOT_IN_GIT.includes(error.kind) || isOutOfReach(error));
    if (!elsewhere) throw error;
    // To make a repository of it, or to commit it, would be no remedy.
    const refusal = isOutOfReach(error) ? undefined : await refusalOfOtherPart(folder);
    if (refusal !== undefined) throw refusal;
    if (!(await isDownload(folder, error))) throw error;
    options.log.info(`${folder} is opened as a download: ${error.message}`);
    return openDownloadFolder(folder, options);
  }
}

/** A repository may bear a name such as a cache gives. */
async function isCache({ storage, commit }: CacheLocation): Promise<boolean> {
  if (commit !== undefined) return true;
  const snapshots = join(storage, 'snapshots');
  try {
    return (await stat(snapshots)).isDirectory();
  } catch (error) {
    if (isGone(error)) return false;
    throw plainly(error, snapshots);
  }
}

/** @param inGit why it is not opened as a repository. */
async function isDownload(folder: string, inGit: Failure): Promise<boolean> {
  try {
    return await isDownloadFolder(folder);
  } catch (error) {
    // To make a repository of a download that may not be read is no remedy.
    throw inGit.kind === 'notARepository' ? plainly(error, folder) : inGit;
  }
}
