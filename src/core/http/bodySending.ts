import type { ClientRequest } from 'node:http';
import { Readable } from 'node:stream';
import type { Allowance } from './allowance.ts';
import type { BodyContent } from './client.ts';

export interface ExchangeBody {
  /** Bytes. */
  readonly length: number;
  readonly open: () => BodyContent | Promise<BodyContent>;
}

interface SendingOptions {
  readonly allowance: Allowance;
  readonly onSent: (bytes: number) => void;
  /** Told when it begins to wait for the body's own source, and when that gave something. */
  readonly onReading: (isReading: boolean) => void;
}

/** Hands the body of one request to its socket, until that is done, or is stopped. */
export class BodySending {
  readonly #request: ClientRequest;
  readonly #allowance: Allowance;
  readonly #onSent: (bytes: number) => void;
  readonly #onReading: (isReading: boolean) => void;
  #isSending = true;
  #source: Readable | undefined;
  #resume: (() => void) | undefined;

  constructor(request: ClientRequest, { allowance, onSent, onReading }: SendingOptions) {
    this.#request = request;
    this.#allowance = allowance;
    this.#onSent = onSent;
    this.#onReading = onReading;
  }

  /** Whether nobody has stopped it. */
  isSending(): boolean {
    return this.#isSending;
  }

  stop(): void {
    this.#isSending = false;
    this.#source?.destroy();
    this.#resume?.();
    this.#onReading(false);
  }

  /** Ends the request with the last byte. Rejects where the body cannot be read, or has another length than said. */
  async send({ length, open }: ExchangeBody): Promise<void> {
    const opened = await this.#waitedFor(async () => open());
    if (opened instanceof Readable) {
      // Once sending has stopped nobody else listens, and a late error of the source must not end the process.
      opened.on('error', () => undefined);
      this.#source = opened;
    }
    if (!this.isSending()) {
      this.#source?.destroy();
      return;
    }
    let sent = 0;
    for await (const chunk of this.#piecesOf(opened)) {
      sent += chunk.byteLength;
      if (sent > length) break;
      if (!this.isSending()) return;
      // When it is handed over, not when it has left: how much of it has, nobody tells.
      this.#allowance.moved(chunk.byteLength);
      await new Promise<void>((resume) => {
        this.#resume = resume;
        this.#request.write(chunk, () => resume());
      });
      if (!this.isSending()) return;
      this.#onSent(chunk.byteLength);
    }
    if (sent !== length) throw new Error(`The body has ${sent} bytes or more instead of ${length}.`);
    this.#request.end();
  }

  async *#piecesOf(opened: BodyContent): AsyncGenerator<Uint8Array, void> {
    const pieces = (opened as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#waitedFor(() => pieces.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await pieces.return?.();
    }
  }

  async #waitedFor<T>(reading: () => Promise<T>): Promise<T> {
    this.#onReading(true);
    try {
      return await reading();
    } finally {
      this.#onReading(false);
    }
  }
}
