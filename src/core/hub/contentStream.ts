import { Readable } from 'node:stream';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { ResponseHead } from '../http/client.ts';
import { headerText } from '../http/headerText.ts';
import { addressesOf } from './addresses.ts';
import { subjectOfFile, type HubConnection } from './connection.ts';
import { noContent, otherLength } from './contentAnswers.ts';
import type { KnownFile } from './knownFiles.ts';

/** What is read ahead of whoever reads. Bytes. */
const AHEAD_BYTES = 256 * 1024;

interface ContentRange {
  /** The first byte. */
  readonly start: number;
  /** The first byte that does not belong to it any more; at most the file's size. */
  readonly end: number;
}

/** Says a failure of the request as its reader needs it. */
type Reworded = (failure: Failure) => Failure;

/**
 * A part of the content of a file of a revision, as it comes: `GET /{id}/resolve/{revision}/{path}`, asked for when it
 * is first read. Where the connection breaks it goes on from there by a range (RFC 9110, section 14); a server that
 * knows no ranges sends what was there before once more. Nobody checks what comes but for its length: whoever reads
 * does.
 *
 * No more is received than is read, and a quarter of a mebibyte. Whoever stops early destroys the stream, whose `close`
 * tells that no socket is left. It breaks with a `Failure`, or the signal's reason.
 */
export function contentStream(
  hub: HubConnection,
  revision: string,
  file: KnownFile,
  range: ContentRange,
  signal: AbortSignal,
  reworded: Reworded = (failure) => failure,
): Readable {
  if (range.start >= range.end) return Readable.from([], { objectMode: false });
  return new ContentStream({ hub, revision, file, range, signal, reworded });
}

interface Asked {
  readonly hub: HubConnection;
  readonly revision: string;
  readonly file: KnownFile;
  readonly range: ContentRange;
  readonly signal: AbortSignal;
  readonly reworded: Reworded;
}

class ContentStream extends Readable {
  readonly #asked: Asked;
  readonly #stopped = new AbortController();
  /** Of the content: the next byte to come. */
  #position: number;
  #receiving: Promise<void> | undefined;
  #resume: (() => void) | undefined;

  constructor(asked: Asked) {
    super({ highWaterMark: AHEAD_BYTES });
    this.#asked = asked;
    this.#position = asked.range.start;
  }

  override _read(): void {
    this.#receiving ??= this.#receive();
    this.#resume?.();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#stopped.abort(error ?? new Error('Nobody reads the content any more.'));
    this.#resume?.();
    void (this.#receiving ?? Promise.resolve()).then(() => callback(error));
  }

  /** Never rejects: what it fails with breaks the stream. */
  async #receive(): Promise<void> {
    const { hub, revision, file, signal, reworded } = this.#asked;
    try {
      await hub.http.receive({
        url: addressesOf(hub.endpoint, hub.model).file(revision, file.path),
        token: hub.token,
        subject: subjectOfFile(hub, file.path),
        lane: 'feed',
        headers: () => this.#headers(),
        received: () => this.#position,
        take: (head, body) => this.#take(head, body),
        signal: AbortSignal.any([signal, this.#stopped.signal]),
      });
      this.push(null);
    } catch (error) {
      this.destroy(error instanceof Failure ? reworded(error) : (error as Error));
    }
  }

  #headers(): Record<string, string> {
    const { file, range } = this.#asked;
    const isAll = this.#position === 0 && range.end === file.size;
    return { accept: '*/*', ...(!isAll && { range: `bytes=${this.#position}-${range.end - 1}` }) };
  }

  async #take(head: ResponseHead, body: AsyncIterable<Buffer>): Promise<void> {
    const { end } = this.#asked.range;
    let before = this.#bytesBefore(head);
    for await (const chunk of body) {
      const bytes = chunk.subarray(before, before + end - this.#position);
      before = Math.max(0, before - chunk.length);
      if (bytes.length === 0) continue;
      this.#position += bytes.length;
      if (!this.push(bytes)) await this.#read();
      this.#stopped.signal.throwIfAborted();
      // What comes behind is not waited for.
      if (this.#position === end) return;
    }
    if (this.#position < end) throw new Failure('network', endedEarly(this.#asked.file, head));
  }

  /** Resolves when more is wanted, or nothing any more. */
  #read(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = undefined;
        resolve();
      };
    });
  }

  /** How many bytes of the answer come before those that are wanted. Throws where it holds others. */
  #bytesBefore(head: ResponseHead): number {
    const { file } = this.#asked;
    const { status } = head;
    const length = headerText(head.headers, 'content-length');
    if (status === 200) {
      if (length !== undefined && Number(length) !== file.size) throw otherLength(file, head);
      return this.#position;
    }
    const [, from, total] =
      /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headerText(head.headers, 'content-range') ?? '') ?? [];
    if (status !== 206 || Number(from) !== this.#position) {
      throw new Failure('protocol', noContent(file, head), { status, paths: [file.path] });
    }
    if (total !== '*' && Number(total) !== file.size) throw otherLength(file, head);
    return 0;
  }
}

function endedEarly({ path }: KnownFile, { url }: ResponseHead): string {
  return l10n.t('{1} stopped in the middle of “{0}”. Try again.', path, url.host);
}
