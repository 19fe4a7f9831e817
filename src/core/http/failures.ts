import * as l10n from '@vscode/l10n';
import type { IncomingHttpHeaders } from 'node:http';
import prettyBytes from 'pretty-bytes';
import { Failure, type FailureDetail, type FailureKind } from '../failure.ts';
import { redact } from '../log.ts';
import { headerText } from './headerText.ts';
import type { Interruption } from './interruptions.ts';
import type { Pace, Paces } from './pace.ts';
import { requestId, serverMessage } from './serverMessage.ts';
import { askedWait } from './waiting.ts';

/** What a failure is about, for its sentence. */
export interface Asked {
  readonly method: string;
  /** The address that answered, or was to answer. */
  readonly url: URL;
  readonly subject: string;
  readonly retry: 'idempotent' | 'never';
  /** It was to carry a token that authorizes nothing there: nobody is signed in. */
  readonly isAnonymous?: boolean;
  readonly idleTimeoutMs: number;
  /** How slow it may be. */
  readonly pace: { readonly kind: keyof Paces; readonly limits: Pace };
  /** Bytes of the largest answer taken. */
  readonly mostBytes: number;
}

interface Refusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The kinds of failure that a status can stand for. */
type RefusalKind = Extract<
  FailureKind,
  | 'auth'
  | 'conflict'
  | 'forbidden'
  | 'notFound'
  | 'protocol'
  | 'quota'
  | 'rateLimit'
  | 'refused'
  | 'server'
  | 'timeout'
  | 'unknownOutcome'
>;

/** The kind of failure a status stands for. A 502 or 504 is a gateway that lost the server's answer. */
export function kindOfStatus(status: number, write: 'repeatable' | 'once'): RefusalKind {
  switch (status) {
    case 401:
      return 'auth';
    case 402:
    case 413:
    case 507:
      return 'quota';
    case 403:
      return 'forbidden';
    case 404:
    case 410:
      return 'notFound';
    case 408:
      return 'timeout';
    case 409:
    case 412:
      return 'conflict';
    case 429:
      return 'rateLimit';
    case 502:
    case 504:
      return write === 'once' ? 'unknownOutcome' : 'server';
  }
  if (status >= 500) return 'server';
  return status >= 400 ? 'refused' : 'protocol';
}

/** The failure that a refusal stands for. @param now Milliseconds since the epoch. */
export function refusalFailure(asked: Asked, refusal: Refusal, now: number): Failure {
  const { status, headers, body } = refusal;
  const isGated = [401, 403].includes(status) && headerText(headers, 'x-error-code') === 'GatedRepo';
  const kind = isGated ? 'forbidden' : kindOfRefusal(asked, status);
  const words = serverMessage(headers, body);
  const retryAfterMs = askedWait(status, headers, body, now);
  const detail: FailureDetail = {
    status,
    serverMessage: words,
    requestId: requestId(headers),
    retryAfterMs,
    retryAt: retryAfterMs === undefined ? undefined : new Date(now + retryAfterMs),
  };
  const sentence = isGated ? gatedSentence(asked) : refusalSentence(kind, asked, detail);
  return new Failure(kind, words ? l10n.t('{0} The server says: {1}', sentence, words) : sentence, detail);
}

/** A server hides what is missing behind what is private: where nobody is signed in, a 401 says no more than that. */
function kindOfRefusal(asked: Asked, status: number): RefusalKind {
  if (status === 401 && asked.isAnonymous) return 'notFound';
  return kindOfStatus(status, isWrittenOnce(asked) ? 'once' : 'repeatable');
}

/** https://huggingface.co/docs/hub/models-gated */
function gatedSentence({ subject, url }: Asked): string {
  return l10n.t(
    '{0} is gated: its owners decide who may read it. Sign in and ask for access on its page at {1}, then try again.',
    subject,
    url.host,
  );
}

