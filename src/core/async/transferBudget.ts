import { Lane } from './lanes.ts';
import { ConcurrencyControl } from './concurrency.ts';

const SAMPLE_MS = 500;

/**
 * The connections that whole files and parts of files share, as many as the link is worth. Has no timer: it looks at the
 * clock whenever bytes move.
 */
export class TransferBudget {
  readonly #control: ConcurrencyControl;
  readonly #lane: Lane;
  readonly #now: () => number;
  #rate = 0;
  #since: number;
  #bytes = 0;
  #ended = 0;
  /** Whether every connection was in use since the last sample. */
  #isSaturated = false;

  /**
   * @param most Connections at once, at most.
   * @param now Milliseconds on a clock that only goes forward.
   * @param first Connections at first; the control's own number where it is left out.
   */
  constructor(most: number, now: () => number = () => performance.now(), first?: number) {
    const control = new ConcurrencyControl(Math.max(1, most), first);
    this.#control = control;
    this.#lane = new Lane(() => control.limit);
    this.#now = now;
    this.#since = now();
  }

  /** Connections that nobody uses now. */
  get free(): number {
    return Math.max(0, this.#control.limit - this.#lane.used);
  }

  /** Connections that may be used now. */
  get limit(): number {
    return this.#control.limit;
  }

  /** Bytes a second of late; 0 before anything is known. */
  get rate(): number {
    return this.#rate;
  }

  /** Resolves with the way to give the connection back, first come, first served. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<() => void> {
    const release = await this.#lane.acquire(signal);
    return () => {
      release();
      this.#ended += 1;
      if (this.#lane.used < this.#control.limit) this.#isSaturated = false;
      this.#sample();
    };
  }

  /** Bytes moved, or, where negative, move again. */
  moved(bytes: number): void {
    this.#bytes += bytes;
    this.#sample();
  }

  /** A server asked for less, or a connection stood still. */
  congested(): void {
    this.#control.congested();
  }

  #sample(): void {
    const elapsedMs = this.#now() - this.#since;
    if (elapsedMs < SAMPLE_MS) return;
    this.#rate = Math.max(0, (this.#bytes * 1000) / elapsedMs);
    this.#control.sample({
      ...{ elapsedMs, bytes: this.#bytes, ended: this.#ended },
      saturated: this.#isSaturated,
    });
    this.#since = this.#now();
    this.#bytes = 0;
    this.#ended = 0;
    this.#lane.admit();
    this.#isSaturated = this.#lane.used >= this.#control.limit;
  }
}
