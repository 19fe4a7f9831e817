import { Lane } from '../async/lanes.ts';
import { createConcurrencyControl } from './concurrency.ts';

/** Connections at once, at most: more bring nothing, and a client may have few to one server. */
export const MOST_TRANSFERS = 16;
const SAMPLE_MS = 500;

/** The connections that whole files and parts of files share. */
export interface TransferBudget {
  /** Resolves with the way to give the connection back, first come, first served. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
  /** Connections that nobody uses now. */
  readonly free: number;
  /** Bytes a second of late; 0 before anything is known. */
  readonly rate: number;
  /** Bytes left, or, where negative, are sent again. */
  sent(bytes: number): void;
  /** A server asked for less, or a connection stood still. */
  congested(): void;
}

/** A budget that adapts to the link, without a timer: it looks at the clock whenever bytes leave. */
export function createTransferBudget(
  cap = MOST_TRANSFERS,
  now: () => number = () => performance.now(),
): TransferBudget {
  const control = createConcurrencyControl(Math.max(1, Math.min(cap, MOST_TRANSFERS)));
  const lane = new Lane(() => control.limit);
  let rate = 0;
  let since = now();
  let bytes = 0;
  let ended = 0;
  /** Whether every connection was in use since the last sample. */
  let saturated = false;

  const sample = (): void => {
    const elapsedMs = now() - since;
    if (elapsedMs < SAMPLE_MS) return;
    rate = Math.max(0, (bytes * 1000) / elapsedMs);
    control.sample({ elapsedMs, bytes, ended, saturated });
    since = now();
    bytes = 0;
    ended = 0;
    lane.admit();
    saturated = lane.used >= control.limit;
  };

  return {
    async take(signal) {
      const release = await lane.acquire(signal);
      return () => {
        release();
        ended += 1;
        if (lane.used < control.limit) saturated = false;
        sample();
      };
    },
    get free() {
      return Math.max(0, control.limit - lane.used);
    },
    get rate() {
      return rate;
    },
    sent(more) {
      bytes += more;
      sample();
    },
    congested() {
      control.congested();
    },
  };
}
