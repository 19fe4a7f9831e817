import { join } from 'node:path';
import { Failure } from '../failure.ts';
import type { GitObjectId } from '../objectIds.ts';
import { readDownloadMetadata } from '../snapshot/hfCache/downloadMetadata.ts';
import { isDownloadFolder } from '../snapshot/hfCache/openDownloadFolder.ts';
import { isSystemError, refused } from '../snapshot/files/systemErrors.ts';
import { isOutOfReach } from '../snapshot/git/explain.ts';
import { committedFolder, readHead } from '../snapshot/git/head.ts';
import { gitObjects } from '../snapshot/git/objects.ts';
import { headOf } from '../snapshot/git/repository.ts';
import { withGit, type GitOptions } from '../snapshot/git/withGit.ts';

export type { GitOptions };

/** What Git says of a model's folder. */
export type FolderHead =
  /** In no repository. */
  | { readonly kind: 'none' }
  /** Its repository cannot be read, or not be published. */
  | { readonly kind: 'unreadable'; readonly failure: Failure }
  /** `hf download` put it there. */
  | { readonly kind: 'download'; readonly commit: GitObjectId }
  | {
      readonly kind: 'repository';
      /** Absolute path of the repository's top folder, links resolved. */
      readonly repository: string;
      /** The folder from `repository`, as the commit spells it, forward slashes; empty for the top. */
      readonly folder: string;
      /** HEAD; undefined where nothing was committed yet, or nothing in `folder`. */
      readonly commit: GitObjectId | undefined;
      /** undefined when HEAD is detached. */
      readonly branch: string | undefined;
      /** Absolute path of the folder that holds HEAD. */
      readonly gitFolder: string;
    };

/** HEAD as far as it holds `folder` (absolute path). A few short processes of Git, and no content is read. */
export async function folderHead(folder: string, options: GitOptions): Promise<FolderHead> {
  const head = await gitHead(folder, options);
  // As openSnapshot has it: what a commit holds is published as that.
  if (head.kind === 'repository' && head.commit !== undefined) return head;
  if (head.kind === 'unreadable' && !isOutOfReach(head.failure)) return head;
  try {
    const commit = await downloadedCommit(folder, options.signal);
    return commit === undefined ? head : { kind: 'download', commit };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { kind: 'unreadable', failure: refused(error, folder) };
  }
}

async function gitHead(folder: string, options: GitOptions): Promise<FolderHead> {
  try {
    return await withGit(folder, options, async (repository, reading): Promise<FolderHead> => {
      const { commit: head, branch } = await headOf(repository);
      const committed = head && (await orNotCommitted(committedFolder(repository, await reading(), head)));
      return {
        kind: 'repository',
        repository: repository.top,
        folder: committed ?? repository.folder,
        commit: committed === undefined ? undefined : head,
        branch,
        gitFolder: repository.gitFolder,
      };
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.kind === 'notARepository' ? { kind: 'none' } : { kind: 'unreadable', failure: error };
  }
}

/**
 * Bytes of all files that `commit` holds in `folder` (forward slashes, from `repository`); of a file in Git LFS, those
 * of its content. No content is read.
 *
 * @throws Failure where the folder holds something that no model registry can; and the signal's reason when aborted.
 */
export async function committedSize(
  {
    repository,
    folder,
    commit,
  }: { readonly repository: string; readonly folder: string; readonly commit: GitObjectId },
  options: GitOptions,
): Promise<number> {
  return withGit(join(repository, folder), options, async (_repository, reading) => {
    const git = await reading();
    const { files } = await readHead(git, gitObjects(git), commit, folder);
    return files.reduce((sum, { entry, pointer }) => sum + (pointer?.size ?? entry.size), 0);
  });
}

/** undefined where the commit holds nothing of the folder. */
async function orNotCommitted(folder: Promise<string>): Promise<string | undefined> {
  try {
    return await folder;
  } catch (error) {
    if (error instanceof Failure && error.kind === 'noCommit') return undefined;
    throw error;
  }
}

/** The commit of the file that came last; undefined where `folder` is no download. */
async function downloadedCommit(folder: string, signal: AbortSignal): Promise<GitObjectId | undefined> {
  if (!(await isDownloadFolder(folder))) return undefined;
  const notes = await readDownloadMetadata(join(folder, '.cache', 'huggingface', 'download'), signal);
  const newestFirst = [...notes.values()].sort((a, b) => b.notedAt - a.notedAt);
  return newestFirst[0]?.commit;
}