function refusalSentence(kind: RefusalKind, asked: Asked, detail: FailureDetail): string {
  const about = [asked.subject, asked.url.host] as const;
  const status = detail.status ?? 0;
  switch (kind) {
    case 'auth':
      return l10n.t('{1} did not accept the access token for {0}. Sign in again.', ...about);
    case 'forbidden':
      return l10n.t(
        '{1} does not permit this for {0}. Check the scopes of the access token and what your team may do.',
        ...about,
      );
    case 'notFound':
      if (asked.isAnonymous) {
        return l10n.t(
          '{1} does not know {0}, or shows it only to those who sign in. Check the name, or sign in.',
          ...about,
        );
      }
      return l10n.t('{1} does not know {0}. Check the name, and that the access token may see it.', ...about);
    case 'timeout':
      return l10n.t('{1} gave up waiting for the request about {0}. Try again.', ...about);
    case 'rateLimit':
      return detail.retryAfterMs === undefined
        ? l10n.t(
            '{1} takes no more requests for now, so the request about {0} has to wait. Try again later.',
            ...about,
          )
        : l10n.t(
            '{1} takes no more requests for now, so the request about {0} has to wait. Try again in {2} seconds.',
            ...about,
            Math.ceil(detail.retryAfterMs / 1000),
          );
    case 'conflict':
      return l10n.t('{0} was changed at {1} meanwhile. Refresh and try again.', ...about);
    case 'quota':
      return l10n.t(
        '{1} has no room left for {0}, or it is too large. Free storage or change the plan, then try again.',
        ...about,
      );
    case 'unknownOutcome':
      return unknownOutcomeSentence(asked);
    case 'server':
      return l10n.t('{1} failed at {0} with status {2}. Try again later.', ...about, status);
    case 'refused':
      return status === 407
        ? l10n.t(
            'A proxy on the way to {1} asks for a name and a password, so {0} is not available. Check the proxy settings.',
            ...about,
          )
        : l10n.t('{1} refused the request about {0} with status {2}.', ...about, status);
    case 'protocol':
      return l10n.t(
        '{1} answered the request about {0} with the unexpected status {2}. Check the address.',
        ...about,
        status,
      );
  }
}

/** It had no turn among the questions that are under way. @param waitedMs milliseconds */
export function busyFailure({ subject, url }: Asked, waitedMs: number): Failure {
  return new Failure(
    'timeout',
    l10n.t(
      '{1} has not answered earlier questions, so {0} could not be asked for within {2} seconds. Check the network connection and try again.',
      subject,
      url.host,
      Math.ceil(waitedMs / 1000),
    ),
  );
}

/** The failure that a connection that could not be made, or broke, stands for. */
export function interruptionFailure(asked: Asked, interruption: Interruption): Failure {
  const { progress, cause } = interruption;
  // Whoever makes the connection knows better why there is none.
  if (cause instanceof Failure) return cause;
  const [kind, sentence] = interrupted(asked, progress, codeOf(cause));
  return new Failure(kind, sentence, { cause });
}

function interrupted(
  asked: Asked,
  { connected, sentWhole, end }: Interruption['progress'],
  code: string,
): readonly [FailureKind, string] {
  const about = [asked.subject, asked.url.host] as const;
  if (isTls(code)) {
    const sentence = l10n.t(
      'No trusted connection to {1} for {0} ({2}). Check the certificate, the clock of this computer and the proxy settings.',
      ...about,
      code,
    );
    return ['tls', sentence];
  }
  if (isWrittenOnce(asked) && connected && sentWhole)
    return ['unknownOutcome', unknownOutcomeSentence(asked)];
  if (end === 'slow') return ['timeout', slowSentence(asked)];
  if (end === 'idle') {
    const sentence = l10n.t(
      'Nothing came from {1} about {0} for {2} seconds. Check the network connection and try again.',
      ...about,
      Math.ceil(asked.idleTimeoutMs / 1000),
    );
    return ['timeout', sentence];
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const sentence = l10n.t(
      'The headers of the answer of {1} about {0} are longer than is taken. Report it to its operators.',
      ...about,
    );
    return ['protocol', sentence];
  }
  if (code.startsWith('HPE_')) {
    const sentence = l10n.t(
      'What answers at {1} does not speak HTTP ({2}), so {0} is not available. Check the address.',
      ...about,
      code,
    );
    return ['protocol', sentence];
  }
  const sentence = connected
    ? l10n.t(
        'The connection to {1} broke during {0} ({2}). Check the network connection and try again.',
        ...about,
        code,
      )
    : l10n.t(
        'Could not reach {1} for {0} ({2}). Check the network connection and the proxy settings, then try again.',
        ...about,
        code,
      );
  return ['network', sentence];
}

