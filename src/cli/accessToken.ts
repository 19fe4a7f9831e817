import * as l10n from '@vscode/l10n';
import { AccessToken } from '../core/accessToken.ts';
import { Failure } from '../core/failure.ts';
import { commandForAnyShell } from '../core/shells/anyShell.ts';
import { type Keychain, KeychainUnavailable } from './keychain.ts';
import type { Terminal } from './terminal.ts';

/** What an Authorization header may hold. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/** `text` as a token for `hub`, without what came along with it. Throws an `auth` failure for what cannot be a token. */
export function tokenFrom(text: string, hub: URL, terminal: Terminal): AccessToken {
  const value = text.trim();
  terminal.hide(value);
  if (!PRINTABLE.test(value)) {
    throw new Failure(
      'auth',
      l10n.t(
        'An access token is one word without line breaks or special characters. Copy it once more, whole.',
      ),
    );
  }
  return new AccessToken(value, [hub]);
}

/** The command that keeps a token for `hub`, or the program's part of it where an address cannot stand in a command. */
export function loginCommand(hub: URL): string {
  const login = ['model-registries', 'login'];
  return commandForAnyShell([...login, '--hub', hub.href]) ?? login.join(' ');
}

/** The token for `hub`: `HF_TOKEN` where it is set, else what the keychain holds. Throws an `auth` failure where there is none. */
export async function tokenFor(
  hub: URL,
  environment: Readonly<Record<string, string | undefined>>,
  keychain: Keychain,
  terminal: Terminal,
): Promise<AccessToken> {
  const given = environment.HF_TOKEN?.trim();
  if (given) return tokenFrom(given, hub, terminal);
  let kept: string | undefined;
  try {
    kept = await keychain.read(hub);
  } catch (error) {
    if (!(error instanceof KeychainUnavailable)) throw error;
    throw new Failure(
      'auth',
      l10n.t('There is no access token for {0}: HF_TOKEN is not set. {1}', hub.href, error.message),
      { cause: error },
    );
  }
  if (kept !== undefined) return tokenFrom(kept, hub, terminal);
  throw new Failure(
    'auth',
    l10n.t('There is no access token for {0}. Set HF_TOKEN, or run: {1}', hub.href, loginCommand(hub)),
  );
}
