import * as l10n from '@vscode/l10n';
import type { PublishStep } from '../../core/publish/publishing.ts';
import type { PublishWarning } from '../../core/publish/warnings.ts';
import { warningSentence } from '../../core/publish/warningTexts.ts';
import { bytes } from '../texts.ts';
import type { FileEvent, PlanEvent } from './events.ts';

const stepLabels: Record<PublishStep, () => string> = {
  create: () => l10n.t('Preparing the model'),
  preupload: () => l10n.t('Asking what is needed'),
  hash: () => l10n.t('Hashing'),
  upload: () => l10n.t('Uploading'),
  commit: () => l10n.t('Committing'),
  verify: () => l10n.t('Verifying'),
};

const changeMarks: Record<FileEvent['change'], string> = { new: '+', changed: '~', deleted: '-' };

export function stepLabel(step: PublishStep): string {
  return stepLabels[step]();
}

/** "+ model.safetensors (98 MB)". */
export function fileLine({ change, path, size }: FileEvent): string {
  return `${changeMarks[change]} ${path}${size === undefined ? '' : ` (${bytes(size)})`}`;
}

/** "HEAD 1a2b3c4 (main) Add an adapter → acme/model at https://…". */
export function planHeading({ commit, branch, subject, model, hub, revision }: PlanEvent): string {
  const from = `${commit.slice(0, 7)}${branch === undefined ? '' : ` (${branch})`} ${subject}`;
  return revision === 'main'
    ? l10n.t('{0} → {1} at {2}', from, model, hub)
    : l10n.t('{0} → {1}, revision {3}, at {2}', from, model, hub, revision);
}

/** "2 new, 1 changed, 0 deleted, 12 unchanged files; 98 MB to send at most". */
export function planCounts(plan: PlanEvent): string {
  return l10n.t(
    '{0} new, {1} changed, {2} deleted, {3} unchanged files; {4} to send at most',
    ...[plan.new, plan.changed, plan.deleted, plan.unchanged, bytes(plan.bytes)],
  );
}

/** The repository whose commit is read, in a line of its own, where it is not the one in the folder. */
export function repositoryLines({ repository }: PlanEvent): readonly string[] {
  return repository === undefined
    ? []
    : [l10n.t('Reads the commit of the repository {0}', repository.replace(/\p{C}+/gu, ' '))];
}

/** The hub's model that is read, in a line of its own, and its licence. */
export function sourceLines({ from }: PlanEvent): readonly string[] {
  if (from === undefined) return [];
  const { address, revision, licenses } = from;
  return [
    licenses.length === 0
      ? l10n.t('From {0} at {1}', address, revision)
      : l10n.t('From {0} at {1}, licensed as {2}', address, revision, licenses.join(', ')),
  ];
}

/** That the revision is not there yet, and what becomes of it. */
export function revisionLines({ newRevision, revision }: PlanEvent): readonly string[] {
  if (newRevision === undefined) return [];
  return newRevision.from === undefined
    ? [l10n.t('The revision {0} does not exist yet: publishing makes it.', revision)]
    : [
        l10n.t(
          'The revision {0} does not exist yet: publishing makes it, as a branch that begins with what {1} holds. The numbers are against that.',
          ...[revision, newRevision.from],
        ),
      ];
}

/** What a publish would fail with. */
export function missingLines({ missing }: PlanEvent): readonly string[] {
  return missing === undefined ? [] : [l10n.t('Warning: {0}', missing.message)];
}

/** What stays behind, a line for each kind of it. */
export function uncommittedLines({ uncommitted, touched, notCompared }: PlanEvent): readonly string[] {
  return [
    ...(notCompared === undefined ? [] : [warningSentence({ kind: 'notCompared', reason: notCompared })]),
    ...(uncommitted > 0
      ? [l10n.t('{0} changed files are not in the commit, and stay behind.', uncommitted)]
      : []),
    ...(touched > 0
      ? [
          l10n.t(
            '{0} files that are large, or pass through a filter, may have changed since the commit, and were not compared. The commit’s content is published; “git status” tells whether they did.',
            touched,
          ),
        ]
      : []),
  ];
}

/** What to know before a publish; {@link uncommittedLines} tells what stays behind. */
export function warningLines(warnings: readonly PublishWarning[]): readonly string[] {
  return warnings
    .filter(({ kind }) => kind !== 'uncommitted' && kind !== 'notCompared')
    .map((warning) => l10n.t('Warning: {0}', warningSentence(warning)));
}
