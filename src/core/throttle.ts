/** Milliseconds between two tellings. */
const EVERY_MS = 100;

/** Tells at most every 100 ms. */
export interface Throttled {
  /** Tells now, or, where it was told just before, a moment later what holds then, though nothing follows. */
  readonly sometimes: () => void;
  /** Tells now, and has no timer left. This or `stop` has to be called at the end. */
  readonly now: () => void;
  /** Drops what was not told yet, and has no timer left. */
  readonly stop: () => void;
}

export function throttled(tell: () => void): Throttled {
  let told = -Infinity;
  let later: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(later);
    later = undefined;
  };
  const now = (): void => {
    stop();
    told = performance.now();
    tell();
  };
  return {
    now,
    stop,
    sometimes: () => {
      if (performance.now() - told >= EVERY_MS) now();
      else later ??= setTimeout(now, EVERY_MS);
    },
  };
}
