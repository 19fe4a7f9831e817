import type { GitObjectId } from '../../objectIds.ts';
import { lifetimeOf } from '../lifetime.ts';
import { gitIn } from './git.ts';
import { gitObjects } from './objects.ts';
import type { GitSnapshotOptions } from './openGitSnapshot.ts';
import { findGit } from './program.ts';
import { existingFolder } from './repository.ts';

/**
 * A blob of the repository that holds `folder` (absolute path), read as {@link openGitSnapshot} reads: nothing of the repository's
 * configuration runs. For blobs small enough to be held, of at most 16 MiB.
 *
 * @throws Failure `notARepository` or `git`; and the signal's reason when aborted.
 */
export async function readBlob(
  folder: string,
  oid: GitObjectId,
  options: GitSnapshotOptions,
): Promise<Buffer> {
  options.signal.throwIfAborted();
  const start = await existingFolder(folder);
  const program = options.git ?? (await findGit(process.env, process.platform));
  const lifetime = lifetimeOf(options.signal);
  const git = gitIn(start, {
    program,
    environment: process.env,
    signal: lifetime.signal,
    log: options.log,
  });
  try {
    return await gitObjects(git).read(oid);
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  } finally {
    await lifetime.end();
    await git.idle();
  }
}
