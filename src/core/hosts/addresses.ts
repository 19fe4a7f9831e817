import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';

/** `base` with more path segments, each encoded. Throws a `notFound` failure for a name that a URL would take for a step. */
export function endpointUrl(base: URL, ...segments: readonly string[]): URL {
  // Half a character has no encoding, and a URL takes dots for steps.
  const name = segments.find((segment) => /^\.{0,2}$|\p{Cs}/u.test(segment));
  if (name !== undefined) {
    throw new Failure('notFound', l10n.t('Nothing can be called "{0}". Check the name.', name));
  }
  const url = new URL(base);
  url.pathname = [base.pathname.replace(/\/+$/, ''), ...segments.map(encodeURIComponent)].join('/');
  return url;
}

/** Whether `url` is at `base` or below it. */
export function isBelow(url: URL, base: URL): boolean {
  return url.origin === base.origin && `${url.pathname}/`.startsWith(`${base.pathname.replace(/\/+$/, '')}/`);
}
