import { foreignGitFolder } from '../../core/snapshot/foreignGitFolder.ts';
import { Throttle } from '../../core/progress/throttle.ts';
import { DEFAULT_BRANCH } from '../../core/publish/plan.ts';
import type { PublishEvent, PublishPlan } from '../../core/publish/publishing.ts';
import type { PublishWarning } from '../../core/publish/warnings.ts';
import { warningSentence } from '../../core/publish/warningTexts.ts';
import type { HubOrigin } from '../../core/snapshot/snapshot.ts';
import type { ReportedFailure } from '../failures.ts';
import type { PlannedFileEvent } from '../setup/events.ts';

/** What `publish --json` writes, one a line. The last line is an {@link Ending}; with `--dry-run`, the plan. */
export type JsonEvent =
  | PlannedFileEvent
  | CommittedEvent
  | FileEvent
  | WarningEvent
  | PlanEvent
  | PublishEvent
  | Ending;

/** What was not committed is, with `--commit`; the files came before. */
interface CommittedEvent {
  readonly kind: 'committed';
  readonly commit: string;
  /** Numbers of files. */
  readonly files: number;
  readonly lfsFiles: number;
}

/** A file that would change in the registry. Written before the plan, with `--dry-run` only. */
export interface FileEvent {
  readonly kind: 'file';
  readonly change: 'new' | 'changed' | 'deleted';
  /** Relative to the published folder, forward slashes. */
  readonly path: string;
  /** Bytes; absent for a deleted file. */
  readonly size?: number;
}

/** Something to know before a publish. Written after the plan; with `--dry-run` before it. */
interface WarningEvent {
  readonly kind: 'warning';
  readonly warning: PublishWarning['kind'];
  readonly message: string;
  /** All the files that it is about, relative to the published folder. */
  readonly paths?: readonly string[];
}

/** What a publish will do. */
interface PlanEvent {
  readonly kind: 'plan';
  readonly hub: string;
  /** `namespace/name`. */
  readonly model: string;
  readonly revision: string;
  /** The commit that is published. */
  readonly commit: string;
  /** First line of its message. */
  readonly subject: string;
  /** Absent where HEAD is detached. */
  readonly branch?: string;
  /** Where the commit is, of a model of another hub. */
  readonly from?: {
    /** Of the model: the hub and the model's own id, which may be another one than was asked for. */
    readonly address: string;
    readonly revision: string;
    /** As the model's card names them; empty where it names none. */
    readonly licenses: readonly string[];
  };
  /** The Git folder whose commit it is, where that is not `.git` in the work tree, but a `.git` leads there. */
  readonly repository?: string;
  /**
   * Where the revision does not exist yet: `from` is the branch that it begins with, where the registry makes branches.
   */
  readonly newRevision?: { readonly from?: string };
  /** The registry's commit that the new one is built on; absent where there is none yet. */
  readonly parentCommit?: string;
  /** Numbers of files. */
  readonly new: number;
  readonly changed: number;
  readonly deleted: number;
  readonly unchanged: number;
  /** Content that is neither here nor, as far as it can be asked, in the registry: the publish would fail. */
  readonly missing?: {
    /** A sentence that says what helps. */
    readonly message: string;
    /** Files that it is about, relative to the published folder. */
    readonly paths: readonly string[];
  };
  /** Bytes of new and changed files: what travels at most. */
  readonly bytes: number;
  /** Number of files that are changed, but not committed, and stay behind; 0 where `notCompared` is there. */
  readonly uncommitted: number;
  /** A sentence that says why it is not known whether anything is not committed; absent where it is. */
  readonly notCompared?: string;
  /** Number of files, large or passing through a filter, that look touched, and were not compared with the commit. */
  readonly touched: number;
}

/** How a publish ended. `message` is a sentence for people; everything else is for programs. */
export type Ending =
  | {
      readonly kind: 'published';
      readonly message: string;
      /** The commit in the registry. */
      readonly commit: string;
      readonly sentBytes: number;
      /** Whether the registry's listing of the new commit was compared with what was sent. */
      readonly verified: boolean;
      /** Paths that the registry changed by itself. */
      readonly serverEdited: readonly string[];
      /** The newest commit of someone who published meanwhile, which this version follows; absent where nobody did. */
      readonly follows?: string;
    }
  /** The registry's head held exactly these files already. */
  | { readonly kind: 'unchanged'; readonly message: string; readonly commit: string }
  | {
      readonly kind: 'cancelled';
      readonly message: string;
      readonly sentBytes: number;
      /** The commit had been sent whole: it may still appear. */
      readonly unsettled: boolean;
    }
  | ({ readonly kind: 'failed'; readonly sentBytes: number } & ReportedFailure);

export function planEvent(plan: PublishPlan): PlanEvent {
  const { snapshot, target, parentCommit, startsFrom, changed, unchanged, deleted, bytes, remote } = plan;
  const added = changed.filter(({ path }) => !remote.has(path)).length;
  const touched = snapshot.uncommitted.filter((change) => change.kind === 'touched').length;
  return {
    kind: 'plan',
    hub: target.hub.endpoint.href,
    model: target.model,
    revision: target.hub.revision,
    commit: snapshot.commit,
    subject: snapshot.subject,
    branch: snapshot.branch,
    ...(snapshot.origin.kind === 'hub' && { from: sourceOf(snapshot.origin) }),
    repository: foreignGitFolder(snapshot),
    ...(parentCommit === undefined &&
      target.hub.revision !== DEFAULT_BRANCH && {
        newRevision: startsFrom ? { from: startsFrom.revision } : {},
      }),
    parentCommit,
    new: added,
    changed: changed.length - added,
    deleted: deleted.length,
    unchanged: unchanged.length,
    ...(plan.missing !== undefined && {
      missing: { message: plan.missing.message, paths: plan.missing.paths },
    }),
    bytes,
    uncommitted: snapshot.uncommitted.length - touched,
    ...(snapshot.notCompared !== undefined && { notCompared: snapshot.notCompared.message }),
    touched,
  };
}

function sourceOf({ address, revision, licenses }: HubOrigin): PlanEvent['from'] {
  return { address, revision, licenses };
}

export function warningEvent(warning: PublishWarning): WarningEvent {
  const message = warningSentence(warning);
  return {
    kind: 'warning',
    warning: warning.kind,
    message,
    ...('paths' in warning && { paths: warning.paths }),
  };
}

/** Everything that would change, by path. */
export function fileEvents({ changed, deleted, remote }: PublishPlan): readonly FileEvent[] {
  const events = [
    ...changed.map(({ path, size }): FileEvent => ({
      kind: 'file',
      change: remote.has(path) ? 'changed' : 'new',
      path,
      size,
    })),
    ...deleted.map((path): FileEvent => ({ kind: 'file', change: 'deleted', path })),
  ];
  return events.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** The least time between two events of progress, in milliseconds. */
const EVERY_MS = 200;

interface CalmEvents {
  readonly onEvent: (event: PublishEvent) => void;
  /** Passes on what was held back. */
  end(): void;
}

/**
 * Passes events on, those of progress at most every 200 ms. What was held back goes ahead of the next step, so that the
 * last numbers of a step are its whole.
 *
 * @param now Milliseconds on a clock that only goes forward.
 */
export function calmEvents(pass: (event: PublishEvent) => void, now: () => number): CalmEvents {
  const progress = new Throttle(EVERY_MS, pass, now);
  return {
    end: () => progress.flush(),
    onEvent: (event) => {
      if (event.kind === 'progress') progress.offer(event);
      else {
        progress.flush();
        pass(event);
      }
    },
  };
}
