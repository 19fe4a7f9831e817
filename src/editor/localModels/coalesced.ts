/**
 * `task`, never twice at a time. Asked for while it runs, it runs once more afterwards, however often it was asked for. What is given
 * settles when a run has ended that began after the call.
 */
export function coalesced(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  const ask = (): Promise<void> => {
    if (running === undefined) {
      running = task().finally(() => {
        running = undefined;
      });
      return running;
    }
    const after = () => {
      waiting = undefined;
      return ask();
    };
    waiting ??= running.then(after, after);
    return waiting;
  };
  return ask;
}
