import type { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { RemoteCommit } from '../hub/commitList.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';
import type { CommitName } from '../objectIds.ts';
import type { HubTarget } from '../hosts/host.ts';
import type { Snapshot, SnapshotFile } from '../snapshot/snapshot.ts';
import type { KnownHashes } from './compare.ts';
import type { FileEvent } from './fileEvents.ts';
import type { RecordedRegistry } from './journals.ts';

export interface PublishTarget {
  readonly hub: HubTarget;
  /** `namespace/name`. */
  readonly model: string;
}

/** What a publish will do, worked out by reading only. */
export interface PublishPlan {
  readonly snapshot: Snapshot;
  readonly target: PublishTarget;
  /** The head of the target revision that the plan was made against; undefined where the model does not exist yet. */
  readonly parentCommit: CommitName | undefined;
  /**
   * The branch that a revision which does not exist yet begins with, where the registry makes branches; then the plan
   * compares with what that holds. Undefined where the revision is there, and where the commit makes it.
   */
  readonly startsFrom?: { readonly revision: string; readonly commit: CommitName } | undefined;
  /** Files the registry's head lacks or holds with other content. */
  readonly changed: readonly SnapshotFile[];
  readonly unchanged: readonly SnapshotFile[];
  /** Paths of the registry's head that are gone from the commit. */
  readonly deleted: readonly string[];
  /** Bytes of `changed`: what travels at most. Objects that the server has under another path or commit stay home. */
  readonly bytes: number;
  /** What the registry's head holds, by path. */
  readonly remote: ReadonlyMap<string, RemoteFile>;
  /** SHA-256s of plain files that the registry's head keeps as objects, by path. */
  readonly hashes: KnownHashes;
  /** What a publish would end in, as content is neither here nor, as far as can be asked, there; else absent. */
  readonly missing?: Failure;
}

declare const brand: unique symbol;

/**
 * Names everything that a publish would do, in one word: two plans of equal digests make the registry's head the same
 * bytes, under the same message, on top of the same version.
 */
export type PlanDigest = string & { readonly [brand]: 'planDigest' };

export type PublishStep = 'create' | 'preupload' | 'hash' | 'upload' | 'commit' | 'verify';

/** Steps may run side by side: `preupload`, `hash` and `upload` do. A publish ended in one that did not finish. */
export type PublishEvent =
  | { readonly kind: 'stepStarted'; readonly step: PublishStep }
  | { readonly kind: 'stepFinished'; readonly step: PublishStep }
  /** `sentBytes` of `totalBytes` and `sentFiles` of `totalFiles` are on the server; counts only what travels. */
  | {
      readonly kind: 'progress';
      readonly sentBytes: number;
      readonly totalBytes: number;
      readonly sentFiles: number;
      readonly totalFiles: number;
    };

/** How a publish ended. Cancelling is an outcome of its own, never a failure. */
export type PublishOutcome =
  | {
      readonly kind: 'published';
      /** The commit in the registry. */
      readonly commit: CommitName;
      /** False when the registry's head already held exactly this snapshot and nothing was sent. */
      readonly created: boolean;
      readonly sentBytes: number;
      /** False where the server offers no listing to compare the new commit with, or it could not be read. */
      readonly verified: boolean;
      /** Paths whose content the server changed by itself while it took the commit: `.gitattributes`, or nothing. */
      readonly serverEdited: readonly string[];
      /**
       * The newest commit of someone who published between the plan and this commit. The registry's head is this
       * snapshot all the same; what only theirs held is in their version. Absent where nobody did.
       */
      readonly follows?: RemoteCommit;
    }
  | {
      readonly kind: 'cancelled';
      readonly sentBytes: number;
      /** The commit had been sent whole, and the registry did not show it: it may still appear. */
      readonly unsettled: boolean;
    }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly sentBytes: number };

export interface PublishOptions {
  readonly onEvent: (event: PublishEvent) => void;
  /** Told of every file that is hashed or sent by itself; files inside the commit are not. */
  readonly onFile?: (event: FileEvent) => void;
  /** Takes the place of the publisher's own log. Has to redact. */
  readonly log?: Log;
  /** Aborting stops every socket; once the commit was sent whole its answer is still awaited for some seconds. */
  readonly signal: AbortSignal;
  /** The registry's commit message: the first line is its summary, the rest its description. Absent: HEAD's subject. */
  readonly message?: string;
  /** Files and their parts on the way at once, up to `MOST_TRANSFERS`. Absent: as many as the connection takes. */
  readonly concurrency?: number;
  /** What was agreed to before the snapshot was opened anew, or the plan made: any other plan fails with `conflict`. */
  readonly agreed?: PlanDigest;
  /**
   * Whether to go on where someone else published meanwhile, once the snapshot was compared with what they published.
   * Where not, it is a `conflict`. Absent: goes on.
   */
  readonly mayFollow?: (compared: PublishPlan) => boolean;
  /** The registry that is published to, for whoever goes on with the publish where it is interrupted. */
  readonly registry?: RecordedRegistry;
}

/** Plans and carries out publishes, and knows which are under way. One per process. */
export interface Publisher {
  /**
   * Works out by reading only what a publish would do; creates nothing. While a snapshot is still being opened the
   * registry is asked already; where both fail, it is the snapshot's failure that is told. Whoever opened the snapshot
   * disposes of it. Throws a `Failure`, or the signal's reason when aborted.
   */
  plan(
    snapshot: Snapshot | Promise<Snapshot>,
    target: PublishTarget,
    signal: AbortSignal,
  ): Promise<PublishPlan>;
  /**
   * Carries a plan out. Nothing becomes visible in the registry before its commit step. Never throws for what a server,
   * a file or a person does; when it resolves no socket, file handle or timer of it is left.
   *
   * Where someone else publishes meanwhile, it compares again and, where that is wanted, commits on top of theirs,
   * once: a publish makes the head equal to the snapshot, whoever was there before, and every version stays in the
   * registry. A second time is a `conflict`.
   */
  publish(plan: PublishPlan, options: PublishOptions): Promise<PublishOutcome>;
}
