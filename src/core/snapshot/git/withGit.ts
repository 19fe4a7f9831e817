import type { Log } from '../../log.ts';
import { gitIn, type Git } from './git.ts';
import { findGit } from './program.ts';
import { existingFolder } from './repository.ts';

export interface GitOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Absolute path of the Git program; found on PATH where it is left out. */
  readonly git?: string | undefined;
}

/** Runs `task` with Git in `folder` (absolute path), and ends what is left of its processes. */
export async function withGit<T>(
  folder: string,
  options: GitOptions,
  task: (git: Git) => Promise<T>,
): Promise<T> {
  options.signal.throwIfAborted();
  const start = await existingFolder(folder);
  const program = options.git ?? (await findGit(process.env, process.platform));
  // It may have been aborted meanwhile, and tells nobody twice.
  options.signal.throwIfAborted();
  const lifetime = new AbortController();
  const end = () => lifetime.abort(options.signal.reason);
  options.signal.addEventListener('abort', end, { once: true });
  const git = gitIn(start, { program, environment: process.env, signal: lifetime.signal, log: options.log });
  try {
    return await task(git);
  } finally {
    options.signal.removeEventListener('abort', end);
    end();
    await git.idle();
  }
}
