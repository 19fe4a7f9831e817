import { setMaxListeners } from 'node:events';

/** Work that runs side by side and ends together: the first failure stops the rest. */
export interface Scope {
  /** Fires with the first failure, and with the reason of the signal that the scope was opened with. */
  readonly signal: AbortSignal;
  /** Begins work, which may begin more. Resolves when it has ended; what failed is told by {@link ended}. */
  begin(work: () => Promise<void>): Promise<void>;
  /** Resolves when all work has ended; rejects with the signal's reason or the first failure. */
  ended(): Promise<void>;
}

export function openScope(signal: AbortSignal): Scope {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const running = new Set<Promise<void>>();
  const abort = (): void => stop.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });

  return {
    signal: stop.signal,
    begin(work) {
      const task = (async () => {
        try {
          stop.signal.throwIfAborted();
          await work();
        } catch (error) {
          stop.abort(error);
        }
      })();
      running.add(task);
      return task.finally(() => running.delete(task));
    },
    async ended() {
      while (running.size > 0) await Promise.all(running);
      signal.removeEventListener('abort', abort);
      stop.signal.throwIfAborted();
    },
  };
}
