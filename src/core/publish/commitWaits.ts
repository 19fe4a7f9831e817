/** What is waited for around a commit, in milliseconds. */
export interface CommitWaits {
  /** How long the answer to a commit that was sent whole is awaited after a cancel: it may well have happened. */
  readonly grace: number;
  /** Before the commit is sent again, each time. */
  readonly pauses: readonly number[];
  /** Before each look for a commit that cannot be sent again. Absent: `pauses`. */
  readonly looks?: readonly number[];
  /** Without a byte: servers hash, copy and scan before they answer. Absent: what the HTTP client allows. */
  readonly idle?: number;
}

/**
 * A registry that is started anew takes some seconds; one that works behind a gateway which gave up may take a minute.
 */
export const COMMIT_WAITS: CommitWaits = {
  grace: 5_000,
  pauses: [500, 1_500, 4_500],
  looks: [500, 1_500, 4_500, 8_500, 15_000, 30_000],
  idle: 10 * 60_000,
};
