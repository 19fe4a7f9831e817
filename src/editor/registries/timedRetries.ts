import type { Branch, FailedRow, Row } from '../rows.ts';
import { rowId } from '../rows.ts';

/** Pages that failed because the server asked to wait: each is tried again once that is over, and somebody looks. */
export interface TimedRetries {
  /** Notes the failed pages among `rows` whose time is known. */
  plan(rows: readonly Row[]): void;
  /** Tries what came due while nobody looked. */
  resume(): void;
  dispose(): void;
}

/** However soon a server says it takes requests again: one that always says "now" is not asked without end. */
const LEAST_WAIT_MS = 5000;
/** setTimeout takes no longer ones: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

export function createTimedRetries(
  isVisible: () => boolean,
  retry: (branch: Branch) => void,
  leastWaitMs = LEAST_WAIT_MS,
): TimedRetries {
  interface Planned {
    readonly row: FailedRow;
    readonly timer: NodeJS.Timeout;
    due: boolean;
  }
  const planned = new Map<string, Planned>();

  const attempt = (id: string) => {
    const plan = planned.get(id);
    if (!plan) return;
    plan.due = true;
    if (!isVisible()) return;
    planned.delete(id);
    retry(plan.row.parent);
  };
  return {
    plan(rows) {
      for (const row of rows) {
        if (row.kind !== 'failed' || row.failure.kind !== 'rateLimit' || !row.failure.retryAt) continue;
        const id = rowId(row);
        const before = planned.get(id);
        if (before?.row.failure === row.failure) continue;
        clearTimeout(before?.timer);
        const wait = Math.max(leastWaitMs, row.failure.retryAt.getTime() - Date.now());
        if (wait > LONGEST_WAIT_MS) continue;
        planned.set(id, { row, timer: setTimeout(attempt, wait, id), due: false });
      }
    },
    resume() {
      for (const [id, { due }] of [...planned]) if (due) attempt(id);
    },
    dispose() {
      for (const { timer } of planned.values()) clearTimeout(timer);
      planned.clear();
    },
  };
}
