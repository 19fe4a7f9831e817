import { allOf } from '../async/allOf.ts';
import { MAX_PER_CALL } from '../hub/connection.ts';

/** Calls to a registry that ask about files or objects, at most. */
export const CALLS_AT_ONCE = 3;

/** Asks a registry about any number of items, a few calls at once, each about as many as one may. Fails as `allOf`. */
export function perCall<T, R>(
  items: readonly T[],
  signal: AbortSignal,
  call: (chunk: readonly T[], signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const calls = Array.from({ length: Math.ceil(items.length / MAX_PER_CALL) }, (_, index) =>
    items.slice(index * MAX_PER_CALL, (index + 1) * MAX_PER_CALL),
  );
  return allOf(calls, CALLS_AT_ONCE, signal, call);
}
