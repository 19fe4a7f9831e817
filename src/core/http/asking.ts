import type { IncomingHttpHeaders } from 'node:http';
import { createAllowance, type Allowance } from './allowance.ts';
import type { HttpRequest, Lane, ReceiveRequest } from './client.ts';
import type { Asked } from './failures.ts';
import type { Paces } from './pace.ts';

const MEBIBYTE = 1024 * 1024;
const DEFAULT_ANSWER_BYTES = 5 * MEBIBYTE;
/** What is kept of a refusal, for its message. */
const REFUSAL_BYTES = 64 * 1024;

/** A request of either way, with what it leaves to the client. */
export interface Asking extends Omit<HttpRequest, 'headers' | 'pace'> {
  readonly lane: Lane;
  readonly pace: Asked['pace'];
  readonly idleTimeoutMs: number;
  readonly headers: () => Readonly<Record<string, string>>;
  readonly take?: ReceiveRequest['take'];
  readonly received?: ReceiveRequest['received'];
}

interface Defaults {
  readonly idleTimeoutMs: number;
  readonly paces: Paces;
}

export function askingOf(request: HttpRequest, { idleTimeoutMs, paces }: Defaults): Asking {
  const usual = request.body?.kind === 'stream' ? 'transfer' : 'question';
  return {
    ...request,
    lane: request.lane ?? usual,
    idleTimeoutMs: request.idleTimeoutMs ?? idleTimeoutMs,
    pace: paceOf(request, paces, usual),
    headers: () => request.headers ?? {},
  };
}

export function receivingOf(request: ReceiveRequest, { idleTimeoutMs, paces }: Defaults): Asking {
  return {
    ...request,
    ...{ method: 'GET', retry: 'idempotent' },
    lane: request.lane ?? 'transfer',
    idleTimeoutMs: request.idleTimeoutMs ?? idleTimeoutMs,
    pace: { kind: 'transfer', limits: paces.transfer },
  };
}

function paceOf({ deadlineMs, pace }: HttpRequest, paces: Paces, usual: keyof Paces): Asked['pace'] {
  if (deadlineMs !== undefined) {
    return { kind: 'question', limits: { graceMs: deadlineMs, bytesPerSecond: Infinity } };
  }
  const kind = pace ?? usual;
  return { kind, limits: paces[kind] };
}

/** Gives the allowance of each attempt: for a question the same one. */
export function allowances({ kind, limits }: Asked['pace']): () => Allowance {
  if (kind === 'transfer') return () => createAllowance(limits);
  const shared = createAllowance(limits);
  return () => shared;
}

export function isAccepted(request: Asking, status: number): boolean {
  return (status >= 200 && status < 300) || (request.accept?.includes(status) ?? false);
}

export function mostBytes(request: Asking, status: number): number {
  return isAccepted(request, status) ? (request.maxResponseBytes ?? DEFAULT_ANSWER_BYTES) : REFUSAL_BYTES;
}

/** What a failure of it is about. @param url The address that answered, or was to answer. */
export function askedOf(request: Asking, url: URL): Asked {
  return {
    method: request.method,
    url,
    subject: request.subject,
    retry: request.retry,
    isAnonymous: request.token !== undefined && request.token.authorizationFor(request.url) === undefined,
    mostBytes: request.maxResponseBytes ?? DEFAULT_ANSWER_BYTES,
    idleTimeoutMs: request.idleTimeoutMs,
    pace: request.pace,
  };
}

/** Where a request goes, as it may stand in a log: a query may hold authority. */
export function place(url: URL): string {
  return url.origin + url.pathname;
}

export function isEncoded(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['content-encoding'];
  return !!encoding && encoding.toLowerCase() !== 'identity';
}
