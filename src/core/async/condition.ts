/** Lets loops wait until what they depend on has changed: they look, wait, and look again. */
export class Condition {
  #waiting: (() => void)[] = [];

  /** Resolves at the next {@link notify}. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  notify(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
