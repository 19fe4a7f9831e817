import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { CheckedToken } from './service.ts';

/**
 * What a person pasted, without what came along with it. Throws an `auth` failure for what cannot be a token anywhere.
 */
export function pastedToken(pasted: string): string {
  const text = pasted.trim().replace(/^bearer\s+/i, '');
  if (text === '' || /^bearer$/i.test(text)) throw new Failure('auth', l10n.t('Paste a token first.'));
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new Failure(
      'auth',
      l10n.t('A token has no spaces, line breaks or special characters. Copy it again.'),
    );
  }
  return text;
}

/** `checked`, unless the server tells that it has expired: then an `auth` failure. */
export function checkedNow(checked: CheckedToken): CheckedToken {
  const { expiresAt } = checked;
  if (expiresAt && expiresAt.getTime() <= Date.now()) {
    throw new Failure(
      'auth',
      l10n.t('This token expired on {0}. Create a new one.', expiresAt.toISOString().slice(0, 10)),
    );
  }
  return checked;
}

/** What a 401 says where a token is checked. */
export function unknownToken({ host }: URL, cause: Failure): Failure {
  return new Failure(
    'auth',
    l10n.t(
      '{0} rejected this token: it may be incomplete, expired or revoked. Copy it again, or create a new one.',
      host,
    ),
    cause,
  );
}
