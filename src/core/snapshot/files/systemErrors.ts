import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';

/** What the operating system said no to (https://nodejs.org/api/errors.html#class-systemerror). */
export interface SystemError extends Error {
  /** Such as `EACCES`. */
  readonly code: string;
  readonly syscall: string;
  /** Absent where the call was about an open file. */
  readonly path?: string;
  /** Where something was to be written, beside `path`. */
  readonly dest?: string;
}

export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'errno' in error &&
    'syscall' in error &&
    'code' in error &&
    typeof error.code === 'string'
  );
}

/** Whether there is nothing at the path, nor at where it leads. */
export function isGone(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP');
}

/** Whether something is there that this user may not look at. */
export function isForbidden(error: unknown): error is SystemError {
  return hasCode(error, 'EACCES', 'EPERM');
}

/** Whether there is a folder in place of a file. */
export function isFolder(error: unknown): boolean {
  return hasCode(error, 'EISDIR');
}

/** Whether it is one of these. @param codes Such as `ENOENT`. */
export function hasCode(error: unknown, ...codes: readonly string[]): error is SystemError {
  return isSystemError(error) && codes.includes(error.code);
}

/**
 * `error` as a `disk` failure where it is a {@link SystemError}: a sentence with path, reason and what helps. Anything
 * else is given back as it is.
 *
 * @param about the path that it is about where the error does not say.
 */
export function plainly(error: unknown, about: string): unknown {
  return isSystemError(error) ? refused(error, about) : error;
}

/**
 * The same for a {@link SystemError} that is known to be one.
 *
 * @param paths those of the snapshot that it is about.
 */
export function refused(error: SystemError, about: string, paths: readonly string[] = []): Failure {
  return new Failure('disk', sentence(error, error.path ?? about), { cause: error, paths });
}

/**
 * Calls that need a right to write: those that make, name, change or remove something (libuv's names). Of a copy nobody
 * knows which end it was.
 */
const WRITING: readonly string[] = [
  ...['mkdir', 'mkdtemp', 'rename', 'link', 'symlink', 'write', 'ftruncate', 'fsync'],
  ...['unlink', 'rmdir', 'rm', 'chmod', 'fchmod', 'utime', 'futime'],
];

function sentence({ code, dest, message, syscall }: SystemError, path: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      if (WRITING.includes(syscall)) {
        return l10n.t(
          '“{0}” may not be made, changed or removed by the user that this program runs as ({1}). Give that user the right to write there, or run as the owner of its folder, and try again.',
          dest ?? path,
          code,
        );
      }
      return l10n.t(
        '“{0}” may not be read by the user that this program runs as ({1}). Give that user the right to read it, or run as its owner, and try again.',
        path,
        code,
      );
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EROFS':
      return l10n.t('“{0}” cannot be written ({1}). Make room there, and try again.', dest ?? path, code);
    case 'EMFILE':
    case 'ENFILE':
      return l10n.t(
        'Too many files are open to read “{0}”, too ({1}). Close other programs, or allow more open files (“ulimit -n” tells how many there may be), and try again.',
        path,
        code,
      );
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ELOOP':
      return l10n.t(
        '“{0}” went away while it was read ({1}). Try again when nothing changes there any more.',
        path,
        code,
      );
    default:
      return l10n.t(
        'The system could not read “{0}”: {1}. Check that its disk or drive can be used, and try again.',
        path,
        message,
      );
  }
}
