import type { Failure } from '../failure.ts';
import type { GitObjectId } from '../objectIds.ts';
import type { HubTarget } from '../registryHost.ts';
import type { Snapshot, SnapshotFile } from '../snapshot/snapshot.ts';

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
  readonly parentCommit: GitObjectId | undefined;
  /** Files the registry's head lacks or holds with other content. */
  readonly changed: readonly SnapshotFile[];
  readonly unchanged: readonly SnapshotFile[];
  /** Paths of the registry's head that are gone from the commit. */
  readonly deleted: readonly string[];
  /** Bytes of `changed`: what travels at most. Objects that the server has under another path or commit stay home. */
  readonly bytes: number;
}

export type PublishStep = 'create' | 'preupload' | 'hash' | 'upload' | 'commit' | 'verify';

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
      readonly commit: GitObjectId;
      /** False when the registry's head already held exactly this snapshot and nothing was sent. */
      readonly created: boolean;
      readonly sentBytes: number;
    }
  | { readonly kind: 'cancelled'; readonly sentBytes: number }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly sentBytes: number };
