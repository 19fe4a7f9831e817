import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { ResponseHead } from '../http/client.ts';

/** A file whose content was asked for, and the bytes that it should have. */
interface AskedFile {
  readonly path: string;
  readonly size: number;
}

/** What was sent has another length than the version names. */
export function otherLength({ path, size }: AskedFile, { url, status }: ResponseHead): Failure {
  return new Failure(
    'corrupt',
    l10n.t(
      '{1} sends “{0}” with another length than the {2} bytes that the version names. Report it to its operators.',
      path,
      url.host,
      size,
    ),
    { status, paths: [path] },
  );
}

/** Says that the answer was something else than the content. */
export function noContent({ path }: AskedFile, { url, status }: ResponseHead): string {
  return l10n.t(
    '{1} answered the request for “{0}” with the status {2} instead of its content. Report it to its operators.',
    path,
    url.host,
    status,
  );
}
