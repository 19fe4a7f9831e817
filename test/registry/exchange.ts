import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable, Transform, pipeline } from 'node:stream';
import { pipeline as pipelined } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Affliction } from './faults.ts';
import type { RecordedRequest } from './registry.ts';
import { InvalidBody, type AnswerHeaders, type Exchange, type Roots } from './routing.ts';
import type { State } from './state.ts';

const jsonLimit = 32 * 1024 * 1024;

export type WritableRecord = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

/** An exchange over HTTP/1.1, with the faults that befall it. */
export class HttpExchange implements Exchange {
  readonly method: string;
  readonly url: URL;
  readonly segments: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly state: State;
  readonly roots: Roots;
  readonly body: Readable;
  answered = false;
  readonly #response: ServerResponse;
  readonly #record: WritableRecord;
  readonly #affliction: Affliction;

  /** @throws InvalidBody when the path holds a broken percent sequence. */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    context: {
      readonly state: State;
      readonly roots: Roots;
      readonly record: WritableRecord;
      readonly affliction: Affliction;
    },
  ) {
    this.#response = response;
    this.#record = context.record;
    this.#affliction = context.affliction;
    this.state = context.state;
    this.roots = context.roots;
    this.method = (request.method ?? 'GET').toUpperCase();
    this.headers = request.headers;
    this.url = new URL(request.url ?? '/', context.roots.packages);
    this.segments = decodedSegments(this.url.pathname);
    this.body = arriving(request, context.record, context.affliction);
  }

  async json(): Promise<unknown> {
    const text = await this.#text();
    if (text.trim() === '') return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new InvalidBody(`The request's body is not JSON: ${(error as Error).message}`);
    }
  }

  async form(): Promise<URLSearchParams> {
    return new URLSearchParams(await this.#text());
  }

  async answer(
    status: number,
    headers: AnswerHeaders = {},
    body: string | Buffer | Readable = '',
  ): Promise<void> {
    if (this.answered) throw new Error(`${this.method} ${this.url.pathname} was answered twice.`);
    this.answered = true;
    const response = this.#response;
    const { ending } = this.#affliction;
    if (ending?.kind === 'loseAnswer' || response.destroyed) {
      if (body instanceof Readable) body.destroy();
      response.socket?.destroy();
      return;
    }
    this.#record.status = status;
    const known =
      typeof body === 'string' ? Buffer.byteLength(body) : body instanceof Buffer ? body.length : undefined;
    response.writeHead(status, {
      'x-request-id': requestId(this.headers),
      ...(known !== undefined && status !== 204 && status !== 304 && { 'content-length': known }),
      ...(headers as Record<string, string | number | string[]>),
    });
    const content = this.method === 'HEAD' || status === 204 || status === 304 ? '' : body;
    if (body instanceof Readable && content !== body) body.destroy();
    try {
      if (ending?.kind === 'resetAnswer') await sendStart(response, content, ending.afterBytes);
      else if (content instanceof Readable) await pipelined(content, response);
      else await new Promise<void>((resolve) => response.once('close', resolve).end(content, resolve));
    } finally {
      // What nobody wanted of the request must not stand in the way of the next one on this connection.
      this.body.on('error', () => undefined).resume();
    }
  }

  answerJson(status: number, value: unknown, headers: AnswerHeaders = {}): Promise<void> {
    return this.answer(
      status,
      { 'content-type': 'application/json; charset=utf-8', ...headers },
      JSON.stringify(value),
    );
  }

  async #text(): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.body) {
      bytes += (chunk as Buffer).length;
      if (bytes > jsonLimit)
        throw new InvalidBody(`The request's body is larger than ${String(jsonLimit)} bytes.`);
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function decodedSegments(pathname: string): string[] {
  try {
    return pathname
      .split('/')
      .slice(1)
      .map((segment) => decodeURIComponent(segment));
  } catch {
    throw new InvalidBody('The path holds a broken percent sequence.');
  }
}

/** The caller's own id, which it prints next to errors; a new one where it sent none. */
function requestId(headers: IncomingMessage['headers']): string {
  for (const name of ['x-request-id', 'x-amzn-trace-id']) {
    const value = headers[name];
    if (typeof value === 'string' && /^[\w.:=-]{1,128}$/.test(value)) return value;
  }
  return randomUUID();
}

/** The body as it comes in: counted, held to a speed, and cut where a fault says so. */
function arriving(request: IncomingMessage, record: WritableRecord, affliction: Affliction): Readable {
  const { bytesPerSecond, ending } = affliction;
  const cutAt = ending?.kind === 'resetRequest' ? ending.afterBytes : Infinity;
  const cut = () => {
    request.socket.destroy();
    return new Error('The connection was reset by a fault.');
  };
  const gone = new AbortController();
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      record.bodyBytes += chunk.length;
      if (record.bodyBytes >= cutAt) done(cut());
      else if (bytesPerSecond === Infinity) done(null, chunk);
      else {
        const pause = sleep((chunk.length / bytesPerSecond) * 1000, undefined, { signal: gone.signal });
        pause.then(
          () => done(null, chunk),
          () => done(),
        );
      }
    },
    destroy(error, done) {
      gone.abort();
      done(error);
    },
  });
  pipeline(request, counted, () => undefined);
  // A request nobody reads any more may break at any time.
  counted.on('error', () => undefined);
  return counted;
}

/** Sends headers and so many bytes of the body, then destroys the connection. */
async function sendStart(
  response: ServerResponse,
  body: string | Buffer | Readable,
  bytes: number,
): Promise<void> {
  response.flushHeaders();
  let left = bytes;
  for await (const chunk of body instanceof Readable ? body : [Buffer.from(body)]) {
    const passing = (chunk as Buffer).subarray(0, left);
    left -= passing.length;
    await new Promise<void>((resolve) => response.write(passing, () => resolve()));
    if (left === 0) break;
  }
  response.socket?.destroy();
}
