import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;
const PATIENCE_MS = 30_000;

/**
 * Waits until a condition holds. Its patience ends before mocha's does, so that what never came true is told in words.
 * `what` says what is waited for, as in "the token is stored".
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > end)
      throw new Error(`After ${String(patienceMs / 1000)} s it was still not so: ${what}.`);
    await delay(POLL_MS);
  }
}
