/**
 * Does all of `work`, at most `concurrency` at once and begun in order, each with a signal that also fires when another
 * one fails. Rejects with the first failure, once every one of them has ended: nothing is left under way.
 */
export async function allOf<T, R>(
  items: readonly T[],
  concurrency: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      either.throwIfAborted();
      results[index] = await work(item, either);
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, items.length) }, () =>
    worker().catch((error: unknown) => {
      others.abort(error);
    }),
  );
  await Promise.all(workers);
  signal.throwIfAborted();
  if (others.signal.aborted) throw others.signal.reason;
  return results;
}
