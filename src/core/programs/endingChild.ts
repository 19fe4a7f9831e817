import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** How long a process that was killed is waited for, in milliseconds: one that hangs in a file system does not end. */
const GRACE = 5000;

/** A process that may be ended early, and whose end is waited for. Whoever started it works its streams. */
export class EndingChild {
  /**
   * The exit code, when the process has ended and its streams are closed; null where a signal ended it, and where it was
   * killed and has not ended some seconds later. Rejects with the system's error where it could not be started.
   */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #graceMs: number;
  #giveUp: () => void = () => undefined;
  #hasEnded = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, graceMs = GRACE) {
    this.#child = child;
    this.#graceMs = graceMs;
    // A process may end before it has read everything, or be killed: why is in how it ended.
    for (const stream of streamsOf(child)) stream.on('error', () => undefined);
    const givenUp = new Promise<null>((resolve) => (this.#giveUp = () => resolve(null)));
    // The streams of a process that could not be started are never closed, so its error has to be awaited, too.
    const closed = once(child, 'close').then(([exitCode]) => exitCode as number | null);
    this.ended = Promise.race([closed, givenUp]).finally(() => {
      this.#hasEnded = true;
      clearTimeout(this.#timer);
    });
  }

  /**
   * Ends it, once. Its streams are closed with it, and whoever reads them gets an error: what was started may be a
   * wrapper, as Windows' `cmd\git.exe` is, and the program that it wraps lives on with the streams open, until it meets
   * with their end.
   */
  kill(): void {
    if (this.#hasEnded || this.#timer !== undefined) return;
    this.#timer = setTimeout(this.#giveUp, this.#graceMs);
    this.#child.kill();
    for (const stream of streamsOf(this.#child)) stream.destroy(new Error('The process was ended.'));
  }
}

/** None where there were no file handles left for them. */
function streamsOf({ stdin, stdout, stderr }: ChildProcess) {
  return [stdin, stdout, stderr].filter((stream) => stream !== null && stream !== undefined);
}
