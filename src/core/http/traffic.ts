/** Counts the bytes of one request's bodies, over all its attempts. */
export class Traffic {
  readonly #onSent: ((bytes: number) => void) | undefined;
  #sent = 0;
  #received = 0;

  constructor(onSent: ((bytes: number) => void) | undefined) {
    this.#onSent = onSent;
  }

  /** Of the exchange under way. */
  get sent(): number {
    return this.#sent;
  }

  /** Of all answers so far. */
  get received(): number {
    return this.#received;
  }

  readonly addSent = (bytes: number): void => {
    this.#sent += bytes;
    this.#onSent?.(bytes);
  };

  readonly addReceived = (bytes: number): void => {
    this.#received += bytes;
  };

  /** The request's body is sent again from its beginning. */
  startOver(): void {
    if (this.#sent > 0) this.#onSent?.(-this.#sent);
    this.#sent = 0;
  }
}
