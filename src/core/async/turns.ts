/** Work on the same thing, one after the other. */
export interface Turns {
  /**
   * Does `work` when all work on `key` that came before has ended. `waited` tells whether there was any. Rejects with the signal's
   * reason when it is aborted while waiting.
   */
  inTurn<T>(key: string, signal: AbortSignal, work: (waited: boolean) => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    async inTurn(key, signal, work) {
      const before = last.get(key);
      let end: () => void = () => undefined;
      const mine = new Promise<void>((resolve) => (end = resolve));
      const all = before ? before.then(() => mine) : mine;
      last.set(key, all);
      try {
        if (before) await unlessAborted(before, signal);
        return await work(before !== undefined);
      } finally {
        end();
        if (last.get(key) === all) last.delete(key);
      }
    },
  };
}

function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}
