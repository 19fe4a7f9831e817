import { setMaxListeners } from 'node:events';

/** Lets work wait for its turn: so many at once, first come, first served. */
export class Lane {
  readonly #atOnce: () => number;
  readonly #waiting = new Set<() => void>();
  #used = 0;

  /** @param atOnce Asked whenever a place may be given away. Where it grows by itself, {@link admit} is owed. */
  constructor(atOnce: () => number) {
    this.#atOnce = atOnce;
  }

  /** Places that are taken. */
  get used(): number {
    return this.#used;
  }

  get isIdle(): boolean {
    return this.#used === 0 && this.#waiting.size === 0;
  }

  /**
   * Resolves when there is a place, with the way to give it back, which has to be called once. Rejects with the
   * signal's reason where that comes before; then there is no place to give back.
   */
  acquire(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      // Any number may wait with one signal; Node would take their listeners for a leak.
      setMaxListeners(0, signal);
      const abort = (): void => {
        this.#waiting.delete(begin);
        reject(signal.reason as Error);
      };
      const begin = (): void => {
        signal.removeEventListener('abort', abort);
        resolve(this.#release);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(begin);
      this.admit();
    });
  }

  /** Does `work` in a place of its own. Work that has begun has to heed the signal by itself. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const release = await this.acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Gives free places to those who wait. */
  admit(): void {
    for (const begin of this.#waiting) {
      if (this.#used >= this.#atOnce()) return;
      this.#waiting.delete(begin);
      this.#used += 1;
      begin();
    }
  }

  readonly #release = (): void => {
    this.#used -= 1;
    this.admit();
  };
}

/** A lane for every key, as long as somebody is in it. */
export class Lanes {
  readonly #atOnce: number;
  readonly #lanes = new Map<string, Lane>();

  /** @param atOnce Places in each lane. */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Whether work of that key would have to wait. */
  isFull(key: string): boolean {
    return (this.#lanes.get(key)?.used ?? 0) >= this.#atOnce;
  }

  /** As {@link Lane.acquire}, in the lane of that key. */
  async acquire(key: string, signal: AbortSignal): Promise<() => void> {
    const lane = this.#lanes.get(key) ?? new Lane(() => this.#atOnce);
    this.#lanes.set(key, lane);
    const forget = (): void => {
      if (lane.isIdle) this.#lanes.delete(key);
    };
    try {
      const release = await lane.acquire(signal);
      return () => {
        release();
        forget();
      };
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** As {@link Lane.run}, in the lane of that key. */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const release = await this.acquire(key, signal);
    try {
      return await work();
    } finally {
      release();
    }
  }
}
