/** Loads by key: all who ask for the same wait for one load, which is given up once nobody waits for it any more. */
interface SharedLoads<T> {
  /** Rejects with the signal's reason as soon as it is aborted. */
  get(key: string, signal: AbortSignal, load: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

interface Load<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  waiting: number;
}

export function createSharedLoads<T>(): SharedLoads<T> {
  const underWay = new Map<string, Load<T>>();

  function begin(key: string, load: (signal: AbortSignal) => Promise<T>): Load<T> {
    const controller = new AbortController();
    const begun: Load<T> = {
      controller,
      result: load(controller.signal).finally(() => forget(key, begun)),
      waiting: 0,
    };
    // Those who wait learn of a failure; nobody may be left.
    begun.result.catch(() => undefined);
    underWay.set(key, begun);
    return begun;
  }

  function forget(key: string, load: Load<T>): void {
    if (underWay.get(key) === load) underWay.delete(key);
  }

  return {
    async get(key, signal, load) {
      signal.throwIfAborted();
      const shared = underWay.get(key) ?? begin(key, load);
      shared.waiting += 1;
      let abort = (): void => undefined;
      const aborted = new Promise<never>((_resolve, reject) => {
        abort = () => reject(signal.reason as Error);
      });
      signal.addEventListener('abort', abort, { once: true });
      try {
        return await Promise.race([shared.result, aborted]);
      } finally {
        signal.removeEventListener('abort', abort);
        shared.waiting -= 1;
        if (shared.waiting === 0) {
          forget(key, shared);
          shared.controller.abort();
        }
      }
    },
  };
}
