import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { IncomingHttpHeaders } from 'node:http';
import pRetry from 'p-retry';
import { Lanes } from '../async/lanes.ts';
import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { createAllowance, type Allowance } from './allowance.ts';
import { createAgents, type Agents, type Connection } from './agents.ts';
import type { HttpClient, HttpRequest, HttpResponse, Lane, ReceiveRequest } from './client.ts';
import {
  exchange,
  Interruption,
  UnsendableBody,
  UntakenBody,
  type Answer,
  type AnswerHead,
} from './exchange.ts';
import {
  busyFailure,
  interruptionFailure,
  mayTryAgain,
  protocolFailure,
  refusalFailure,
  unsendableFailure,
  type Asked,
} from './failures.ts';
import { headersFor } from './headers.ts';
import { headerText } from './headerText.ts';
import { DEFAULT_PACES, type Paces } from './patience.ts';
import { MOST_REDIRECTS, redirectOf } from './redirects.ts';
import { responseOf } from './response.ts';
import { sendableBody, type SendableBody } from './sendableBody.ts';

const MEBIBYTE = 1024 * 1024;
const DEFAULT_ANSWER_BYTES = 5 * MEBIBYTE;
/** What is kept of a refusal, for its message. */
const REFUSAL_BYTES = 64 * 1024;
const DEFAULT_IDLE_MS = 60_000;
/** An attempt that brought so many bytes is no failed one: the next goes on from there. */
const WORTHWHILE_BYTES = MEBIBYTE;
/** Of each lane. */
const MOST_EXCHANGES_PER_ORIGIN = 24;

export interface HttpClientOptions {
  /** The `User-Agent` of every request. */
  readonly userAgent: string;
  /** Redacts already. */
  readonly log: Log;
  readonly backoff?: Backoff;
  readonly clock?: Clock;
  /** How long an exchange may stand still unless its request says otherwise, in milliseconds. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** How slow a request may be unless it says otherwise. */
  readonly paces?: Paces;
  /** The connections. Without: those of `node:http` and `node:https`, which VS Code equips with the person's proxy and certificates. */
  readonly agents?: Agents;
}

/** How long to wait before trying again: `firstMs` at first, then twice as long each time up to `longestMs`, each stretched by up to 2 at random. */
export interface Backoff {
  /** How many times a request is tried again at most, unless it says otherwise. */
  readonly retries: number;
  readonly firstMs: number;
  readonly longestMs: number;
  /** The longest that one request waits in all because servers ask it to, unless it says otherwise; beyond it, it fails. */
  readonly longestAskedMs: number;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

const DEFAULT_BACKOFF: Backoff = { retries: 5, firstMs: 500, longestMs: 8000, longestAskedMs: 5 * 60_000 };
const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};

/** Why an attempt ended without a usable answer, and whether another one may be made. */
class AttemptFailed extends Error {
  readonly failure: Failure;
  readonly tryAgain: boolean;

  constructor(failure: Failure, tryAgain: boolean) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.tryAgain = tryAgain;
  }
}

/** A request of either way. */
interface Asking extends Omit<HttpRequest, 'headers' | 'pace'> {
  readonly lane: Lane;
  readonly pace: Asked['pace'];
  readonly headers: () => Readonly<Record<string, string>>;
  readonly take?: ReceiveRequest['take'];
  readonly held?: ReceiveRequest['held'];
}

