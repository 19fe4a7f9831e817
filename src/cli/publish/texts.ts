import * as l10n from '@vscode/l10n';
import { amountLines, sourceLines, travellingAtMost, versionLine } from '../../core/publish/planTexts.ts';
import type { PublishPlan, PublishStep } from '../../core/publish/publishing.ts';
import type { PublishWarning } from '../../core/publish/warnings.ts';
import { namedPaths, warningSentence } from '../../core/publish/warningTexts.ts';
import type { Snapshot, UncommittedChange } from '../../core/snapshot/snapshot.ts';
import { bytes } from '../texts.ts';
import type { FileEvent } from './events.ts';

const stepLabels: Record<PublishStep, () => string> = {
  create: () => l10n.t('Preparing the model'),
  preupload: () => l10n.t('Checking what to send'),
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

/** What is made, of what, and where it goes: ahead of all else. */
export function planHeading(plan: PublishPlan): readonly string[] {
  const { hub, model } = plan.target;
  return [
    versionLine(plan),
    ...sourceLines(plan.snapshot),
    l10n.t('Destination: {0} at {1}', model, hub.endpoint.href),
  ];
}

/** "Files: 2 new, 1 changed", "To upload: 98 MB at most", "Already in registry: 1.2 GB". */
export function planAmounts(plan: PublishPlan): readonly string[] {
  return amountLines(plan, travellingAtMost(plan));
}

/** What a publish would fail with. */
export function missingLines({ missing }: PublishPlan): readonly string[] {
  return missing === undefined ? [] : [l10n.t('Warning: {0}', missing.message)];
}

/** What stays behind, a line for each kind of it. */
export function uncommittedLines({ uncommitted, notCompared }: Snapshot): readonly string[] {
  const paths = (are: (change: UncommittedChange) => boolean): readonly string[] =>
    uncommitted.filter(are).map(({ path }) => path);
  const left = paths(({ kind }) => kind !== 'touched');
  const touched = paths(({ kind }) => kind === 'touched');
  return [
    ...(notCompared === undefined
      ? []
      : [warningSentence({ kind: 'notCompared', reason: notCompared.message })]),
    ...(left.length > 0 ? [warningSentence({ kind: 'uncommitted', paths: left })] : []),
    ...(touched.length > 0
      ? [
          l10n.t(
            'Too large, or filtered, to compare with the commit, whose content is published (“git status” tells whether they changed): {0}.',
            namedPaths(touched),
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
