import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { CommitPlan } from '../../core/setup/plans.ts';
import { knownGit } from '../git/gitExtension.ts';
import type { Services } from '../services.ts';
import { filesText, oneLine } from '../wording.ts';
import { askAuthor } from './author.ts';
import { carryOutPlan, planDetail } from './making.ts';

/**
 * Commits what is not committed in `folder` (absolute path), which is in a repository, with the message that the person
 * types, once they have seen the files and agreed.
 *
 * @returns whether it is committed now.
 * @throws Failure where it cannot be, or there is nothing.
 */
export async function commitChanges(services: Services, folder: string): Promise<boolean> {
  const plan = await planned(services, folder);
  if (plan.files.length === 0) {
    throw new Failure(
      'noCommit',
      vscode.l10n.t(
        'There is nothing to commit in “{0}”. Put the model’s files there and try again.',
        folder,
      ),
    );
  }
  const message = await services.prompts.input({
    id: 'commit.message',
    title: vscode.l10n.t('Commit and Publish'),
    prompt: vscode.l10n.t('Commit message'),
    check: (text) => (text.trim() === '' ? vscode.l10n.t('A commit needs a message.') : undefined),
  });
  if (message === undefined || !(await isAgreed(services, plan, message))) return false;
  const author = await askAuthor(services, plan.author);
  if (author === undefined) return false;
  // Where the content is that of the commit after all, there is nothing left that would stay behind.
  await carryOutPlan(services, plan, { author, message, title: vscode.l10n.t('Committing') });
  return true;
}

async function planned({ prompts, log, hashes }: Services, folder: string): Promise<CommitPlan> {
  const { program } = await knownGit();
  return prompts.progress(
    { id: 'commit.plan', title: vscode.l10n.t('Looking for changes'), cancellable: true },
    async (_report, signal) =>
      (await import('../../core/setup/planCommit.ts')).planCommit(folder, {
        signal,
        log,
        git: program,
        hashes,
      }),
  );
}

async function isAgreed({ prompts }: Services, plan: CommitPlan, message: string): Promise<boolean> {
  const holdsSecrets = plan.secrets.length > 0;
  return prompts.confirm({
    id: 'commit.summary',
    message: vscode.l10n.t('Commit {0} and publish?', filesText(plan.files.length)),
    detail: planDetail(plan, [vscode.l10n.t('• Message: {0}', oneLine(message))]),
    severity: holdsSecrets ? 'warning' : 'information',
    ...(holdsSecrets
      ? { action: vscode.l10n.t('Commit Anyway'), default: 'cancel' as const }
      : { action: vscode.l10n.t('Commit and Publish') }),
  });
}
