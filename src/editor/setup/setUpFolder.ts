import path from 'node:path';
import * as vscode from 'vscode';
import type { SetupPlan } from '../../core/setup/plans.ts';
import { knownGit } from '../git/gitExtension.ts';
import type { Services } from '../services.ts';
import { oneLine } from '../wording.ts';
import { askAuthor } from './author.ts';
import { carryOutPlan, planDetail } from './making.ts';

/**
 * Makes a repository of `folder` (absolute path), once the person has seen what that takes and agreed.
 *
 * @returns whether there is a commit to publish now.
 * @throws Failure where it cannot be.
 */
export async function setUpFolder(services: Services, folder: string): Promise<boolean> {
  let leaveOut: readonly string[] = [];
  for (;;) {
    const plan = await planned(services, folder, leaveOut);
    const answer = await askAgreement(services, plan);
    if (answer === 'no') return false;
    if (answer === 'leaveOut') {
      leaveOut = [...leaveOut, ...plan.secrets];
      continue;
    }
    const author = await askAuthor(services, plan.author);
    if (author === undefined) return false;
    const name = oneLine(path.basename(plan.top));
    return carryOutPlan(services, plan, {
      author,
      // A commit's message is no part of the editor, and is read by others.
      message: `Add ${name}`,
      title: vscode.l10n.t('Setting up {0}', name),
    });
  }
}

async function planned(
  { prompts, log, hashes }: Services,
  folder: string,
  leaveOut: readonly string[],
): Promise<SetupPlan> {
  const { program } = await knownGit();
  return prompts.progress(
    { id: 'setup.plan', title: vscode.l10n.t('Looking through the folder'), cancellable: true },
    async (_report, signal) =>
      (await import('../../core/setup/planSetup.ts')).planSetup(folder, {
        signal,
        log,
        git: program,
        hashes,
        leaveOut,
      }),
  );
}

async function askAgreement({ prompts }: Services, plan: SetupPlan): Promise<'yes' | 'leaveOut' | 'no'> {
  const left: { out: boolean } = { out: false };
  const holdsSecrets = plan.secrets.length > 0;
  const agreed = await prompts.confirm({
    id: 'setup.summary',
    message: vscode.l10n.t('Set up {0} and publish it?', oneLine(path.basename(plan.top))),
    detail: planDetail(plan),
    severity: holdsSecrets ? 'warning' : 'information',
    ...(holdsSecrets
      ? {
          action: vscode.l10n.t('Set Up Anyway'),
          default: 'cancel' as const,
          others: [{ label: vscode.l10n.t('Leave Them Out'), run: () => void (left.out = true) }],
        }
      : { action: vscode.l10n.t('Set Up and Publish') }),
  });
  return agreed ? 'yes' : left.out ? 'leaveOut' : 'no';
}
