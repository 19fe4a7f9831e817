import type { GitObjectId } from '../../objectIds.ts';
import { gitObjects } from './objects.ts';
import { withGit, type GitOptions } from './withGit.ts';

/**
 * A blob of the repository that holds `folder` (absolute path), read as `openGitSnapshot` reads: nothing of the
 * repository's configuration runs. For blobs small enough to be held, of at most 16 MiB.
 *
 * @throws Failure `notARepository` or `git`; and the signal's reason when aborted.
 */
export async function readBlob(folder: string, oid: GitObjectId, options: GitOptions): Promise<Buffer> {
  try {
    return await withGit(folder, options, async (_repository, reading) =>
      gitObjects(await reading()).read(oid),
    );
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  }
}