/** The HTTP client of the engine. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const {
    userAgent,
    log,
    backoff = DEFAULT_BACKOFF,
    clock = SYSTEM_CLOCK,
    idleTimeoutMs = DEFAULT_IDLE_MS,
    paces = DEFAULT_PACES,
    agents = createAgents(),
  } = options;
  const lanes = new Lanes(MOST_EXCHANGES_PER_ORIGIN);

  return {
    send: (request) => {
      const pace = paceOf(paces, request);
      const lane = request.lane ?? (request.body?.kind === 'stream' ? 'transfer' : 'question');
      return answered({ ...request, pace, lane, headers: () => request.headers ?? {} });
    },

    async receive(request) {
      const pace = { kind: 'transfer', limits: paces.transfer } as const;
      await answered({ lane: 'transfer', ...request, pace, method: 'GET', retry: 'idempotent' });
    },

    dispose: () => agents.closeIdle(),
  };

  /** Tries until there is an answer. Throws a `Failure`, the signal's reason, or what took the answer threw. */
  async function answered(asked: Asking): Promise<HttpResponse> {
    const { signal } = asked;
    signal.throwIfAborted();
    const request = { idleTimeoutMs, ...asked };
    const allowanceOf = allowances(request.pace);
    // One signal may serve any number of requests at once; Node would take their listeners for a leak.
    setMaxListeners(0, signal);
    const body = sendableBody(request.body);
    const meter = trafficMeter(request.onSent);
    let askedMs = 0;
    let mostHeld = request.held?.() ?? 0;
    try {
      return await pRetry(
        (attempt) => {
          meter.startOver();
          return answerTo(request, body, meter, attempt, allowanceOf());
        },
        {
          retries: request.retries ?? backoff.retries,
          minTimeout: backoff.firstMs,
          maxTimeout: backoff.longestMs,
          randomize: true,
          signal,
          shouldConsumeRetry: ({ error }) => {
            if (!(error instanceof AttemptFailed)) return true;
            const more = (request.held?.() ?? 0) - mostHeld;
            if (more < WORTHWHILE_BYTES) return true;
            mostHeld += more;
            return false;
          },
          shouldRetry: async ({ error }) => {
            if (!(error instanceof AttemptFailed) || !error.tryAgain) return false;
            const wait = error.failure.retryAfterMs ?? 0;
            askedMs += wait;
            if (askedMs > (request.longestAskedMs ?? backoff.longestAskedMs)) return false;
            request.onRetry?.(error.failure);
            log.info(
              `${request.method} ${place(request.url)} is tried again: ${error.failure.kind}` +
                (wait > 0 ? `, after ${wait} ms as the server asks` : ''),
            );
            if (wait > 0) await clock.sleep(wait, signal);
            return true;
          },
        },
      );
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AttemptFailed) throw error.failure;
      throw error;
    }
  }

  /** Follows redirects to an answer. Throws `AttemptFailed`. */
  async function answerTo(
    request: Asking,
    body: SendableBody | undefined,
    meter: TrafficMeter,
    attempt: number,
    allowance: Allowance,
  ): Promise<HttpResponse> {
    let url = request.url;
    for (let redirects = 0; ; redirects += 1) {
      const answer = await oneAnswer(request, url, body, meter, attempt, allowance);
      const { status, headers } = answer;
      request.onHeaders?.(headers);
      const asked = askedOf(request, url);
      if (isAccepted(request, status)) {
        if (answer.extent === 'cut') throw final(protocolFailure(asked, 'tooLarge', status));
        if (isEncoded(headers) && answer.body.byteLength > 0)
          throw final(protocolFailure(asked, 'compressed', status));
        return responseOf(answer, url, request.subject);
      }
      const redirect = redirectOf(request.method, url, status, headerText(headers, 'location'));
      if (redirect?.kind === 'refuse') throw final(protocolFailure(asked, redirect.reason, status));
      if (redirect) {
        if (redirects === MOST_REDIRECTS) throw final(protocolFailure(asked, 'redirectLoop', status));
        url = redirect.url;
        meter.startOver();
        continue;
      }
      const failure = refusalFailure(asked, answer, clock.now());
      throw new AttemptFailed(failure, mayTryAgain(request.retry, failure, true));
    }
  }

  async function oneAnswer(
    request: Asking,
    url: URL,
    body: SendableBody | undefined,
    meter: TrafficMeter,
    attempt: number,
    allowance: Allowance,
  ): Promise<Answer> {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') {
      throw final(protocolFailure(askedOf(request, url), 'scheme'));
    }
    const repeatable = request.retry === 'idempotent';
    const run = (connection: Connection) =>
      logged(request, url, meter, attempt, () =>
        exchange({
          method: request.method,
          url,
          headers: headersFor({
            url,
            firstUrl: request.url,
            method: request.method,
            userAgent,
            given: request.headers(),
            token: request.token,
            body,
          }),
          body,
          agent: agents.agentFor(url, connection),
          idleTimeoutMs: request.idleTimeoutMs ?? DEFAULT_IDLE_MS,
          allowance,
          isAnswer: (status) => isAccepted(request, status),
          maxBytes: (status) => mostBytes(request, status),
          take: takerOf(request, url),
          onSent: meter.addSent,
          onReceived: meter.addReceived,
          signal: request.signal,
        }),
      );
    return inTurn(request, url, async () => {
      try {
        // A write that must not happen twice gets a connection of its own: one from the pool may have died unnoticed.
        return await run(repeatable ? 'pooled' : 'fresh').catch((error: unknown) => {
          if (!repeatable || !isStale(error)) throw error;
          meter.startOver();
          return run('fresh');
        });
      } catch (error) {
        request.signal.throwIfAborted();
        throw attemptFailed(request, url, error);
      }
    });
  }

  async function logged(
    request: Asking,
    url: URL,
    meter: TrafficMeter,
    attempt: number,
    run: () => Promise<Answer>,
  ): Promise<Answer> {
    const start = performance.now();
    const receivedBefore = meter.received();
    const report = (outcome: string) =>
      log.debug(
        `${request.method} ${place(url)}: ${outcome}, ${Math.round(performance.now() - start)} ms, ` +
          `${meter.sent()} bytes sent, ${meter.received() - receivedBefore} received, attempt ${attempt}`,
      );
    try {
      const answer = await run();
      report(String(answer.status));
      return answer;
    } catch (error) {
      report(request.signal.aborted ? 'aborted' : outcomeOf(error));
      throw error;
    }
  }

  /** Runs `task` when its lane allows. Waiting ends at once when the signal is aborted, and for a question after a while. */
  async function inTurn<T>(request: Asking, url: URL, task: () => Promise<T>): Promise<T> {
    const { lane, signal, deadlineMs = Infinity } = request;
    const key = `${lane} ${url.origin}`;
    if (lane === 'transfer') return lanes.run(key, signal, task);
    const asked = askedOf(request, url);
    const mostMs = Math.min(asked.idleTimeoutMs, deadlineMs);
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(final(busyFailure(asked, mostMs))), mostMs);
    const either = AbortSignal.any([signal, waiting.signal]);
    const release = await lanes.acquire(key, either).finally(() => clearTimeout(timer));
    try {
      return await task();
    } finally {
      release();
    }
  }
}

