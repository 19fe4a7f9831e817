/** What transfers did for a while. */
interface TransferSample {
  readonly elapsedMs: number;
  /** Bytes that left. */
  readonly bytes: number;
  /** Transfers that ended well. */
  readonly ended: number;
  /** Every connection was in use: only then the sample says what the link gives to that many. */
  readonly saturated: boolean;
}

/** Finds out how many connections a link is worth. Pure: it is told what happened, and has no clock. */
export interface ConcurrencyControl {
  /** Connections to use now. */
  readonly limit: number;
  sample(sample: TransferSample): void;
  /** A server asked for less, or a connection stood still. */
  congested(): void;
}

/** Connections at first: a browser opens six to a server. */
const START = 4;
/** What one transfer counts for beside its bytes: with small objects the round trips are the work. */
const TRANSFER_WORTH_BYTES = 64 * 1024;
/** More connections are kept where they bring at least this share of what they would at the speed of those before. */
const WORTHWHILE = 0.25;
/** Samples to wait after more brought nothing, and after congestion. */
const PATIENCE = 8;

/**
 * Climbs while total throughput grows by it: half as many connections again at each step, back where that brought too
 * little, and another try some samples later, because links change. Congestion halves.
 */
export function createConcurrencyControl(cap: number): ConcurrencyControl {
  let limit = Math.max(1, Math.min(START, cap));
  let before: { readonly limit: number; readonly rate: number } | undefined;
  let wait = 0;
  let halved = false;

  return {
    get limit() {
      return limit;
    },
    sample({ elapsedMs, bytes, ended, saturated }) {
      halved = false;
      if (!saturated || elapsedMs <= 0) return;
      const rate = Math.max(0, bytes + ended * TRANSFER_WORTH_BYTES) / elapsedMs;
      if (before !== undefined) {
        const wanted = before.rate * (1 + WORTHWHILE * (limit / before.limit - 1));
        if (rate < wanted) {
          limit = before.limit;
          wait = PATIENCE;
        }
        before = undefined;
      }
      if (wait > 0) {
        wait -= 1;
      } else if (limit < cap) {
        before = { limit, rate };
        limit = Math.min(cap, limit + Math.ceil(limit / 2));
      }
    },
    congested() {
      // A storm hits every connection; it counts once a sample.
      if (halved) return;
      halved = true;
      before = undefined;
      wait = PATIENCE;
      limit = Math.max(1, Math.floor(limit / 2));
    },
  };
}
