import { headerText } from '../../http/headerText.ts';
import type { HttpResponse } from '../../http/client.ts';
import { UNKNOWN_CALL } from '../../hub/connection.ts';

/** Codes of a server that knows the call, and misses what it is about. */
const MISSING = ['RepoNotFound', 'RevisionNotFound', 'EntryNotFound', 'GatedRepo'];

/** Whether a server has no such call: it says so, or answers with a page for people. */
export function isUnknownCall({ status, headers }: Pick<HttpResponse, 'status' | 'headers'>): boolean {
  if (MISSING.includes(headerText(headers, 'x-error-code') ?? '')) return false;
  return UNKNOWN_CALL.includes(status) || /\bhtml\b/i.test(headerText(headers, 'content-type') ?? '');
}
