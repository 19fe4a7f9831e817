import type { Failure } from '../../failure.ts';
import type { LfsObject } from '../../hub/lfsBatch.ts';
import type { Sha256 } from '../../objectIds.ts';
import type { SnapshotFile } from '../../snapshot/snapshot.ts';

/** Content that travels by itself, and that the commit names by its hash. */
export interface TransportObject extends LfsObject {
  /** Where its bytes come from. */
  readonly source: SnapshotFile;
  /** The files of the snapshot that hold it; more may turn up while it travels. */
  readonly files: readonly SnapshotFile[];
}

export interface SendOptions {
  /** Does one transfer, of a whole object or of a part, when a connection is free. */
  readonly inTurn: <T>(transfer: () => Promise<T>) => Promise<T>;
  /** Bytes that left since the last call; negative where they are sent again. */
  readonly onBytes: (bytes: number) => void;
  /** Called before a request is tried again, with what went wrong. */
  readonly onRetry: (failure: Failure) => void;
  readonly signal: AbortSignal;
}

/**
 * A way for objects to reach a registry, for one publish. Every call throws a `Failure`, or the signal's reason when
 * aborted; after that no other is made.
 */
export interface ObjectTransport {
  /** Which of at most `MAX_PER_CALL` objects the registry lacks. Asked once about each, of several sets at once. */
  ask(objects: readonly TransportObject[], signal: AbortSignal): Promise<ReadonlySet<Sha256>>;
  /** Sends one object that was lacking, of many at once, some time later. `stored`: somebody else was faster. */
  send(object: TransportObject, options: SendOptions): Promise<'sent' | 'stored'>;
  /** Does what is left before a commit may name what was sent. Called once, after the last `send` has resolved. */
  settle(signal: AbortSignal): Promise<void>;
}
