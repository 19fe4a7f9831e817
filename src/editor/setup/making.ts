import path from 'node:path';
import * as vscode from 'vscode';
import type { Author, CommitPlan, SetupPlan } from '../../core/setup/plans.ts';
import { planCautions, planSteps } from '../../core/setup/planTexts.ts';
import { visibleLine } from '../../core/visibleText.ts';
import { knownGit } from '../git/gitExtension.ts';
import type { Services } from '../services.ts';

/** What is told of a plan before it is agreed to. */
export function planDetail(plan: SetupPlan | CommitPlan, more: readonly string[] = []): string {
  const { language } = vscode.env;
  const cautions = planCautions(plan).map((caution) => `⚠ ${caution}`);
  return [
    ...cautions,
    ...(cautions.length > 0 ? [''] : []),
    vscode.l10n.t('Folder: {0}', visibleLine(folderOf(plan))),
    ...planSteps(plan, language).map((step) => `• ${step}`),
    ...more,
  ].join('\n');
}

function folderOf(plan: SetupPlan | CommitPlan): string {
  return plan.kind === 'commit' ? path.join(plan.top, ...plan.folder.split('/')) : plan.top;
}

/** Carries a plan out, behind a progress whose Cancel button leaves all as it was. Gives whether anything was committed. */
export async function carryOutPlan(
  { prompts, log, hashes }: Services,
  plan: SetupPlan | CommitPlan,
  { author, message, title }: { readonly author: Author; readonly message: string; readonly title: string },
): Promise<boolean> {
  const { program } = await knownGit();
  const total = plan.files.reduce((sum, { store, size }) => (store === 'lfs' ? sum + size : sum), 0);
  return prompts.progress({ id: 'setup.progress', title, cancellable: true }, async (report, signal) => {
    const { carryOut } = await import('../../core/setup/carryOut.ts');
    const onBytes = (bytes: number) => report({ increment: total === 0 ? 0 : (bytes / total) * 100 });
    const making = { author, message, signal, log, hashes, git: program, onBytes };
    return (await carryOut(plan, making)) !== undefined;
  });
}
