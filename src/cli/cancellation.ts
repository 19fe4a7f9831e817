import { EXIT } from './exitCodes.ts';

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

/**
 * Ends the process without waiting for anything. It does what is owed when a process ends.
 *
 * @param isBlocked Whether a thread waits for something: Node would wait for that thread, and what ends the process in
 *   its place is the default of a signal, which shells report as the same code.
 */
export function endAtOnce(process: NodeJS.Process, isBlocked: boolean): void {
  if (isBlocked) {
    process.once('exit', () => {
      for (const name of SIGNALS) process.removeAllListeners(name);
      process.kill(process.pid, 'SIGINT');
    });
  }
  process.exit(EXIT.cancelled);
}

/** Cancels at the first signal, and calls `end` at the second. */
export function cancelOnSignals(process: NodeJS.Process, end: () => void): Cancellation {
  const controller = new AbortController();
  const received = (): void => {
    if (controller.signal.aborted) end();
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
