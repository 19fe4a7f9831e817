import * as vscode from 'vscode';
import type { CacheConflict, DownloadOptions, DownloadPlan } from '../../core/download/downloading.ts';
import { downloadNotices } from '../../core/download/notices.ts';
import { filesText, shortSha } from '../wording.ts';
import type { Services } from '../services.ts';
import { cacheConflictDetail, noticeSentence, summary } from './texts.ts';

/** What a person says to a planned download. */
export type Agreement =
  | ({ readonly kind: 'yes' } & Pick<DownloadOptions, 'differing' | 'cacheConflict'>)
  /** Into a folder, not into the cache. */
  | { readonly kind: 'toFolder' }
  /** These files of the version, and no others. */
  | { readonly kind: 'only'; readonly paths: readonly string[] }
  | { readonly kind: 'no' };

type Asking = Pick<Services, 'prompts'>;

/**
 * Tells what a person should know before a download, and asks for what they may choose.
 *
 * @param file The one file that is wanted, under a name that the person has chosen already.
 */
export async function askAgreement(
  services: Asking,
  plan: DownloadPlan,
  file: string | undefined,
): Promise<Agreement> {
  if (plan.cacheConflict === undefined) return askAboutFiles(services, plan, file);
  const way = await wayWithCache(services, plan, plan.cacheConflict);
  if (way === 'stay') return { kind: 'no' };
  if (way === 'toFolder') return { kind: 'toFolder' };
  const agreement = await askAboutFiles(services, plan, file);
  return agreement.kind === 'yes' ? { ...agreement, cacheConflict: 'replace' } : agreement;
}

async function askAboutFiles(
  services: Asking,
  plan: DownloadPlan,
  file: string | undefined,
): Promise<Agreement> {
  const notices = downloadNotices(plan).map(noticeSentence);
  if (file !== undefined) {
    return (await agreesToFile(services, file, notices))
      ? { kind: 'yes', differing: 'keep' }
      : { kind: 'no' };
  }
  // What needs nothing needs no question.
  if (plan.missing.length + plan.differing.length === 0) return { kind: 'yes', differing: 'keep' };
  const rest = withoutObeyed(plan);
  const left: { out: boolean } = { out: false };
  const goOn = await services.prompts.confirm({
    id: 'download.summary',
    message: vscode.l10n.t('Download {0} at {1}?', plan.source.model, shortSha(plan.source.commit)),
    detail: summary(plan, notices),
    action: vscode.l10n.t('Download'),
    severity: plan.differing.length + notices.length > 0 ? 'warning' : 'information',
    ...(rest && {
      others: [
        {
          label: vscode.l10n.t('Leave Out What Tools Act On'),
          run: () => {
            left.out = true;
          },
        },
      ],
    }),
  });
  if (rest && left.out) return { kind: 'only', paths: rest };
  const differing = goOn ? await askDiffering(services, plan) : undefined;
  return differing === undefined ? { kind: 'no' } : { kind: 'yes', differing };
}

/** What becomes of files that differ; undefined where the person does not want to go on. */
async function askDiffering(
  { prompts }: Asking,
  plan: DownloadPlan,
): Promise<'keep' | 'replace' | undefined> {
  if (plan.differing.length === 0) return 'keep';
  return prompts.pick<'keep' | 'replace'>({
    id: 'download.differing',
    title: vscode.l10n.t('Already there, with different content: {0}', filesText(plan.differing.length)),
    choices: [
      {
        label: vscode.l10n.t('Keep Them'),
        detail: vscode.l10n.t('Only what is missing is downloaded.'),
        icon: 'lock',
        value: 'keep',
      },
      {
        label: vscode.l10n.t('Replace Them'),
        detail: vscode.l10n.t('What is there now is lost.'),
        icon: 'replace-all',
        value: 'replace',
      },
    ],
  });
}

/** Whether what another server or client put into the cache may lose its place. */
async function wayWithCache(
  { prompts }: Asking,
  plan: DownloadPlan,
  conflict: CacheConflict,
): Promise<'toFolder' | 'replace' | 'stay'> {
  const answer: { replace: boolean } = { replace: false };
  const toFolder = await prompts.confirm({
    id: 'download.cacheConflict',
    message: vscode.l10n.t('The Hugging Face cache holds another {0}', plan.source.model),
    detail: cacheConflictDetail(plan.source, conflict),
    action: vscode.l10n.t('Download to Folder…'),
    severity: 'warning',
    others: [
      {
        label: vscode.l10n.t('Replace in Cache'),
        run: () => {
          answer.replace = true;
        },
      },
    ],
  });
  return toFolder ? 'toFolder' : answer.replace ? 'replace' : 'stay';
}

/** The dialog for one file was the question; another one only tells what that did not. */
async function agreesToFile({ prompts }: Asking, file: string, notices: readonly string[]): Promise<boolean> {
  if (notices.length === 0) return true;
  return prompts.confirm({
    id: 'download.notices',
    message: vscode.l10n.t('Download {0}?', file),
    detail: notices.join('\n'),
    action: vscode.l10n.t('Download'),
    severity: 'warning',
  });
}

/** The files of a plan but those that tools obey; undefined where there are none of these, or nothing else. */
function withoutObeyed(plan: DownloadPlan): readonly string[] | undefined {
  const obeyed = new Set(
    downloadNotices(plan).flatMap((notice) => (notice.kind === 'obeyed' ? notice.paths : [])),
  );
  const rest = [...plan.missing, ...plan.present, ...plan.differing]
    .map(({ path }) => path)
    .filter((path) => !obeyed.has(path));
  return obeyed.size > 0 && rest.length > 0 ? rest : undefined;
}
