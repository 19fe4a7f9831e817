/** Lets work wait for its turn: of each lane one at a time, first come, first served. */
export interface Queue {
  /**
   * Runs `work` when it is its turn, and gives what it gives. Where the signal is aborted before, it leaves the queue and rejects
   * with the signal's reason; afterwards the work has to heed it by itself.
   */
  run<T>(lane: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** @param atOnce Works of one lane that run at once. */
export function createQueue(atOnce: number): Queue {
  const lanes = new Map<string, { running: number; readonly waiting: Set<() => void> }>();
  return {
    async run(lane, work, signal) {
      signal.throwIfAborted();
      const own = lanes.get(lane) ?? { running: 0, waiting: new Set() };
      lanes.set(lane, own);
      if (own.running < atOnce) own.running += 1;
      else {
        await new Promise<void>((resolve, reject) => {
          const abort = (): void => {
            own.waiting.delete(begin);
            reject(signal.reason as Error);
          };
          // Whoever ends hands its place on, so that nobody can come between.
          const begin = (): void => {
            signal.removeEventListener('abort', abort);
            resolve();
          };
          own.waiting.add(begin);
          signal.addEventListener('abort', abort, { once: true });
        });
      }
      try {
        return await work();
      } finally {
        const [next] = own.waiting;
        if (next) {
          own.waiting.delete(next);
          next();
        } else {
          own.running -= 1;
          if (own.running === 0) lanes.delete(lane);
        }
      }
    },
  };
}