function paceOf(paces: Paces, { deadlineMs, pace, body }: HttpRequest): Asked['pace'] {
  if (deadlineMs !== undefined) {
    return { kind: 'question', limits: { graceMs: deadlineMs, bytesPerSecond: Infinity } };
  }
  const kind = pace ?? (body?.kind === 'stream' ? 'transfer' : 'question');
  return { kind, limits: paces[kind] };
}

/** Gives the allowance of each attempt: for a question the same one. */
function allowances({ kind, limits }: Asked['pace']): () => Allowance {
  if (kind === 'transfer') return () => createAllowance(limits);
  const shared = createAllowance(limits);
  return () => shared;
}

/** Counts the bytes of bodies. */
interface TrafficMeter {
  /** Of the exchange under way. */
  sent(): number;
  /** Of all answers so far. */
  received(): number;
  readonly addSent: (bytes: number) => void;
  readonly addReceived: (bytes: number) => void;
  /** A request's body is sent again from its beginning. */
  startOver(): void;
}

function trafficMeter(onSent: ((bytes: number) => void) | undefined): TrafficMeter {
  let sent = 0;
  let received = 0;
  return {
    sent: () => sent,
    received: () => received,
    addSent: (bytes) => {
      sent += bytes;
      onSent?.(bytes);
    },
    addReceived: (bytes) => {
      received += bytes;
    },
    startOver: () => {
      if (sent > 0) onSent?.(-sent);
      sent = 0;
    },
  };
}

function takerOf(
  request: Asking,
  url: URL,
): ((head: AnswerHead, body: AsyncIterable<Buffer>) => Promise<void>) | undefined {
  const { take } = request;
  if (!take) return undefined;
  return async (head, body) => {
    if (isEncoded(head.headers)) throw protocolFailure(askedOf(request, url), 'compressed', head.status);
    await take({ ...head, url }, body);
  };
}

/** A connection from the pool that the server had closed before it saw the request. */
function isStale(error: unknown): boolean {
  return (
    error instanceof Interruption &&
    error.progress.reused &&
    !error.progress.answered &&
    error.progress.end === 'broken'
  );
}

function isAccepted(request: Asking, status: number): boolean {
  return (status >= 200 && status < 300) || (request.accept?.includes(status) ?? false);
}

function mostBytes(request: Asking, status: number): number {
  return isAccepted(request, status) ? (request.maxResponseBytes ?? DEFAULT_ANSWER_BYTES) : REFUSAL_BYTES;
}

function askedOf(request: Asking, url: URL): Asked {
  return {
    method: request.method,
    url,
    subject: request.subject,
    retry: request.retry,
    mostBytes: request.maxResponseBytes ?? DEFAULT_ANSWER_BYTES,
    idleTimeoutMs: request.idleTimeoutMs ?? DEFAULT_IDLE_MS,
    pace: request.pace,
  };
}

/** Where a request goes, as it may stand in a log: a query may hold authority. */
function place(url: URL): string {
  return url.origin + url.pathname;
}

function outcomeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return (error instanceof Error ? error.message : String(error)) + cause;
}

function final(failure: Failure): AttemptFailed {
  return new AttemptFailed(failure, false);
}

function attemptFailed(request: Asking, url: URL, error: unknown): AttemptFailed {
  if (error instanceof Interruption) {
    const failure = interruptionFailure(askedOf(request, url), error);
    const { connected, end } = error.progress;
    // A question has one allowance for all its attempts, and nothing is left of it.
    if (end === 'slow' && request.pace.kind === 'question') return final(failure);
    return new AttemptFailed(failure, mayTryAgain(request.retry, failure, connected));
  }
  if (error instanceof UntakenBody) {
    if (!(error.cause instanceof Failure)) throw error.cause;
    return new AttemptFailed(error.cause, mayTryAgain(request.retry, error.cause, true));
  }
  const asked = askedOf(request, url);
  if (error instanceof Failure) return final(error);
  if (error instanceof UnsendableBody) {
    return final(error.cause instanceof Failure ? error.cause : unsendableFailure(asked, error.cause));
  }
  // Node refuses to write what no header, method or path may hold; it can only come from a server's instructions.
  return final(protocolFailure(asked, 'unsendable', undefined, error));
}

function isEncoded(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['content-encoding'];
  return !!encoding && encoding.toLowerCase() !== 'identity';
}