function slowSentence({ subject, url, pace: { kind, limits } }: Asked): string {
  const about = [subject, url.host] as const;
  switch (kind) {
    case 'question':
      return l10n.t(
        '{1} did not answer the request about {0} within {2} seconds. Check the network connection and try again.',
        ...about,
        Math.ceil(limits.graceMs / 1000),
      );
    case 'transfer':
      return l10n.t(
        'Less than {2} bytes a second went to or came from {1} for {0}. Check the network connection and try again.',
        ...about,
        limits.bytesPerSecond,
      );
  }
}

function unknownOutcomeSentence({ subject, url }: Asked): string {
  return l10n.t(
    'The answer of {1} about {0} was lost, so it may or may not have been carried out. Check before you try again.',
    subject,
    url.host,
  );
}

function isWrittenOnce({ method, retry }: Asked): boolean {
  return retry === 'never' && method !== 'GET' && method !== 'HEAD';
}

/** The first system error code in an error, its causes, and the attempts at several addresses; else its words. */
function codeOf(error: unknown): string {
  const errors = [error];
  for (let index = 0; index < errors.length && index < 20; index += 1) {
    const next = errors[index];
    if (!(next instanceof Error)) continue;
    if ('code' in next && typeof next.code === 'string') return next.code;
    errors.push(next.cause, ...(next instanceof AggregateError ? (next.errors as unknown[]) : []));
  }
  return error instanceof Error ? redact(error.message).slice(0, 200) : 'ECLOSED';
}

/** Codes for connections not to be trusted (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
function isTls(code: string): boolean {
  return (
    /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|ERROR_IN_C)/.test(code) ||
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'EPROTO',
      'HOSTNAME_MISMATCH',
      'INVALID_CA',
      'INVALID_PURPOSE',
      'PATH_LENGTH_EXCEEDED',
      'SELF_SIGNED_CERT_IN_CHAIN',
    ].includes(code)
  );
}

/**
 * Whether trying again may help and can do no harm. A write that must not happen twice is only tried again where it
 * cannot have happened: it was turned away (429), or there was no connection.
 */
export function mayTryAgain(retry: 'idempotent' | 'never', failure: Failure, connected: boolean): boolean {
  const { kind, status } = failure;
  if (kind === 'rateLimit') return true;
  if (kind === 'network' || kind === 'timeout') return retry === 'idempotent' || !connected;
  return kind === 'server' && retry === 'idempotent' && status !== 501 && status !== 505;
}

/** How an answer, or the address asked, breaks the protocol or one of our limits. */
type Breach =
  | 'scheme'
  | 'tooLarge'
  | 'compressed'
  | 'unsendable'
  /** Redirects, see redirects.ts. */
  | 'redirectLoop'
  | 'unsafe'
  | 'method'
  | 'location';

export function protocolFailure(asked: Asked, breach: Breach, status?: number, cause?: unknown): Failure {
  return new Failure('protocol', breachSentence(asked, breach, status), { status, cause });
}

function breachSentence({ subject, url, mostBytes }: Asked, breach: Breach, status = 0): string {
  const about = [subject, url.host] as const;
  switch (breach) {
    case 'scheme':
      return l10n.t(
        'The address of {0} starts with {1} instead of https. Check the address.',
        subject,
        url.protocol,
      );
    case 'tooLarge':
      return l10n.t(
        'The answer of {1} about {0} is larger than {2} and was not read. Check the address.',
        ...about,
        prettyBytes(mostBytes),
      );
    case 'compressed':
      return l10n.t(
        'The answer of {1} about {0} is compressed although that was not asked for. Check the proxy settings.',
        ...about,
      );
    case 'unsendable':
      return l10n.t(
        'The request about {0} to {1} cannot be made as the server asks for it. Report it to its operators.',
        ...about,
      );
    case 'redirectLoop':
      return l10n.t('{1} redirects the request about {0} again and again. Check the address.', ...about);
    case 'unsafe':
      return l10n.t(
        '{1} redirects the request about {0} to an address without encryption, which is not followed. Check the address.',
        ...about,
      );
    case 'method':
    case 'location':
      return l10n.t(
        '{1} redirects the request about {0} in a way that cannot be followed (status {2}). Check the address.',
        ...about,
        status,
      );
  }
}

/** The body could not be read, or is not as long as it was said to be. */
export function unsendableFailure({ subject }: Asked, cause: unknown): Failure {
  return new Failure(
    'corrupt',
    l10n.t(
      'The content of {0} could not be read as it was announced ({1}). Check the files, then try again.',
      subject,
      cause instanceof Error ? cause.message : String(cause),
    ),
    { cause },
  );
}
