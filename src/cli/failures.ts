import * as l10n from '@vscode/l10n';
import { Failure, type FailureKind } from '../core/failure.ts';
import { isSystemError, refused } from '../core/snapshot/files/systemErrors.ts';
import { loginCommand } from './accessToken.ts';

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
 * @param hub Whose token another one may take the place of; undefined where the command asks none.
 */
export function reported(thrown: unknown, hub: URL | undefined): ReportedFailure {
  // A part of this program is loaded when it is needed, too, and may not be readable then.
  const error = isSystemError(thrown) && thrown.path !== undefined ? refused(thrown, thrown.path) : thrown;
  if (!(error instanceof Failure)) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const message = l10n.t('This should not have happened; please report it: {0}', words);
    return { message, failure: 'internal' };
  }
  const { kind, status, requestId, paths } = error;
  return {
    // A refused token is replaced here, not in a window.
    message:
      kind === 'auth' && status !== undefined && hub !== undefined
        ? l10n.t(
            '{0} To use another token, run “{1}”, or set HF_TOKEN where the keychain holds none for this hub.',
            ...[error.message, loginCommand(hub)],
          )
        : error.message,
    failure: kind,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(paths.length === 0 ? {} : { paths }),
  };
}
