import { Throttle } from './throttle.ts';

/** Milliseconds between two reports. */
const EVERY_MS = 100;
/** Milliseconds after which it is reported that nothing happened. */
const STALL_MS = 1000;

/** Reports at most every 100 ms; what changed within them a moment later, though nothing follows. */
export class Reports {
  readonly #throttle: Throttle<undefined>;
  #later: NodeJS.Timeout | undefined;

  constructor(report: () => void) {
    this.#throttle = new Throttle(EVERY_MS, () => report());
  }

  /** Something changed. */
  soon(): void {
    this.#throttle.offer(undefined);
    if (this.#throttle.isHolding) this.#later ??= setTimeout(() => this.now(), EVERY_MS);
    else this.stop();
  }

  /** Reports, whether something changed or not. */
  now(): void {
    this.stop();
    this.#throttle.offer(undefined);
    this.#throttle.flush();
  }

  /** Leaves no timer behind; what was not reported yet stays so. Has to be called at the end. */
  stop(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
  }
}

/** What has travelled, and what is to travel. */
export interface Amounts {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly doneFiles: number;
  readonly totalFiles: number;
}

const NOTHING: Amounts = { doneBytes: 0, totalBytes: 0, doneFiles: 0, totalFiles: 0 };

/**
 * Counts what travels, and reports it at most every 100 ms; and every second though nothing happens, since of a rate
 * that is news. It has a timer until {@link end} is called.
 */
export class TransferMeter {
  readonly #report: () => void;
  readonly #reports: Reports;
  readonly #beat: NodeJS.Timeout;
  #amounts: Amounts;

  /** @param begun What is there at first, and what is to come. */
  constructor(report: (amounts: Amounts) => void, begun: Partial<Amounts> = {}) {
    this.#amounts = { ...NOTHING, ...begun };
    this.#report = () => report(this.#amounts);
    this.#reports = new Reports(this.#report);
    this.#beat = setInterval(() => this.#reports.now(), STALL_MS);
  }

  get doneBytes(): number {
    return this.#amounts.doneBytes;
  }

  /** More is going to travel; less, where negative. Reported at once. */
  expect(bytes: number, files: number): void {
    const { totalBytes, totalFiles } = this.#amounts;
    this.#amounts = { ...this.#amounts, totalBytes: totalBytes + bytes, totalFiles: totalFiles + files };
    this.report();
  }

  /** Bytes arrived, or, where negative, travel again. */
  moved(bytes: number): void {
    this.#amounts = { ...this.#amounts, doneBytes: this.#amounts.doneBytes + bytes };
    this.#reports.soon();
  }

  filesDone(files: number): void {
    this.#amounts = { ...this.#amounts, doneFiles: this.#amounts.doneFiles + files };
    this.#reports.soon();
  }

  report(): void {
    this.#reports.now();
  }

  /** Reports the final numbers. */
  end(): void {
    clearInterval(this.#beat);
    this.#reports.stop();
    this.#report();
  }
}
