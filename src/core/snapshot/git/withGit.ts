import type { Failure } from '../../failure.ts';
import type { Log } from '../../log.ts';
import { existingFolder } from '../files/existingFolder.ts';
import { plainly } from '../files/systemErrors.ts';
import { unlessBlocked } from './blocked.ts';
import { gitIn, type Git } from './git.ts';
import { objectReader } from './objectReader.ts';
import type { OwnRepository } from './ownRepository.ts';
import { unlessForbidden } from './unreadable.ts';
import { unlessUnrecognized } from './unrecognized.ts';
import { gitProgram } from './program.ts';
import { findRepository, type Repository } from './repository.ts';

export interface GitOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Absolute path of the Git program; found on PATH where it is left out. */
  readonly git?: string | undefined;
}

/**
 * Runs `task` with the repository that holds `folder` (absolute path), and ends what is left of Git's processes.
 *
 * @param task `reading` makes Git that reads the repository's objects, through a repository of ours where one can be
 *   made: that is there as long as the task.
 */
export async function withGit<T>(
  folder: string,
  options: GitOptions,
  task: (repository: Repository, reading: () => Promise<Git>) => Promise<T>,
): Promise<T> {
  options.signal.throwIfAborted();
  const start = await existingFolder(folder);
  const program = await gitProgram(options.git);
  // It may have been aborted meanwhile, and tells nobody twice.
  options.signal.throwIfAborted();
  const lifetime = new AbortController();
  const end = () => lifetime.abort(options.signal.reason);
  options.signal.addEventListener('abort', end, { once: true });
  const git = gitIn(start, { program, environment: process.env, signal: lifetime.signal, log: options.log });
  const made: OwnRepository[] = [];
  try {
    const repository = await findRepository(git);
    const watch = { stop: (reason: Failure) => lifetime.abort(reason), signal: lifetime.signal };
    return await unlessBlocked(repository, watch, () =>
      task(repository, async () => {
        const reader = await objectReader(repository);
        if (reader.kind === 'own') made.push(reader.own);
        return reader.git;
      }),
    );
  } catch (error) {
    throw await unlessUnrecognized(await unlessForbidden(plainly(error, folder), start), start);
  } finally {
    options.signal.removeEventListener('abort', end);
    end();
    await git.idle();
    await Promise.all(made.map((own) => own.remove()));
  }
}
