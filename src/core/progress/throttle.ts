/** Milliseconds between two tellings. */
const EVERY_MS = 100;
/** Milliseconds after which it is told that nothing happened. */
const STALL_MS = 1000;

/** Tells at most every 100 ms. */
export interface Throttled {
  /** Tells now, or, where it was told just before, a moment later what holds then, though nothing follows. */
  readonly sometimes: () => void;
  /** Tells now. */
  readonly now: () => void;
  /** Drops what was not told yet, and has no timer left. Has to be called at the end. */
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

/** Tells at most every 100 ms, and every second though nothing happens: of a rate, it is news that nothing did. */
export interface Steady extends Pick<Throttled, 'sometimes' | 'now'> {
  /** Tells the last time, and has no timer left. */
  readonly end: () => void;
}

export function steady(tell: () => void): Steady {
  const { sometimes, now, stop } = throttled(tell);
  const beat = setInterval(now, STALL_MS);
  return {
    sometimes,
    now,
    end: () => {
      clearInterval(beat);
      stop();
      tell();
    },
  };
}
