import { appendFile, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { GitObjectId } from '../objectIds.ts';
import { replaceFile } from '../snapshot/files/replaceFile.ts';
import { hasCode, isGone } from '../snapshot/files/systemErrors.ts';
import { headOf, type Repository } from '../snapshot/git/repository.ts';
import type { Author } from './plans.ts';

/** A move of the branch that HEAD is on, or of HEAD itself where it is on none. */
interface BranchMove {
  /** Undefined where HEAD is detached. */
  readonly branch: string | undefined;
  readonly from: GitObjectId | undefined;
  readonly to: GitObjectId;
  readonly author: Author;
  /** First line of the commit's message. */
  readonly subject: string;
}

/**
 * Lets HEAD's branch lead to another commit, as `git update-ref` does in a repository that keeps its refs in files
 * (https://git-scm.com/docs/gitrepository-layout): under the lock that Git respects, and only from the commit that it
 * leads to now. Git itself would run hooks that a configuration of anybody's names.
 *
 * @throws Failure `conflict` where it leads elsewhere by now; `busy` where Git holds the lock.
 */
export async function moveBranch(repository: Repository, move: BranchMove): Promise<void> {
  const { gitFolder, commonFolder } = repository;
  const { branch, from, to } = move;
  const file = branch === undefined ? join(gitFolder, 'HEAD') : branchFile(commonFolder, branch);
  await mkdir(dirname(file), { recursive: true });
  await withLock(file, async (lock) => {
    const { commit } = await headOf(repository);
    if (commit !== from || (await isSymbolic(file))) throw moved(repository.top);
    await lock.write(`${to}\n`);
    return true;
  });
  // What is noted is a convenience: a commit that is there does not fail for it.
  await noteMove(repository, move).catch(() => undefined);
}

/** Throws where the repository keeps its refs elsewhere, or is in the middle of something that a commit would end. */
export async function refuseUnfinished({ top, gitFolder, commonFolder }: Repository): Promise<void> {
  if (await isThere(join(commonFolder, 'reftable'))) {
    throw new Failure(
      'git',
      l10n.t(
        '“{0}” keeps its branches in reftables, which only Git writes. Commit there with Git itself.',
        top,
      ),
    );
  }
  const states = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'rebase-merge', 'rebase-apply'];
  for (const state of states) {
    if (!(await isThere(join(gitFolder, state)))) continue;
    throw new Failure(
      'conflict',
      l10n.t('“{0}” is in the middle of a merge, a rebase or the like. End that first, then publish.', top),
    );
  }
}

/** A file that holds a lock of Git's, by its path with `.lock` behind, until it takes the place of the file. */
interface Lock {
  write(content: string | Buffer): Promise<void>;
}

/** Replaces `file` by what `use` writes, and leaves it as it is where that gives false or throws. */
export async function withLock(file: string, use: (lock: Lock) => Promise<boolean>): Promise<void> {
  const path = `${file}.lock`;
  const handle = await open(path, 'wx').catch((error: unknown) => {
    throw hasCode(error, 'EEXIST') ? locked(path) : error;
  });
  try {
    const isWritten = await use({ write: (content) => handle.writeFile(content) });
    if (isWritten) await handle.sync();
    await handle.close();
    if (isWritten) await replaceFile(path, file);
    else await rm(path, { force: true });
  } catch (error) {
    // It may be closed already.
    await handle.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}

function locked(path: string): Failure {
  return new Failure(
    'busy',
    l10n.t(
      'Git is at work in the repository, or was killed there: “{0}” exists. Wait until it is gone, or remove it where no Git runs, and try again.',
      path,
    ),
  );
}

/** Git checks the names of branches; this one becomes a path. */
function branchFile(commonFolder: string, branch: string): string {
  const names = branch.split('/');
  const isName = names.every(
    (name) => /^(?!\.)(?!.*\.lock$)[^\\:\p{Cc}]+$/u.test(name) && !/^\.+$/.test(name),
  );
  if (!isName) {
    throw new Failure(
      'git',
      l10n.t('“{0}” is not a valid name for a branch. Rename it and try again.', branch),
    );
  }
  return join(commonFolder, 'refs', 'heads', ...names);
}

async function isSymbolic(file: string): Promise<boolean> {
  try {
    return (await readFile(file, 'latin1')).startsWith('ref:');
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** https://git-scm.com/docs/git-reflog: a line each for the branch and for HEAD. */
export async function noteMove(
  { gitFolder, commonFolder }: Pick<Repository, 'gitFolder' | 'commonFolder'>,
  { branch, from, to, author, subject }: BranchMove,
): Promise<void> {
  const at = `${Math.floor(Date.now() / 1000)} ${zone(new Date().getTimezoneOffset())}`;
  const who = `${author.name.replace(/[<>\n]/g, '')} <${author.email.replace(/[<>\n]/g, '')}>`;
  const what = from === undefined ? 'commit (initial)' : 'commit';
  const words = subject.replace(/\s+/g, ' ');
  const line = `${from ?? '0'.repeat(40)} ${to} ${who} ${at}\t${what}: ${words}\n`;
  const logs = [
    join(gitFolder, 'logs', 'HEAD'),
    ...(branch === undefined ? [] : [join(commonFolder, 'logs', 'refs', 'heads', ...branch.split('/'))]),
  ];
  for (const log of logs) {
    await mkdir(dirname(log), { recursive: true });
    await appendFile(log, line);
  }
}

/** Such as `+0200`. @param offset minutes, as JavaScript has it: west is positive. */
function zone(offset: number): string {
  const minutes = Math.abs(offset);
  const digits = String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0');
  return `${offset > 0 ? '-' : '+'}${digits}`;
}

function moved(top: string): Failure {
  return new Failure(
    'conflict',
    l10n.t('Something else was committed in “{0}” meanwhile, and nothing was committed. Try again.', top),
  );
}
