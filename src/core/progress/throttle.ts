/** Passes values on, at most one every so often; of those in between, the newest waits for {@link flush}. No timer. */
export class Throttle<T> {
  readonly #everyMs: number;
  readonly #pass: (value: T) => void;
  readonly #now: () => number;
  #newest: { readonly value: T } | undefined;
  #passedAt = -Infinity;

  /** @param now Milliseconds on a clock that only goes forward. */
  constructor(everyMs: number, pass: (value: T) => void, now: () => number = () => performance.now()) {
    this.#everyMs = everyMs;
    this.#pass = pass;
    this.#now = now;
  }

  /** Whether a value is held back. */
  get isHolding(): boolean {
    return this.#newest !== undefined;
  }

  offer(value: T): void {
    this.#newest = { value };
    if (this.#now() - this.#passedAt >= this.#everyMs) this.flush();
  }

  /** Passes on what is held back. */
  flush(): void {
    if (this.#newest === undefined) return;
    const { value } = this.#newest;
    this.#newest = undefined;
    this.#passedAt = this.#now();
    this.#pass(value);
  }
}
