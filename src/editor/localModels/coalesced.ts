import { setTimeout as pause } from 'node:timers/promises';

/**
 * `task`, never twice at a time. Asked for while it runs, it runs once more afterwards, however often it was asked for.
 * What is given settles when a run has ended that began after the call.
 *
 * @param pauseMs Milliseconds before each run in which more calls can come, all of which it is for.
 */
export function coalesced(task: () => Promise<void>, pauseMs = 0): () => Promise<void> {
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  const run = (): Promise<void> => {
    waiting = undefined;
    running = task().finally(() => {
      running = undefined;
    });
    return running;
  };
  const runLater = async (): Promise<void> => {
    if (pauseMs > 0) await pause(pauseMs);
    await running?.catch(() => undefined);
    return run();
  };
  return () => (running === undefined && pauseMs === 0 && !waiting ? run() : (waiting ??= runLater()));
}
