import * as l10n from '@vscode/l10n';
import { Failure, type FailureKind } from '../core/failure.ts';
import { isSystemError, refused } from '../core/snapshot/files/systemErrors.ts';
import { loginCommand, SOURCE_TOKEN } from './accessToken.ts';

/** Why a command failed. `message` is a sentence for people; everything else is for programs, as JSON. */
export interface ReportedFailure {
  readonly message: string;
  /** `internal` is a mistake of this program. */
  readonly failure: FailureKind | 'internal';
  /** HTTP status, where a server refused. */
  readonly status?: number;
  /** The server's id of the request, to quote to its operators. */
  readonly requestId?: string;
  /** Files that it is about. */
  readonly paths?: readonly string[];
}

/**
 * What to report of an error that ended a command.
 *
 * @param hub Whose token another one may take the place of.
 * @param source The hub that an import reads from.
 */
export function reported(thrown: unknown, hub: URL, source?: URL): ReportedFailure {
  // A part of this program is loaded when it is needed, too, and may not be readable then.
  const error = isSystemError(thrown) && thrown.path !== undefined ? refused(thrown, thrown.path) : thrown;
  if (!(error instanceof Failure)) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const message = l10n.t('This should not have happened; please report it: {0}', words);
    return { message, failure: 'internal' };
  }
  const { kind, status, requestId, paths } = error;
  return {
    message: withWayToToken(error, hub, source),
    failure: kind,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(paths.length === 0 ? {} : { paths }),
  };
}

/** A refused token is replaced here, not in a window. */
function withWayToToken(error: Failure, hub: URL, source: URL | undefined): string {
  const { kind, message, status } = error;
  if (error.source !== undefined && source !== undefined) {
    return ['auth', 'forbidden', 'notFound'].includes(kind)
      ? l10n.t(
          '{0} The token for that hub is the one that “{1}” keeps, else that of {2}.',
          ...[message, loginCommand(source), SOURCE_TOKEN],
        )
      : message;
  }
  if (kind !== 'auth' || status === undefined) return message;
  return l10n.t(
    '{0} To use another token, run “{1}”, or set HF_TOKEN where the keychain holds none for this hub.',
    ...[message, loginCommand(hub)],
  );
}
