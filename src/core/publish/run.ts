import type { HubClient } from '../hub/client.ts';
import type { Log } from '../log.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import type { Progress } from './progress.ts';
import type { PublishEvent, PublishPlan, PublishStep } from './publishing.ts';

/** What every step of one publish works with. */
export interface Run {
  readonly plan: PublishPlan;
  readonly hub: HubClient;
  readonly progress: Progress;
  readonly log: Log;
  readonly hashes?: HashMemory | undefined;
  readonly onEvent: (event: PublishEvent) => void;
  readonly signal: AbortSignal;
}

/** Does the work of a step between its two events. */
export async function step<T>(run: Run, name: PublishStep, work: () => Promise<T>): Promise<T> {
  run.signal.throwIfAborted();
  run.onEvent({ kind: 'stepStarted', step: name });
  const result = await work();
  run.onEvent({ kind: 'stepFinished', step: name });
  return result;
}

/** `items` in runs of at most `size`. */
export function inChunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/**
 * Does all of `work`, a few at once, each with a signal that also fires when another one fails. Rejects with the first failure, once
 * every one of them has ended: nothing is left under way.
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
