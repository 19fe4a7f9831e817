interface Cancellation {
  readonly signal: AbortSignal;
  /** Signals do again what they did before. */
  dispose(): void;
}

/**
 * A terminal window that is closed ends the program as Ctrl-C does, and on Windows Ctrl-Break does, which is what build
 * machines send there. Nobody there can be asked by SIGTERM: it ends a program at once, with the exit code 1
 * (https://nodejs.org/api/process.html#signal-events).
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

/** Cancels at the first signal, and calls `endAtOnce` at the second. */
export function cancelOnSignals(process: NodeJS.Process, endAtOnce: () => void): Cancellation {
  const controller = new AbortController();
  const received = (): void => {
    if (controller.signal.aborted) endAtOnce();
    else controller.abort();
  };
  for (const name of SIGNALS) process.on(name, received);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of SIGNALS) process.off(name, received);
    },
  };
}
