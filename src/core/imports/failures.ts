import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';

/** What failed at the hub that a model is read from. What is told so already, or is no failure, is let through. */
export function failedAtSource<E>(error: E, { host }: URL): E | Failure {
  if (!(error instanceof Failure) || error.source !== undefined) return error;
  const { kind, message, paths, command, retryAfterMs, retryAt } = error;
  return new Failure(kind, message, { ...error.origin, paths, command, retryAfterMs, retryAt, source: host });
}

/** @param address Where the model is: its page, for those who sign in. */
export function gatedSource(address: string, cause: Failure): Failure {
  const sentence = l10n.t(
    'The files of {0} are only for those whom its owners let in. Accept its terms on that page, with the account whose access token is used for it, and try again.',
    address,
  );
  return new Failure(
    'forbidden',
    cause.serverMessage === undefined
      ? sentence
      : l10n.t('{0} The server says: {1}', sentence, cause.serverMessage),
    cause.origin,
  );
}
