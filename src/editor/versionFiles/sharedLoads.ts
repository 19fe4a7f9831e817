interface Load<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  waiting: number;
}

/** Loads by key: all who ask for the same wait for one load, which is given up once nobody waits for it any more. */
export class SharedLoads<T> {
  readonly #underWay = new Map<string, Load<T>>();

  /** Rejects with the signal's reason as soon as it is aborted. */
  async get(key: string, signal: AbortSignal, load: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const shared = this.#underWay.get(key) ?? this.#begin(key, load);
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
        this.#forget(key, shared);
        shared.controller.abort();
      }
    }
  }

  #begin(key: string, load: (signal: AbortSignal) => Promise<T>): Load<T> {
    const controller = new AbortController();
    const result = load(controller.signal).finally(() => this.#forget(key, begun));
    const begun: Load<T> = { controller, result, waiting: 0 };
    // Those who wait learn of a failure; nobody may be left.
    result.catch(() => undefined);
    this.#underWay.set(key, begun);
    return begun;
  }

  #forget(key: string, load: Load<T>): void {
    if (this.#underWay.get(key) === load) this.#underWay.delete(key);
  }
}
