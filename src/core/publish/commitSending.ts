import type { CommitBody } from '../hub/commitBody.ts';
import type { Run } from './run.ts';

/**
 * Follows the body of a commit onto the wire, for one attempt. A cancel stops it at once as long as bytes are left to
 * send; after that it waits some seconds for the answer, because what the server has got whole it may carry out.
 * {@link dispose} is owed at the end.
 */
export class CommitSending {
  readonly #run: Run;
  readonly #body: CommitBody;
  /** Bytes of the files in it. */
  readonly #bytes: number;
  readonly #stop = new AbortController();
  #onWire = 0;
  #counted = 0;
  #grace: NodeJS.Timeout | undefined;

  constructor(run: Run, body: CommitBody, bytes: number) {
    this.#run = run;
    this.#body = body;
    this.#bytes = bytes;
    if (run.signal.aborted) this.#cancel();
    run.signal.addEventListener('abort', this.#cancel, { once: true });
  }

  /** Aborted when nobody waits for the answer any more. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get isSentWhole(): boolean {
    return this.#onWire >= this.#body.length;
  }

  /** @param bytes Bytes of the body that left since the last call; negative where they are sent again. */
  sent(bytes: number): void {
    this.#onWire += bytes;
    this.#count();
    // A new attempt after a cancel: this one has not happened yet, and shall not.
    if (bytes < 0 && this.#run.signal.aborted) this.#stop.abort(this.#run.signal.reason);
  }

  /** What was sent does not count. */
  takeBack(): void {
    this.#onWire = 0;
    this.#count();
  }

  dispose(): void {
    clearTimeout(this.#grace);
    this.#run.signal.removeEventListener('abort', this.#cancel);
  }

  readonly #cancel = (): void => {
    const end = () => this.#stop.abort(this.#run.signal.reason);
    if (this.isSentWhole) this.#grace = setTimeout(end, this.#run.commitWaits.grace);
    else end();
  };

  /** The files' share of what is on the wire: the rest is framing and base64. */
  #count(): void {
    const share = Math.floor((this.#bytes * this.#onWire) / this.#body.length);
    this.#run.meter.moved(share - this.#counted);
    this.#counted = share;
  }
}
