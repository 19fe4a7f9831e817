import * as vscode from 'vscode';
import type { Inspection } from '../../core/publish/inspection.ts';
import type { PublishPlan, PublishStep } from '../../core/publish/publishing.ts';
import type { Registry } from '../../core/hosts/host.ts';
import type { Snapshot, UncommittedChange } from '../../core/snapshot/snapshot.ts';
import type { PublishProgress } from '../../core/publish/progressReports.ts';
import { amountLines, sourceLines, versionLine } from '../../core/publish/planTexts.ts';
import { warningSentence } from '../../core/publish/warningTexts.ts';
import { namedPaths, oneLine, registryName, transferText } from '../wording.ts';

const stepLabels: Record<PublishStep, () => string> = {
  create: () => vscode.l10n.t('Preparing the model'),
  preupload: () => vscode.l10n.t('Checking what to send'),
  hash: () => vscode.l10n.t('Hashing'),
  upload: () => vscode.l10n.t('Uploading'),
  commit: () => vscode.l10n.t('Committing'),
  verify: () => vscode.l10n.t('Verifying'),
};

/** "Uploading: 12 MB of 98 MB, 3 of 14 files, 5.2 MB/s". */
export function progressMessage(progress: PublishProgress): string {
  const label = stepLabels[progress.step]();
  if (progress.step !== 'upload' || progress.totalFiles === 0) return label;
  const { sentBytes, totalBytes, sentFiles, totalFiles, bytesPerSecond } = progress;
  return `${label}: ${transferText({ bytes: sentBytes, totalBytes, files: sentFiles, totalFiles, bytesPerSecond })}`;
}

/** The details of the one question before a publish: what to beware of, all that goes, all that stays, and where to. */
export function summary(
  plan: PublishPlan,
  { warnings, ...travelling }: Inspection,
  {
    registry,
    account,
    message,
  }: {
    readonly registry: Registry;
    readonly account: string;
    /** The registry's commit message; undefined where it is the subject of the commit. */
    readonly message: string | undefined;
  },
): string {
  const { snapshot, target } = plan;
  const { language } = vscode.env;
  const sentences = [
    ...(plan.missing === undefined ? [] : [plan.missing.message]),
    ...warnings
      .filter(({ kind }) => kind !== 'uncommitted')
      .map((warning) => warningSentence(warning, language)),
  ];
  return [
    ...sentences.map((sentence) => `⚠ ${sentence}`),
    ...(sentences.length > 0 ? [''] : []),
    versionLine(plan),
    ...sourceLines(snapshot, language),
    vscode.l10n.t('Destination: {0} in {1}, as {2}', target.model, registryName(registry), account),
    ...(registry.public === true
      ? [vscode.l10n.t('Visibility: public. Everyone can read what is published there.')]
      : []),
    vscode.l10n.t('Address: {0}', target.hub.endpoint.href),
    ...(message === undefined || message === snapshot.subject
      ? []
      : [vscode.l10n.t('Message: {0}', oneLine(message.replace(/\n+/g, ' ')))]),
    '',
    ...amountLines(plan, travelling, language),
    ...leftOut(snapshot),
  ].join('\n');
}

function leftOut({ uncommitted }: Snapshot): readonly string[] {
  const paths = (are: (change: UncommittedChange) => boolean) =>
    uncommitted.filter(are).map(({ path }) => path);
  const changed = namedPaths(
    vscode.l10n.t('Not committed, and so left out:'),
    paths(({ kind }) => kind !== 'touched'),
  );
  const touched = namedPaths(
    vscode.l10n.t(
      'Too large, or filtered, to compare with the commit, whose content is published (“git status” tells whether they changed):',
    ),
    paths(({ kind }) => kind === 'touched'),
  );
  return [changed, touched].flatMap((lines) => (lines.length > 0 ? ['', ...lines] : []));
}
