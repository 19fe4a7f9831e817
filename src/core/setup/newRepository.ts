import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { runProgram } from '../programs/runProgram.ts';
import { replaceFile } from '../snapshot/files/replaceFile.ts';
import { hasCode, isGone } from '../snapshot/files/systemErrors.ts';
import { LISTED } from '../snapshot/git/exits.ts';
import type { GitQuestions } from '../snapshot/git/git.ts';
import { ownRepository } from '../snapshot/git/ownRepository.ts';
import { findRepository, type Repository } from '../snapshot/git/repository.ts';
import { noteMove } from './branchMove.ts';
import { commitSettings } from './committer.ts';
import { makeCommit, type CommitServices, type MadeCommit } from './makeCommit.ts';
import type { Made, Making } from './making.ts';
import type { SetupPlan } from './plans.ts';
import { changedSince, findGitLfs, SETTING_UP } from './settingUp.ts';
import { putFiles } from './writtenFiles.ts';

const BRANCH = 'main';
/** Git LFS writes a few settings and four small files. Milliseconds, bytes. */
const LFS_PATIENCE = 30_000;
const MOST_LFS_OUTPUT = 64 * 1024;

/**
 * Makes the repository of `plan` beside the place that it is to have, whole with its commit, and moves it there at the
 * end. Whatever goes wrong before, and a signal, leaves the folder as it was; a process that is killed leaves a folder
 * `.git.setting-up`, which the next setup removes.
 *
 * @param git Git in the folder.
 */
export async function makeRepository(
  plan: SetupPlan,
  git: GitQuestions,
  making: Making,
  services: CommitServices,
): Promise<Made> {
  const { top, files, writes } = plan;
  const { author, message, log } = making;
  const claim = await claimFolder(top);
  try {
    const work = join(claim, 'work');
    await initialize(git, work, plan.author === undefined ? author : undefined);
    const made = await findRepository(git.within(work));
    const repository: Repository = { ...made, git, top, folder: '' };
    const commit = await firstCommit(repository, plan, making, services);
    const ref = join(made.gitFolder, 'refs', 'heads', BRANCH);
    await mkdir(dirname(ref), { recursive: true });
    await writeFile(ref, `${commit.commit}\n`);
    const [subject = ''] = message.trim().split('\n', 1);
    await noteMove(made, { branch: BRANCH, from: undefined, to: commit.commit, author, subject });
    const lfsFiles = files.filter(({ store }) => store === 'lfs').length;
    const lfs = lfsFiles === 0 ? 'unused' : await installLfs(git.within(work), work, log, services.signal);
    await writeFile(join(made.gitFolder, 'index'), commit.index);
    await commit.proveUnchanged();
    services.signal.throwIfAborted();
    const undo = await putFiles(top, writes, claim);
    try {
      await moveInto(join(work, '.git'), join(top, '.git'));
    } catch (error) {
      await undo();
      throw error;
    }
    return { commit: commit.commit, branch: BRANCH, files: files.length, lfsFiles, lfs };
  } finally {
    await rm(claim, { recursive: true, force: true, maxRetries: 5 }).catch((error: unknown) =>
      log.warn(`${claim} is left: ${String(error)}`),
    );
  }
}

async function firstCommit(
  repository: Repository,
  { top, files, writes }: SetupPlan,
  { author, message }: Making,
  services: CommitServices,
): Promise<MadeCommit> {
  const written = new Map(writes.map(({ path, content }) => [path, content]));
  const own = await ownRepository(repository);
  try {
    const request = { parent: undefined, files, written, unstaged: [], author, message };
    const commit = await makeCommit(repository, own, request, services);
    if (commit === undefined) throw changedSince(top);
    return commit;
  } finally {
    await own.remove();
  }
}

/** As `git init` makes it, with the person's own template, and the branch that registries and Git hosts begin with. */
async function initialize(
  git: GitQuestions,
  work: string,
  author: Making['author'] | undefined,
): Promise<void> {
  const maker = git.reading({ GIT_DEFAULT_HASH: 'sha1', GIT_DEFAULT_REF_FORMAT: 'files' });
  await maker.bytes(LISTED, 'init', '--quiet', '--', work);
  const gitFolder = join(work, '.git');
  // Git before 2.28 does not take the name of the branch.
  await writeFile(join(gitFolder, 'HEAD'), `ref: refs/heads/${BRANCH}\n`);
  if (author === undefined) return;
  const file = join(gitFolder, 'config');
  await maker.bytes(LISTED, 'config', '--file', file, 'user.name', author.name);
  await maker.bytes(LISTED, 'config', '--file', file, 'user.email', author.email);
}

/** Where Git LFS is installed, it is told of the repository, so that it takes care of the files from now on. */
async function installLfs(
  git: GitQuestions,
  work: string,
  log: Log,
  signal: AbortSignal,
): Promise<Made['lfs']> {
  const program = await findGitLfs();
  if (program === undefined) return 'absent';
  const { hooksElsewhere } = await commitSettings(git, process.env, undefined);
  const { error, stderr } = await runProgram({
    program,
    // Hooks that serve all repositories are not this one's to change.
    args: ['install', '--local', ...(hooksElsewhere ? ['--skip-repo'] : [])],
    folder: work,
    environment: git.environment,
    timeoutMs: LFS_PATIENCE,
    mostOutput: MOST_LFS_OUTPUT,
    signal,
  });
  signal.throwIfAborted();
  if (error === null) return 'installed';
  log.warn(`git lfs install: ${stderr.trim() || error.message}`);
  return 'absent';
}

/** The folder for what is not whole yet, which nobody else has; what was left by a process that is gone is removed. */
async function claimFolder(top: string): Promise<string> {
  const claim = join(top, SETTING_UP);
  const owner = join(claim, 'owner');
  const mine = `${process.pid} ${hostname()}`;
  for (const isLast of [false, true]) {
    try {
      await mkdir(claim);
      await writeFile(owner, mine);
      return claim;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
      if (isLast || !(await isAbandoned(owner))) throw beingSetUp(top, claim);
      await rm(claim, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  throw beingSetUp(top, claim);
}

async function isAbandoned(owner: string): Promise<boolean> {
  const text = await readFile(owner, 'utf8').catch((error: unknown) => {
    if (isGone(error)) return '';
    throw error;
  });
  const [, pid, host] = /^(\d+) (.*)$/s.exec(text) ?? [];
  if (pid === undefined || host !== hostname() || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

function beingSetUp(top: string, claim: string): Failure {
  return new Failure(
    'busy',
    l10n.t(
      '“{0}” is being set up already. Should nothing be at work there, remove “{1}” and try again.',
      top,
      claim,
    ),
  );
}

async function moveInto(from: string, to: string): Promise<void> {
  await replaceFile(from, to).catch((error: unknown) => {
    throw hasCode(error, 'ENOTEMPTY', 'EEXIST') ? changedSince('.git') : error;
  });
}
