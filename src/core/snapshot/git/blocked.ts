import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Failure } from '../../failure.ts';
import { walk, type FolderEntry } from '../files/walk.ts';
import { waitsFor } from './explain.ts';
import type { Repository } from './repository.ts';

/**
 * How long Git may read before it is looked for what it could wait for without end. To read a large repository may take
 * longer, and then nothing is found. Milliseconds.
 */
const PATIENCE = 10_000;

/** What of a Git folder is not read for a snapshot. */
const NOT_READ: readonly string[] = ['lfs', 'annex', 'modules', 'worktrees', 'hooks'];

/** Files of the work tree that Git reads to know what is ignored, and how files are converted. */
const PATTERN_FILES: readonly string[] = ['.gitignore', '.gitattributes'];

interface Watch {
  /** Ends what was waited for, with that reason. */
  readonly stop: (reason: Failure) => void;
  readonly signal: AbortSignal;
  /** Milliseconds; {@link PATIENCE} where it is left out. */
  readonly patience?: number | undefined;
}

/**
 * Does `task`, which has Git read the repository. A pipe, or a device, in place of a file that Git reads would hold it
 * for ever: where that takes long and there is one, `task` is stopped, and the failure names it.
 */
export async function unlessBlocked<T>(
  repository: Pick<Repository, 'top' | 'gitFolder' | 'commonFolder'>,
  { stop, signal, patience = PATIENCE }: Watch,
  task: () => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const look = async (): Promise<void> => {
    const pipe = await pipeIn(repository, either);
    if (pipe !== undefined && !either.aborted) stop(waitsFor(pipe, repository.top));
  };
  // What cannot be looked at is not found.
  const timer = setTimeout(() => void look().catch(() => undefined), patience);
  try {
    return await task();
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
}

/** Absolute path of a pipe or device in place of a file that Git reads; undefined where there is none. */
async function pipeIn(
  { top, gitFolder, commonFolder }: Pick<Repository, 'top' | 'gitFolder' | 'commonFolder'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const inGit = [...new Set([gitFolder, commonFolder])].map((folder) =>
    walk(folder, signal, (path) => NOT_READ.includes(path.split('/')[0] ?? '')),
  );
  const inWorkTree = walk(top, signal, (path) => basename(path) === '.git').then((entries) =>
    entries.filter(({ file }) => PATTERN_FILES.includes(basename(file))),
  );
  for (const looking of [...inGit, inWorkTree]) {
    // Where one place may not be looked at, another may.
    const entries = await looking.catch((): FolderEntry[] => []);
    for (const { kind, file } of entries) {
      if (kind !== 'file' && (await isEndless(file))) return file;
    }
  }
  return undefined;
}

async function isEndless(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  return stats !== undefined && (stats.isFIFO() || stats.isCharacterDevice());
}
