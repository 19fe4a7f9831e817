import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { ResponseHead } from '../http/client.ts';
import type { WantedFile } from './downloading.ts';

export function otherLength({ path, size }: WantedFile, { url, status }: ResponseHead): Failure {
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

export function endedEarly({ path }: WantedFile, { url }: ResponseHead): string {
  return l10n.t(
    '{1} stopped in the middle of “{0}”. Download it again: it goes on where it stopped.',
    path,
    url.host,
  );
}

export function noContent({ path }: WantedFile, { url, status }: ResponseHead): string {
  return l10n.t(
    '{1} answered the request for “{0}” with the status {2} instead of its content. Report it to its operators.',
    path,
    url.host,
    status,
  );
}
