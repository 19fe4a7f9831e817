import type { Pace } from './pace.ts';

/** Node takes no longer delay. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time that a server has for a call, in one attempt or several. */
export interface Allowance {
  /** Counts from now until what it returns is called. Calls `onUsedUp` once nothing is left. */
  count(onUsedUp: () => void): () => void;
  /** So many bytes moved at once: they earn the time that they may take, besides a whole grace at most. */
  moved(bytes: number): void;
}

export function createAllowance({ graceMs, bytesPerSecond }: Pace): Allowance {
  let leftMs = graceMs;
  return {
    moved: (bytes) => {
      // What came fast before is no claim to be slow for long.
      leftMs = Math.min(leftMs, graceMs) + (bytes / bytesPerSecond) * 1000;
    },
    count(onUsedUp) {
      let since = performance.now();
      let timer: NodeJS.Timeout;
      const spend = (): void => {
        const now = performance.now();
        leftMs -= now - since;
        since = now;
      };
      const wait = (): void => {
        timer = setTimeout(look, Math.min(Math.max(1, Math.ceil(leftMs)), LONGEST_TIMER_MS));
      };
      const look = (): void => {
        spend();
        if (leftMs > 0) wait();
        else onUsedUp();
      };
      wait();
      let stopped = false;
      return () => {
        clearTimeout(timer);
        if (!stopped) spend();
        stopped = true;
      };
    },
  };
}
