import { mkdtemp, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Failure } from '../failure.ts';
import { existingFolder } from '../snapshot/files/existingFolder.ts';
import { plainly } from '../snapshot/files/systemErrors.ts';
import { unlessBlocked } from '../snapshot/git/blocked.ts';
import { gitIn } from '../snapshot/git/git.ts';
import { ownRepository } from '../snapshot/git/ownRepository.ts';
import { gitProgram } from '../snapshot/git/program.ts';
import { findRepository, headOf, type Repository } from '../snapshot/git/repository.ts';
import { moveBranch, refuseUnfinished, withLock } from './branchMove.ts';
import { makeCommit, type CommitServices } from './makeCommit.ts';
import type { Made, Making } from './making.ts';
import { makeRepository } from './newRepository.ts';
import type { CommitPlan, PlannedFile, SetupPlan, WrittenFile } from './plans.ts';
import { changedSince } from './settingUp.ts';
import { putFiles } from './writtenFiles.ts';

/**
 * Makes the commit, and the repository where there is none, that a plan says. Nothing runs but Git on a configuration of
 * ours, and where a repository is new and Git LFS is installed, `git lfs install --local`: no hook, filter or signature.
 * An abort, and whatever goes wrong, leaves branch, index and files as they were.
 *
 * @returns undefined where the commit would hold what its parent holds.
 * @throws Failure `conflict` where the folder was changed since it was planned for; `busy`, `disk`, `git`; and the
 *   signal's reason when aborted.
 */
export async function carryOut(plan: SetupPlan | CommitPlan, making: Making): Promise<Made | undefined> {
  const { signal, log, hashes, onBytes = () => undefined } = making;
  signal.throwIfAborted();
  const top = await existingFolder(plan.top);
  const program = await gitProgram(making.git);
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const services: CommitServices = { signal: either, hashes, onBytes };
  const git = gitIn(top, { program, environment: process.env, signal: either, log });
  try {
    if (plan.kind === 'setUp' && plan.repository === 'new') {
      return await makeRepository(plan, git, making, services);
    }
    const stop = (reason: Failure) => ended.abort(reason);
    const repository = await findRepository(git);
    if (relative(repository.top, top) !== '') throw changedSince(top);
    return await unlessBlocked(repository, { stop, signal: either }, () =>
      commitIn(repository, plan, making, services),
    );
  } catch (error) {
    signal.throwIfAborted();
    throw plainly(error, top);
  } finally {
    ended.abort();
    await git.idle();
  }
}

async function commitIn(
  repository: Repository,
  plan: SetupPlan | CommitPlan,
  { author, message }: Making,
  services: CommitServices,
): Promise<Made | undefined> {
  const parent = plan.kind === 'commit' ? plan.parent : undefined;
  const writes: readonly WrittenFile[] = plan.kind === 'setUp' ? plan.writes : [];
  const { files, top } = plan;
  await refuseUnfinished(repository);
  const { commit: head, branch } = await headOf(repository);
  if (head !== parent) throw changedSince(top);
  const own = await ownRepository(repository, parent);
  // Of the same file system as the work tree, most likely.
  const scratch = await mkdtemp(join(repository.gitFolder, 'model-registries-'));
  let made: Made | undefined;
  try {
    await withLock(join(repository.gitFolder, 'index'), async (lock) => {
      const written = new Map(writes.map(({ path, content }) => [path, content]));
      const unstaged = plan.kind === 'setUp' ? plan.unstaged : [];
      const request = { parent, files, written, unstaged, author, message };
      const commit = await makeCommit(repository, own, request, services);
      if (commit === undefined) return false;
      await lock.write(commit.index);
      await commit.proveUnchanged();
      services.signal.throwIfAborted();
      const undo = await putFiles(top, writes, scratch);
      const [subject = ''] = message.trim().split('\n', 1);
      try {
        await moveBranch(repository, { branch, from: parent, to: commit.commit, author, subject });
      } catch (error) {
        await undo();
        throw error;
      }
      made = { commit: commit.commit, branch, files: files.length, lfsFiles: inLfs(files), lfs: 'unused' };
      return true;
    });
    return made;
  } finally {
    await own.remove();
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

function inLfs(files: readonly PlannedFile[]): number {
  return files.filter(({ store }) => store === 'lfs').length;
}
