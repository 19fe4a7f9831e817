import { bytesOf, type CommitPlan, type PlannedFile, type SetupPlan } from '../../core/setup/plans.ts';
import type { ReportedFailure } from '../failures.ts';

/** What `init --json` writes, one a line: files first, then the plan; the last line is an ending, but for a dry run. */
export type SetupEvent = PlannedFileEvent | IgnoredEvent | WrittenEvent | SetupPlanEvent | SetupEnding;

/** A file that the commit adds, changes or removes. `publish --commit` writes these, too. */
export interface PlannedFileEvent extends Omit<PlannedFile, 'size'> {
  readonly kind: 'committedFile';
  /** Bytes; absent for a file that is removed. */
  readonly size?: number;
}

/** A line that `.gitignore` gets, and what it keeps out. */
interface IgnoredEvent {
  readonly kind: 'ignored';
  readonly line: string;
  readonly files: number;
  readonly bytes: number;
}

/** A file that is written for the person. */
interface WrittenEvent {
  readonly kind: 'written';
  readonly path: string;
  readonly isNew: boolean;
  /** The lines that it gets. */
  readonly added: readonly string[];
}

interface SetupPlanEvent {
  readonly kind: 'setup';
  /** Absolute path. */
  readonly folder: string;
  /** `new`: there is none yet. `empty`: there is one without a commit. */
  readonly repository: SetupPlan['repository'];
  /** Numbers of files, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  readonly lfsFiles: number;
  readonly lfsBytes: number;
  /** Absent where nobody has told Git who commits. */
  readonly author?: string;
  /** Sentences that say what to know before. */
  readonly warnings: readonly string[];
  /** Files that look like they hold secrets. */
  readonly secrets: readonly string[];
}

type SetupEnding =
  | {
      readonly kind: 'committed';
      readonly message: string;
      readonly commit: string;
      readonly branch?: string;
      readonly files: number;
      readonly lfsFiles: number;
      /** `absent`: large files are in Git LFS's form, but Git LFS is not installed. */
      readonly lfs: 'installed' | 'absent' | 'unused';
    }
  | { readonly kind: 'cancelled'; readonly message: string }
  | ({ readonly kind: 'failed' } & ReportedFailure);

export function plannedFileEvents({ files }: Pick<CommitPlan, 'files'>): readonly PlannedFileEvent[] {
  return files.map(({ path, change, store, size }) => ({
    kind: 'committedFile',
    path,
    change,
    store,
    ...(change !== 'deleted' && { size }),
  }));
}

export function setupEvents(plan: SetupPlan, warnings: readonly string[]): readonly SetupEvent[] {
  const inLfs = plan.files.filter(({ store }) => store === 'lfs');
  const { author } = plan;
  return [
    ...plannedFileEvents(plan),
    ...plan.ignored.map((each) => ({ kind: 'ignored', ...each }) as const),
    ...plan.writes.map(
      ({ path, added, before }) => ({ kind: 'written', path, isNew: before === undefined, added }) as const,
    ),
    {
      kind: 'setup',
      folder: plan.top,
      repository: plan.repository,
      files: plan.files.length,
      bytes: bytesOf(plan.files),
      lfsFiles: inLfs.length,
      lfsBytes: bytesOf(inLfs),
      ...(author && { author: `${author.name} <${author.email}>` }),
      warnings,
      secrets: plan.secrets,
    },
  ];
}
