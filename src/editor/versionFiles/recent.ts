/** The values used last, as many as their weights allow. */
export class Recent<T> {
  readonly #most: number;
  readonly #weightOf: (value: T) => number;
  readonly #values = new Map<string, T>();
  #weight = 0;

  /** @param most Sum of the weights kept; a value that weighs more than that is not kept at all. */
  constructor(most: number, weightOf: (value: T) => number) {
    this.#most = most;
    this.#weightOf = weightOf;
  }

  get(key: string): T | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    // To the end, among the newest.
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  set(key: string, value: T): void {
    this.#drop(key);
    this.#values.set(key, value);
    this.#weight += this.#weightOf(value);
    for (const oldest of this.#values.keys()) {
      if (this.#weight <= this.#most) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#weight -= this.#weightOf(value);
  }
}
