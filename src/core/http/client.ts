import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type * as z from 'zod/mini';
import type { AccessToken } from '../accessToken.ts';
import type { Failure } from '../failure.ts';
import type { Paces } from './pace.ts';

/** Bytes in order. Each chunk has left the process when the next one is asked for, and its memory may be used again. */
export type BodyContent = Readable | AsyncIterable<Uint8Array>;

/** What a request carries. A stream states its length in bytes, is never chunked, and is opened for every attempt. */
export type RequestBody =
  | { readonly kind: 'json'; readonly value: unknown; readonly contentType?: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly contentType?: string }
  | {
      readonly kind: 'stream';
      readonly length: number;
      readonly contentType?: string;
      readonly open: () => BodyContent | Promise<BodyContent>;
    };

/**
 * Requests to one origin are sent a bounded number at a time, each lane for itself, so that no question waits for
 * content that may travel for hours. In the lane of questions nobody waits for longer than the request's
 * `idleTimeoutMs`. `feed`: content that is received to be sent on at once, by requests that have their turn already;
 * were it to wait for one, too, two publishes could wait for each other. Whoever asks keeps to a bound.
 */
export type Lane = 'question' | 'transfer' | 'feed';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Sent only where {@link AccessToken.authorizationFor} allows, after redirects too. Absent: no Authorization. */
  readonly token?: AccessToken;
  /** What this request is about, localised, as it stands in a failure's sentence: "the registry acme/models". */
  readonly subject: string;
  /**
   * `idempotent` requests are tried again after connection errors, 408, 429 and 5xx. With `never`, 429 and refused
   * connections are still tried again (nothing happened), but a lost answer becomes a failure of kind `unknownOutcome`.
   */
  readonly retry: 'idempotent' | 'never';
  /** How many times it is tried again at most. Default 5; fewer where a person waits for a plain answer. */
  readonly retries?: number;
  /**
   * Milliseconds it waits at most, in all, because the server asks to; beyond that it fails with `retryAt`. Default
   * five minutes; 0 where a person is better told to wait than kept waiting.
   */
  readonly longestAskedMs?: number;
  /** Statuses besides 2xx that are an answer rather than a failure. */
  readonly accept?: readonly number[];
  /** Largest response body taken, in bytes; a larger one is a `protocol` failure. Default 5 MiB. */
  readonly maxResponseBytes?: number;
  /** Milliseconds without a byte in either direction before the attempt is given up. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds that the server has in all attempts together, whatever it sends; then it is a `timeout` failure. */
  readonly deadlineMs?: number;
  /** How slow it may be where it has no `deadlineMs`. Default `transfer` for a stream, else `question`. */
  readonly pace?: keyof Paces;
  /** With which others it takes turns at the server. Default `transfer` for a stream, else `question`. */
  readonly lane?: Lane;
  /** Called with the headers of every answer, also of one that refuses or redirects. */
  readonly onHeaders?: (headers: IncomingHttpHeaders) => void;
  /** Called with the body's bytes handed to the socket since the last call; negative when an attempt starts over. */
  readonly onSent?: (bytes: number) => void;
  /** Called before it is tried again, with what went wrong. */
  readonly onRetry?: (failure: Failure) => void;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  readonly body: Buffer;
  /** The body as JSON of that shape; anything else is a {@link Failure} of kind `protocol`. */
  json<T>(schema: z.ZodMiniType<T>): T;
  /** The URL of the `Link` header's `rel="next"`, resolved; undefined where there is none. May be of another origin. */
  nextLink(): URL | undefined;
}

export type ResponseHead = Pick<HttpResponse, 'status' | 'headers' | 'url'>;

/**
 * A GET whose body is not kept, but taken as it comes, at the pace of a transfer and in their lane unless it says
 * otherwise. It is tried again as `idempotent` requests are.
 */
export interface ReceiveRequest extends Pick<
  HttpRequest,
  | 'url'
  | 'token'
  | 'subject'
  | 'retries'
  | 'longestAskedMs'
  | 'accept'
  | 'idleTimeoutMs'
  | 'lane'
  | 'onRetry'
  | 'signal'
> {
  /** Asked before every attempt: one that follows a broken one may ask for the rest only. */
  readonly headers: () => Readonly<Record<string, string>>;
  /**
   * Takes a 2xx or accepted answer; no more of it is read from the socket than is taken. The iteration throws where the
   * connection breaks, which is let through. A `Failure` of its own is tried again where its kind promises something
   * from that; whatever else it throws ends the request.
   */
  readonly take: (head: ResponseHead, body: AsyncIterable<Buffer>) => Promise<void>;
  /** Bytes had so far. An attempt that brought a mebibyte more than was ever had does not count against `retries`. */
  readonly received: () => number;
}

/**
 * The one way to a server. Throws a `Failure` for anything but a 2xx or an accepted status, and the signal's reason
 * when aborted; after either no socket or timer of the request is left.
 */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Resolves when an answer was taken. */
  receive(request: ReceiveRequest): Promise<void>;
  /** Closes idle keep-alive connections. */
  dispose(): void;
}
