import { once, type EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** How long a process that was killed is waited for, in milliseconds: one that hangs in a file system does not end. */
const GRACE_MS = 5000;

/** A process as Node.js starts it; without streams where there were no file handles left for them. */
interface Child extends EventEmitter {
  readonly stdin: Writable | null | undefined;
  readonly stdout: Readable | null | undefined;
  readonly stderr: Readable | null | undefined;
  kill(): boolean;
}

/** A process that may be ended early, and whose end is waited for. Whoever started it works its streams. */
export class EndingChild {
  /**
   * The exit code, when the process has ended and its streams are closed; null where a signal ended it, and where it was
   * killed and has not ended some seconds later. Rejects with the system's error where it could not be started.
   */
  readonly ended: Promise<number | null>;
  readonly #child: Child;
  #giveUp: () => void = () => undefined;
  #hasEnded = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(child: Child) {
    this.#child = child;
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
    this.#timer = setTimeout(this.#giveUp, GRACE_MS);
    this.#child.kill();
    for (const stream of streamsOf(this.#child)) stream.destroy(new Error('The process was ended.'));
  }
}

function streamsOf({ stdin, stdout, stderr }: Child) {
  return [stdin, stdout, stderr].filter((stream) => stream !== null && stream !== undefined);
}
