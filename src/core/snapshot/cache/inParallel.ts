import pLimit from 'p-limit';

/** What `work` makes of each item, `concurrency` of them at once. When it ends, nothing is under way any more. */
export async function inParallel<T, R>(
  items: readonly T[],
  concurrency: number,
  signal: AbortSignal,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const limit = pLimit(concurrency);
  const results: R[] = [];
  const errors: unknown[] = [];
  await limit.map(items, async (item, index) => {
    if (errors.length > 0 || signal.aborted) return;
    try {
      results[index] = await work(item);
    } catch (error) {
      errors.push(error);
    }
  });
  signal.throwIfAborted();
  if (errors.length > 0) throw errors[0];
  return results;
}
