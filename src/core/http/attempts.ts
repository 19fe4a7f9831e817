import type { Lanes } from '../async/lanes.ts';
import type { Log } from '../log.ts';
import type { Agents, Connection } from './agents.ts';
import type { Allowance } from './allowance.ts';
import { askedOf, isAccepted, isEncoded, mostBytes, place, type Asking } from './asking.ts';
import { attemptFailed, AttemptFailed, final } from './attemptFailed.ts';
import type { HttpResponse } from './client.ts';
import { exchange, type Answer, type AnswerHead } from './exchange.ts';
import { busyFailure, mayTryAgain, protocolFailure, refusalFailure } from './failures.ts';
import { headersFor } from './headers.ts';
import { locationText } from './headerText.ts';
import { Interruption } from './interruptions.ts';
import { MOST_REDIRECTS, redirectOf } from './redirects.ts';
import { responseOf } from './response.ts';
import type { SendableBody } from './sendableBody.ts';
import type { Traffic } from './traffic.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

/** What all requests of a client share. */
export interface Shared {
  readonly userAgent: string;
  readonly log: Log;
  readonly agents: Agents;
  /** Of each kind of request, for each origin. */
  readonly lanes: Lanes;
  readonly clock: Clock;
}

/** One of the times that a request is tried. */
interface Attempt {
  readonly request: Asking;
  readonly body: SendableBody | undefined;
  readonly traffic: Traffic;
  /** From 1. */
  readonly number: number;
  readonly allowance: Allowance;
}

/** Follows redirects to an answer. Throws {@link AttemptFailed}, the signal's reason, or what took the answer threw. */
export async function answerTo(attempt: Attempt, shared: Shared): Promise<HttpResponse> {
  const { request, traffic } = attempt;
  let url = request.url;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await oneAnswer(attempt, url, shared);
    const { status, headers } = answer;
    request.onHeaders?.(headers);
    const asked = askedOf(request, url);
    if (isAccepted(request, status)) {
      if (answer.extent === 'cut') throw final(protocolFailure(asked, 'tooLarge', status));
      if (isEncoded(headers) && answer.body.byteLength > 0)
        throw final(protocolFailure(asked, 'compressed', status));
      return responseOf(answer, url, request.subject);
    }
    const redirect = redirectOf(request.method, url, status, locationText(headers));
    if (redirect?.kind === 'refuse') throw final(protocolFailure(asked, redirect.reason, status));
    if (redirect) {
      if (redirects === MOST_REDIRECTS) throw final(protocolFailure(asked, 'redirectLoop', status));
      url = redirect.url;
      traffic.startOver();
      continue;
    }
    const failure = refusalFailure(asked, answer, shared.clock.now());
    throw new AttemptFailed(failure, mayTryAgain(request.retry, failure, true));
  }
}

async function oneAnswer(attempt: Attempt, url: URL, shared: Shared): Promise<Answer> {
  const { request, traffic } = attempt;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw final(protocolFailure(askedOf(request, url), 'scheme'));
  }
  const repeatable = request.retry === 'idempotent';
  const run = (connection: Connection): Promise<Answer> =>
    logged(attempt, url, shared.log, () => exchanged(attempt, url, connection, shared));
  const release = await turn(request, url, shared.lanes);
  try {
    // A write that must not happen twice gets a connection of its own: one from the pool may have died unnoticed.
    return await run(repeatable ? 'pooled' : 'fresh').catch((error: unknown) => {
      if (!repeatable || !isStale(error)) throw error;
      traffic.startOver();
      return run('fresh');
    });
  } catch (error) {
    request.signal.throwIfAborted();
    throw attemptFailed(request, url, error);
  } finally {
    release();
  }
}

function exchanged(
  { request, body, traffic, allowance }: Attempt,
  url: URL,
  connection: Connection,
  { userAgent, agents }: Shared,
): Promise<Answer> {
  const { method, token, idleTimeoutMs, signal } = request;
  const given = request.headers();
  return exchange({
    method,
    url,
    headers: headersFor({ url, firstUrl: request.url, method, userAgent, given, token, body }),
    body,
    agent: agents.agentFor(url, connection),
    idleTimeoutMs,
    allowance,
    isAnswer: (status) => isAccepted(request, status),
    maxBytes: (status) => mostBytes(request, status),
    take: takerOf(request, url),
    onSent: traffic.addSent,
    onReceived: traffic.addReceived,
    signal,
  });
}

async function logged(
  { request, traffic, number }: Attempt,
  url: URL,
  log: Log,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const start = performance.now();
  const receivedBefore = traffic.received;
  const report = (outcome: string) =>
    log.debug(
      `${request.method} ${place(url)}: ${outcome}, ${Math.round(performance.now() - start)} ms, ` +
        `${traffic.sent} bytes sent, ${traffic.received - receivedBefore} received, attempt ${number}`,
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

/** A place in the request's lane, to be given back. A question waits for it a while only. */
async function turn(request: Asking, url: URL, lanes: Lanes): Promise<() => void> {
  const { lane, signal, deadlineMs = Infinity } = request;
  const key = `${lane} ${url.origin}`;
  if (lane === 'feed') return () => undefined;
  if (lane === 'transfer') return lanes.acquire(key, signal);
  const asked = askedOf(request, url);
  const mostMs = Math.min(asked.idleTimeoutMs, deadlineMs);
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(final(busyFailure(asked, mostMs))), mostMs);
  const either = AbortSignal.any([signal, waiting.signal]);
  return lanes.acquire(key, either).finally(() => clearTimeout(timer));
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

function outcomeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return (error instanceof Error ? error.message : String(error)) + cause;
}
