import { Failure } from '../failure.ts';
import { askedOf, type Asking } from './asking.ts';
import { interruptionFailure, mayTryAgain, protocolFailure, unsendableFailure } from './failures.ts';
import { Interruption, UnsendableBody, UntakenBody } from './interruptions.ts';

/** Why an attempt ended without a usable answer, and whether another one may be made. */
export class AttemptFailed extends Error {
  readonly failure: Failure;
  readonly tryAgain: boolean;

  constructor(failure: Failure, tryAgain: boolean) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.tryAgain = tryAgain;
  }
}

/** No other attempt is made. */
export function final(failure: Failure): AttemptFailed {
  return new AttemptFailed(failure, false);
}

/** Why an exchange failed, once. Throws what whoever took the answer threw, where that was no failure. */
export function attemptFailed(request: Asking, url: URL, error: unknown): AttemptFailed {
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
