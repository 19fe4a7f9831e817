/** What transfers did for a while. */
interface TransferSample {
  readonly elapsedMs: number;
  /** Bytes that moved. */
  readonly bytes: number;
  /** Transfers that ended well. */
  readonly ended: number;
  /** Every connection was in use: only then the sample says what the link gives to that many. */
  readonly saturated: boolean;
}

/** Connections at first: a browser opens six to a server. */
const START = 4;
/** What one transfer counts for beside its bytes: with small objects the round trips are the work. */
const TRANSFER_WORTH_BYTES = 64 * 1024;
/** More connections are kept where they bring at least this share of what they would at the speed of those before. */
const WORTHWHILE = 0.25;
/** Samples to wait after more brought nothing, and after congestion. */
const PATIENCE = 8;

/**
 * Finds out how many connections a link is worth: told what happened, it has no clock. It climbs while total throughput
 * grows by it: half as many connections again at each step, back where that brought too little, and another try some
 * samples later, because links change. Congestion halves.
 */
export class ConcurrencyControl {
  readonly #cap: number;
  #limit: number;
  #before: { readonly limit: number; readonly rate: number } | undefined;
  #wait = 0;
  #isHalved = false;

  /**
   * @param cap The most connections, at least one.
   * @param first Connections at first.
   */
  constructor(cap: number, first = START) {
    this.#cap = cap;
    this.#limit = Math.max(1, Math.min(first, cap));
  }

  /** Connections to use now. */
  get limit(): number {
    return this.#limit;
  }

  sample({ elapsedMs, bytes, ended, saturated }: TransferSample): void {
    this.#isHalved = false;
    if (!saturated || elapsedMs <= 0) return;
    const rate = Math.max(0, bytes + ended * TRANSFER_WORTH_BYTES) / elapsedMs;
    const before = this.#before;
    this.#before = undefined;
    if (before !== undefined && rate < before.rate * (1 + WORTHWHILE * (this.#limit / before.limit - 1))) {
      this.#limit = before.limit;
      this.#wait = PATIENCE;
    }
    if (this.#wait > 0) this.#wait -= 1;
    else if (this.#limit < this.#cap) {
      this.#before = { limit: this.#limit, rate };
      this.#limit = Math.min(this.#cap, this.#limit + Math.ceil(this.#limit / 2));
    }
  }

  /** A server asked for less, or a connection stood still. */
  congested(): void {
    // A storm hits every connection; it counts once a sample.
    if (this.#isHalved) return;
    this.#isHalved = true;
    this.#before = undefined;
    this.#wait = PATIENCE;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
  }
}
