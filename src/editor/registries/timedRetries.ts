import type { Branch, FailedRow, Row } from '../rows.ts';
import { rowId } from '../rows.ts';

/** However soon a server says it takes requests again: one that always says "now" is not asked without end. */
const LEAST_WAIT_MS = 5000;
/** setTimeout takes no longer ones: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

interface Planned {
  readonly row: FailedRow;
  readonly timer: NodeJS.Timeout;
  due: boolean;
}

/** Pages that failed because the server asked to wait: each is tried again once that is over, and somebody looks. */
export class TimedRetries {
  readonly #isVisible: () => boolean;
  readonly #retry: (branch: Branch) => void;
  readonly #leastWaitMs: number;
  readonly #planned = new Map<string, Planned>();

  constructor(isVisible: () => boolean, retry: (branch: Branch) => void, leastWaitMs = LEAST_WAIT_MS) {
    this.#isVisible = isVisible;
    this.#retry = retry;
    this.#leastWaitMs = leastWaitMs;
  }

  /** Notes the failed pages among `rows` whose time is known. */
  plan(rows: readonly Row[]): void {
    for (const row of rows) {
      if (row.kind !== 'failed' || row.failure.kind !== 'rateLimit' || !row.failure.retryAt) continue;
      const id = rowId(row);
      const before = this.#planned.get(id);
      if (before?.row.failure === row.failure) continue;
      clearTimeout(before?.timer);
      const wait = Math.max(this.#leastWaitMs, row.failure.retryAt.getTime() - Date.now());
      if (wait > LONGEST_WAIT_MS) continue;
      this.#planned.set(id, { row, timer: setTimeout(() => this.#attempt(id), wait), due: false });
    }
  }

  /** Tries what came due while nobody looked. */
  resume(): void {
    for (const [id, { due }] of [...this.#planned]) if (due) this.#attempt(id);
  }

  dispose(): void {
    for (const { timer } of this.#planned.values()) clearTimeout(timer);
    this.#planned.clear();
  }

  #attempt(id: string): void {
    const plan = this.#planned.get(id);
    if (!plan) return;
    plan.due = true;
    if (!this.#isVisible()) return;
    this.#planned.delete(id);
    this.#retry(plan.row.parent);
  }
}
