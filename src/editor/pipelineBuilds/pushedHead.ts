import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Pushed } from '../../core/snapshot/git/pushed.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { knownGit } from '../git/gitExtension.ts';
import { shortSha } from '../wording.ts';
import type { Services } from '../services.ts';

/** HEAD as far as it lies in a folder. */
interface Head extends Pick<
  Snapshot,
  'commit' | 'branch' | 'subject' | 'repository' | 'folder' | 'uncommitted' | 'notCompared'
> {
  /** What {@link Snapshot.proposeModels} gave. */
  readonly proposedModels: readonly string[];
}

/** HEAD, and where it was pushed: to one branch at least. */
export interface PushedHead {
  readonly head: Head;
  readonly pushed: Pushed;
}

/**
 * HEAD of the repository that holds `folder`. Where it is not pushed, an agent could not check it out: the person is
 * told, and offered to push it. Undefined when they would rather not.
 */
export async function pushedHead(services: Services, folder: string): Promise<PushedHead | undefined> {
  for (;;) {
    const found = await read(services, folder);
    if (found.pushed.branches.length > 0) return found;
    if (!(await push(services, found))) return undefined;
  }
}

async function read({ prompts, log, hashes }: Services, folder: string): Promise<PushedHead> {
  const { program } = await knownGit();
  return prompts.progress(
    { id: 'buildPublish.head', title: vscode.l10n.t('Reading the commit'), cancellable: true },
    async (_report, signal) => {
      const [{ openSnapshot }, { wherePushed }] = await Promise.all([
        import('../../core/snapshot/openSnapshot.ts'),
        import('../../core/snapshot/git/pushed.ts'),
      ]);
      const snapshot = await openSnapshot(folder, { signal, log, git: program, hashes });
      const proposing = snapshot.proposeModels();
      await Promise.allSettled([proposing]);
      // Nothing more of its content is read here.
      await snapshot.dispose();
      const proposedModels = await proposing;
      const { origin, commit, branch, subject, repository, uncommitted, notCompared } = snapshot;
      if (origin.kind !== 'git') {
        throw new Failure(
          'notARepository',
          vscode.l10n.t(
            '“{0}” is a download, and a build checks out a commit of a Git repository: publish it from here.',
            folder,
          ),
        );
      }
      const head = {
        commit,
        branch,
        subject,
        repository,
        folder: snapshot.folder,
        uncommitted,
        notCompared,
        proposedModels,
      };
      return { head, pushed: await wherePushed(repository, head, { signal, log, git: program }) };
    },
  );
}

/** Whether to look again. */
async function push({ prompts }: Services, { head, pushed }: PushedHead): Promise<boolean> {
  const opened = await openedRepository(head.repository);
  const commit = shortSha(head.commit);
  const message =
    pushed.remotes.length === 0
      ? vscode.l10n.t(
          'The repository has no remote, so no build can get the commit {0}. Add one, and push to it.',
          commit,
        )
      : head.branch === undefined
        ? vscode.l10n.t(
            'The commit {0} is on no branch that was pushed, so no build can get it. Push a branch that holds it.',
            commit,
          )
        : vscode.l10n.t(
            'The commit {0} of {1} is not pushed, so no build can get it. Push it first.',
            commit,
            head.branch,
          );
  const chosen = await prompts.notify({
    id: 'buildPublish.unpushed',
    severity: 'warning',
    message,
    actions: [
      ...(opened ? [{ id: 'push', label: vscode.l10n.t('Push') }] : []),
      { id: 'lookAgain', label: vscode.l10n.t('Check Again') },
    ],
  });
  // It asks for what it needs, such as a remote, and says by itself what went wrong.
  if (chosen === 'push') await vscode.commands.executeCommand('git.push', opened);
  return chosen !== undefined;
}

/** The repository as the Git extension has it open: of another one, it would push the only one that it knows. */
async function openedRepository(repository: string): Promise<vscode.Uri | undefined> {
  const real = (folder: string): Promise<string> => realpath(folder).catch(() => folder);
  const wanted = await real(repository);
  for (const folder of (await knownGit()).repositories) {
    if ((await real(folder)) === wanted) return vscode.Uri.file(folder);
  }
  return undefined;
}
