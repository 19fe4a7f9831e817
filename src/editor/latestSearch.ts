/** A search that follows a text: only what was found for the newest text is shown. */
interface LatestSearch {
  /** Gives up what is under way, and searches for `text` after `pauseMs` ms unless another text comes first. */
  start(text: string, pauseMs: number): void;
  /** Gives up what is under way. */
  stop(): void;
}

/** `find` as in `SearchPrompt`. `busy` is true from when a text is taken until its last items are shown. */
export function latestSearch<Item>(options: {
  readonly find: (text: string, signal: AbortSignal) => AsyncIterable<readonly Item[]>;
  readonly show: (items: readonly Item[]) => void;
  readonly busy: (busy: boolean) => void;
  readonly fail: (error: unknown) => void;
}): LatestSearch {
  const { find, show, busy, fail } = options;
  let current: AbortController | undefined;
  let pause: NodeJS.Timeout | undefined;

  const run = async (text: string, { signal }: AbortController) => {
    try {
      for await (const items of find(text, signal)) {
        if (signal.aborted) return;
        show(items);
      }
      if (!signal.aborted) busy(false);
    } catch (error) {
      if (!signal.aborted) fail(error);
    }
  };
  const stop = () => {
    clearTimeout(pause);
    current?.abort();
    current = undefined;
  };
  return {
    start(text, pauseMs) {
      stop();
      const controller = new AbortController();
      current = controller;
      busy(true);
      if (pauseMs === 0) void run(text, controller);
      else pause = setTimeout(() => void run(text, controller), pauseMs);
    },
    stop,
  };
}
