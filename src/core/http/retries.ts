import { setMaxListeners } from 'node:events';
import pRetry from 'p-retry';
import { allowances, place, type Asking } from './asking.ts';
import { AttemptFailed } from './attemptFailed.ts';
import { answerTo, type Shared } from './attempts.ts';
import type { HttpResponse } from './client.ts';
import { sendableBody } from './sendableBody.ts';
import { Traffic } from './traffic.ts';

/** An attempt that brought so many bytes is no failed one: the next goes on from there. */
const WORTHWHILE_BYTES = 1024 * 1024;

/** Waits before a retry: `firstMs`, then twice as long each time up to `longestMs`, each stretched by up to 2. */
export interface Backoff {
  /** How many times a request is tried again at most, unless it says otherwise. */
  readonly retries: number;
  readonly firstMs: number;
  readonly longestMs: number;
  /** The longest that one request waits in all because servers ask it to, unless it says otherwise; then it fails. */
  readonly longestAskedMs: number;
}

/** Tries until there is an answer. Throws a `Failure`, the signal's reason, or what took the answer threw. */
export async function answered(request: Asking, shared: Shared, backoff: Backoff): Promise<HttpResponse> {
  const { signal } = request;
  signal.throwIfAborted();
  const allowanceOf = allowances(request.pace);
  // One signal may serve any number of requests at once; Node would take their listeners for a leak.
  setMaxListeners(0, signal);
  const body = sendableBody(request.body);
  const traffic = new Traffic(request.onSent);
  const retries = request.retries ?? backoff.retries;
  let askedMs = 0;
  let isCounted = true;
  let mostReceived = request.received?.() ?? 0;
  try {
    return await pRetry(
      (number) => {
        traffic.startOver();
        return answerTo({ request, body, traffic, number, allowance: allowanceOf() }, shared);
      },
      {
        // Counted below: p-retry's own count ends at the next failure, be it one that does not count.
        retries: Infinity,
        minTimeout: backoff.firstMs,
        maxTimeout: backoff.longestMs,
        randomize: true,
        signal,
        shouldConsumeRetry: ({ error }) => {
          const more = error instanceof AttemptFailed ? (request.received?.() ?? 0) - mostReceived : 0;
          isCounted = more < WORTHWHILE_BYTES;
          if (!isCounted) mostReceived += more;
          return isCounted;
        },
        shouldRetry: async ({ error, retriesConsumed }) => {
          if (!(error instanceof AttemptFailed) || !error.tryAgain) return false;
          if (isCounted && retriesConsumed >= retries) return false;
          const wait = error.failure.retryAfterMs ?? 0;
          askedMs += wait;
          if (askedMs > (request.longestAskedMs ?? backoff.longestAskedMs)) return false;
          request.onRetry?.(error.failure);
          shared.log.info(
            `${request.method} ${place(request.url)} is tried again: ${error.failure.kind}` +
              (wait > 0 ? `, after ${wait} ms as the server asks` : ''),
          );
          if (wait > 0) await shared.clock.sleep(wait, signal);
          return true;
        },
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AttemptFailed) throw error.failure;
    throw error;
  }
}
