import * as vscode from 'vscode';
import { relativeTime } from '../relativeTime.ts';
import type { Session } from './sessions.ts';

/** Milliseconds before a token expires in which that is said. */
const SOON_MS = 24 * 3600_000;

/** Says that the session's token expires within a day, or has expired; undefined where there is nothing to say yet. */
export function expiryText(
  { expiresAt }: Pick<Session, 'expiresAt'>,
  now: Date,
  locale: string,
): string | undefined {
  if (!expiresAt || expiresAt.getTime() - now.getTime() > SOON_MS) return undefined;
  const when = relativeTime(expiresAt, now, locale);
  return expiresAt > now
    ? vscode.l10n.t('token expires {0}', when)
    : vscode.l10n.t('token expired {0}', when);
}
