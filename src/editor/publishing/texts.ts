import * as vscode from 'vscode';
import type { Inspection } from '../../core/publish/inspection.ts';
import type { PublishPlan, PublishStep } from '../../core/publish/publishing.ts';
import type { Registry } from '../../core/hosts/host.ts';
import { foreignGitFolder } from '../../core/snapshot/foreignGitFolder.ts';
import type { Snapshot, UncommittedChange } from '../../core/snapshot/snapshot.ts';
import type { PublishProgress } from '../../core/publish/progressReports.ts';
import { warningSentence } from '../../core/publish/warningTexts.ts';
import { namedPaths, oneLine, registryName, shortSha, sizeText, transferText } from '../wording.ts';

const stepLabels: Record<PublishStep, () => string> = {
  create: () => vscode.l10n.t('Preparing the model'),
  preupload: () => vscode.l10n.t('Asking what is needed'),
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

/** What a service with releases makes, and who may read a model that is made. */
function ofTarget({ parentCommit, target: { hub } }: PublishPlan): readonly string[] {
  const isNew = parentCommit === undefined;
  return [
    ...(hub.revisions === 'release' ? [vscode.l10n.t('Release: {0}', hub.revision)] : []),
    ...(isNew && hub.newModels === 'private' ? [vscode.l10n.t('Visibility: the new model is private.')] : []),
    ...(isNew && hub.newModels === 'public'
      ? [vscode.l10n.t('Visibility: the new model is public. Everyone can read it.')]
      : []),
  ];
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
  const gitFolder = foreignGitFolder(snapshot);
  const sentences = [
    ...(plan.missing === undefined ? [] : [plan.missing.message]),
    ...warnings
      .filter(({ kind }) => kind !== 'uncommitted')
      .map((warning) => warningSentence(warning, vscode.env.language)),
  ];
  return [
    ...sentences.map((sentence) => `⚠ ${sentence}`),
    ...(sentences.length > 0 ? [''] : []),
    vscode.l10n.t('Commit: {0} {1}', shortSha(snapshot.commit), oneLine(snapshot.subject)),
    ...ofOrigin(snapshot),
    ...(snapshot.folder === '' ? [] : [vscode.l10n.t('Folder: {0}', snapshot.folder)]),
    ...(gitFolder === undefined
      ? []
      : [vscode.l10n.t('Reads the commit of the repository {0}', gitFolder.replace(/\p{C}+/gu, ' '))]),
    vscode.l10n.t('Destination: {0} in {1}, as {2}', target.model, registryName(registry), account),
    ...(registry.public === true
      ? [vscode.l10n.t('Visibility: public. Everyone can read what is published there.')]
      : []),
    ...ofTarget(plan),
    vscode.l10n.t('Address: {0}', target.hub.endpoint.href),
    ...(message === undefined || message === snapshot.subject
      ? []
      : [vscode.l10n.t('Message: {0}', oneLine(message.replace(/\n+/g, ' ')))]),
    '',
    fileCounts(plan),
    toUpload(plan, travelling),
    ...leftOut(snapshot),
  ].join('\n');
}

/** The branch, or the hub that the model comes from. */
function ofOrigin({ origin, branch, files }: Snapshot): readonly string[] {
  if (origin.kind === 'hub') {
    const { address, revision, licenses } = origin;
    return [
      vscode.l10n.t('From: {0} at {1}', address, oneLine(revision)),
      licenses.length === 0
        ? vscode.l10n.t('License: the model card names none')
        : vscode.l10n.t('License: {0}', oneLine(licenses.join(', '))),
      vscode.l10n.t('Size: {0}', sizeText(files.reduce((sum, { size }) => sum + size, 0))),
    ];
  }
  return [
    branch === undefined
      ? vscode.l10n.t('Branch: none (detached HEAD)')
      : vscode.l10n.t('Branch: {0}', branch),
  ];
}

function toUpload(plan: PublishPlan, { bytes: count, precision }: Omit<Inspection, 'warnings'>): string {
  const there = plan.bytes - count;
  const sentence =
    precision === 'exact'
      ? vscode.l10n.t('To upload: {0}', sizeText(count))
      : vscode.l10n.t('To upload: {0} at most', sizeText(count));
  return there > 0
    ? vscode.l10n.t('{0}; {1} more are in the registry already', sentence, sizeText(there))
    : sentence;
}

function fileCounts({ changed, unchanged, deleted, remote }: PublishPlan): string {
  const added = changed.filter(({ path }) => !remote.has(path)).length;
  return vscode.l10n.t(
    'Files: {0} new, {1} changed, {2} deleted, {3} unchanged',
    added,
    changed.length - added,
    deleted.length,
    unchanged.length,
  );
}

function leftOut({ uncommitted }: Snapshot): readonly string[] {
  const paths = (are: (change: UncommittedChange) => boolean) =>
    uncommitted.filter(are).map(({ path }) => path);
  const changed = namedPaths(
    vscode.l10n.t('Not committed, and therefore left out:'),
    paths(({ kind }) => kind !== 'touched'),
  );
  const touched = namedPaths(
    vscode.l10n.t(
      'Not compared with the commit, whose content is published, because they are large or pass through a filter (“git status” tells whether they changed):',
    ),
    paths(({ kind }) => kind === 'touched'),
  );
  return [changed, touched].flatMap((lines) => (lines.length > 0 ? ['', ...lines] : []));
}
