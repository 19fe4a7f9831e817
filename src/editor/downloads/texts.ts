import * as vscode from 'vscode';
import type {
  CacheConflict,
  DownloadOutcome,
  DownloadPlan,
  DownloadSource,
} from '../../core/download/downloading.ts';
import { amountLines } from '../../core/download/planTexts.ts';
import type { DownloadNotice } from '../../core/download/notices.ts';
import type { DownloadReport } from '../../core/download/progressReports.ts';
import { filesText, shortSha, transferText } from '../wording.ts';

/** How many paths are named before "and N more". */
const NAMED_PATHS = 5;

/** "12 MB of 98 MB, 3 of 14 files, 5.2 MB/s, 20 s left". */
export function progressMessage(report: DownloadReport): string {
  const { receivedBytes, totalBytes, doneFiles, totalFiles, bytesPerSecond, secondsLeft } = report;
  return transferText({
    bytes: receivedBytes,
    totalBytes,
    files: doneFiles,
    totalFiles,
    bytesPerSecond,
    secondsLeft,
  });
}

/** The details of the one question before a download: what to beware of, what comes, what is there, and where to. */
export function summary(plan: DownloadPlan, notices: readonly string[]): string {
  const { source, missing, present, differing, path, totalBytes } = plan;
  return [
    ...notices,
    ...(notices.length > 0 ? [''] : []),
    vscode.l10n.t('Version: {0} of {1}', shortSha(source.commit), source.model),
    vscode.l10n.t('From: {0}', source.hub.endpoint.href),
    vscode.l10n.t('To: {0}', path),
    '',
    ...amountLines(
      {
        ...{ missing: missing.length, present: present.length, differing: differing.length },
        ...{ bytes: plan.bytes, totalBytes },
      },
      vscode.env.language,
    ),
    ...names(differing.map((file) => file.path)),
  ].join('\n');
}

/** Something to beware of, as a sentence. */
export function noticeSentence(notice: DownloadNotice): string {
  switch (notice.kind) {
    case 'obeyed':
      return vscode.l10n.t(
        '⚠ Editors, shells, agents or other tools act on these files by themselves: {0}.',
        listOf(notice.paths),
      );
    case 'runsCode':
      return vscode.l10n.t(
        '⚠ Loading these files can run code: {0}. Do that only where you trust who published them.',
        listOf(notice.paths),
      );
  }
}

/** What lies in the cache, what a download would do to it, and what follows from that. */
export function cacheConflictDetail(
  { hub, model, commit }: DownloadSource,
  { snapshot, filledFrom, branch }: CacheConflict,
): string {
  return [
    filledFrom === undefined
      ? vscode.l10n.t(
          'In the cache: {0}, which another client downloaded, such as from huggingface.co',
          shortSha(snapshot),
        )
      : vscode.l10n.t('In the cache: {0} from {1}', shortSha(snapshot), filledFrom),
    vscode.l10n.t('To download: {0} from {1}', shortSha(commit), hub.endpoint.href),
    '',
    branch === undefined
      ? vscode.l10n.t('The files of both would be mixed in one folder.')
      : vscode.l10n.t(
          'Programs that load {0} by its name, without a network, would load what comes from then on, and its code.',
          model,
        ),
  ].join('\n');
}

function listOf(paths: readonly string[]): string {
  const first = paths.slice(0, NAMED_PATHS).map((path) => path.replace(/\p{C}+/gu, ' '));
  const more = paths.length - first.length;
  return more > 0 ? vscode.l10n.t('{0} and {1} more', first.join(', '), more) : first.join(', ');
}

function names(paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  const named = paths.slice(0, NAMED_PATHS).map((path) => `  ${path.replace(/\p{C}+/gu, ' ')}`);
  const more = paths.length - named.length;
  return [
    '',
    vscode.l10n.t('Already there, with different content:'),
    ...named,
    ...(more > 0 ? [`  ${vscode.l10n.t('and {0} more', more)}`] : []),
  ];
}

export function downloadedSentence(
  { source, path }: DownloadPlan,
  { files, kept }: Extract<DownloadOutcome, { kind: 'downloaded' }>,
): string {
  const version = shortSha(source.commit);
  if (kept.length > 0) {
    const left = filesText(kept.length);
    return files === 0
      ? vscode.l10n.t(
          'Nothing of {0} at {1} was downloaded to {2}. Left as it is, with different content: {3}.',
          ...[source.model, version, path, left],
        )
      : vscode.l10n.t(
          'Downloaded {0} of {1} at {2} to {3}. Left as it is, with different content: {4}.',
          ...[filesText(files), source.model, version, path, left],
        );
  }
  return files === 0
    ? vscode.l10n.t('{0} at {1} is in {2} already, byte for byte.', source.model, version, path)
    : vscode.l10n.t('Downloaded {0} at {1} to {2}.', source.model, version, path);
}

export function cancelledSentence({ source }: DownloadPlan): string {
  return vscode.l10n.t(
    'The download of {0} at {1} was cancelled. What came so far is kept, and the next download resumes from there.',
    source.model,
    shortSha(source.commit),
  );
}
