import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { State } from './state.ts';

/** Where this registry is reached, as the caller spelled it (`localhost` or `127.0.0.1`). None ends in a slash. */
export interface Roots {
  /** `http://127.0.0.1:port/v2` */
  readonly api: string;
  /** `http://127.0.0.1:port` */
  readonly packages: string;
  /** `http://127.0.0.1:port/web` */
  readonly web: string;
}

/** One request and its answer. */
export interface Exchange {
  /** Upper case. */
  readonly method: string;
  readonly url: URL;
  /** The path's segments, each percent-decoded: `/a/b%2Fc` is `['a', 'b/c']`. */
  readonly segments: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly state: State;
  readonly roots: Roots;
  /** The request's body, which may be read once. Ends with an error when the connection breaks. */
  readonly body: Readable;
  /** Whether an answer was given. */
  readonly answered: boolean;
  /**
   * The request's body as JSON; undefined where it is empty.
   * @throws InvalidBody when it is not JSON or larger than 32 MiB.
   */
  json(): Promise<unknown>;
  /** The request's body as a query: `a=1&b=2`. @throws InvalidBody as `json` does. */
  form(): Promise<URLSearchParams>;
  /** Answers with headers and an optional body, once; resolves when it was handed to the connection. `HEAD` leaves out the body. */
  answer(status: number, headers?: AnswerHeaders, body?: string | Buffer | Readable): Promise<void>;
  /** Answers with JSON. */
  answerJson(status: number, value: unknown, headers?: AnswerHeaders): Promise<void>;
}

export type AnswerHeaders = Readonly<Record<string, string | number | readonly string[]>>;

/** Answers a request that is its business and resolves to true, or leaves it alone and resolves to false. */
export type Handler = (exchange: Exchange) => Promise<boolean>;

/** The request's body is not what the handler can read; `message` says why. */
export class InvalidBody extends Error {
  override readonly name = 'InvalidBody';
}
