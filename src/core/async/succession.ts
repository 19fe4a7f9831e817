import { Lane } from './lanes.ts';
import { openScope } from './scope.ts';

/**
 * Does `work` for one item after another. Each is begun when the one before has called `handOver`, or ended, and at
 * most `unfinished` at once are not at their end. Fails as `allOf`: with the first failure, once everything has ended.
 */
export async function inSuccession<T, R>(
  items: readonly T[],
  unfinished: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal, handOver: () => void) => Promise<R>,
): Promise<R[]> {
  const scope = openScope(signal);
  const lane = new Lane(() => unfinished);
  const results: R[] = [];
  for (const [index, item] of items.entries()) {
    const release = await lane.acquire(scope.signal).catch(() => undefined);
    // Why it was stopped is told by the scope.
    if (release === undefined) break;
    await new Promise<void>((handOver) => {
      const ended = scope.begin(async () => {
        results[index] = await work(item, scope.signal, handOver);
      });
      void ended.finally(() => {
        release();
        handOver();
      });
    });
  }
  await scope.ended();
  return results;
}
