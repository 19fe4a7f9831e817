import prettyBytes from 'pretty-bytes';
import * as vscode from 'vscode';
import type { PublishPlan, PublishStep } from '../../core/publish/publishing.ts';
import type { Registry } from '../../core/registryHost.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import type { PublishProgress } from '../../core/publish/progressReports.ts';

/** How many paths are named before "and N more". */
const NAMED_PATHS = 5;

/** Characters of a commit's subject that are shown. */
const SUBJECT_LENGTH = 72;

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
  const parts = [
    vscode.l10n.t('{0} of {1}', bytes(progress.sentBytes), bytes(progress.totalBytes)),
    vscode.l10n.t('{0} of {1} files', progress.sentFiles, progress.totalFiles),
    ...(progress.bytesPerSecond === undefined
      ? []
      : [vscode.l10n.t('{0}/s', bytes(Math.round(progress.bytesPerSecond)))]),
  ];
  return `${label}: ${parts.join(', ')}`;
}

/** The details of the one question before a publish: everything that goes, everything that stays, and where to. */
export function summary(plan: PublishPlan, registry: Registry, account: string): string {
  const { snapshot, target } = plan;
  return [
    vscode.l10n.t('Commit: {0} {1}', shortSha(snapshot.commit), oneLine(snapshot.subject)),
    snapshot.branch === undefined
      ? vscode.l10n.t('Branch: none (detached HEAD)')
      : vscode.l10n.t('Branch: {0}', snapshot.branch),
    ...(snapshot.folder === '' ? [] : [vscode.l10n.t('Folder: {0}', snapshot.folder)]),
    vscode.l10n.t('Destination: {0} in {1}, as {2}', target.model, registryName(registry), account),
    vscode.l10n.t('Address: {0}', target.hub.endpoint.href),
    '',
    fileCounts(plan),
    vscode.l10n.t('To upload: {0} at most', bytes(plan.bytes)),
    ...leftOut(snapshot),
  ].join('\n');
}

/** `organization/registry`. */
export function registryName({ organization, slug }: Registry): string {
  return `${organization}/${slug}`;
}

export function shortSha(sha: string): string {
  return sha.slice(0, 7);
}

/** "12.3 MB", in the editor's language. */
export function bytes(count: number): string {
  return prettyBytes(count, { locale: vscode.env.language });
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
  if (uncommitted.length === 0) return [];
  const named = uncommitted.slice(0, NAMED_PATHS).map(({ path }) => `  ${oneLine(path)}`);
  const more = uncommitted.length - named.length;
  return [
    '',
    vscode.l10n.t('Not committed, and therefore left out:'),
    ...named,
    ...(more > 0 ? [`  ${vscode.l10n.t('and {0} more', more)}`] : []),
  ];
}

function oneLine(text: string): string {
  const line = text.replace(/\p{C}+/gu, ' ').trim();
  return line.length > SUBJECT_LENGTH ? `${line.slice(0, SUBJECT_LENGTH - 1)}…` : line;
}
