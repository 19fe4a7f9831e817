import * as l10n from '@vscode/l10n';
import { AccessToken } from '../core/accessToken.ts';
import { Failure } from '../core/failure.ts';
import type { Log } from '../core/log.ts';
import { commandForAnyShell } from '../core/shells/anyShell.ts';
import { type Keychain, KeychainUnavailable } from './keychain.ts';
import type { Terminal } from './terminal.ts';

/** What an Authorization header may hold. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/** `text` as a token for `hub`, without what came along with it. Throws an `auth` failure where it cannot be one. */
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

/**
 * The token for `hub`: the one that the keychain holds for it, else `HF_TOKEN`, which may be meant for any hub. The log
 * is told which, and never its value. Throws an `auth` failure where there is none.
 */
export async function tokenFor(
  hub: URL,
  environment: Readonly<Record<string, string | undefined>>,
  keychain: Keychain,
  terminal: Terminal,
  log: Pick<Log, 'info'>,
): Promise<AccessToken> {
  const given = environment.HF_TOKEN?.trim();
  const kept = await keptFor(hub, keychain, given !== undefined && given !== '', log);
  if (kept !== undefined) {
    log.info(
      `The access token is the one that the keychain holds for ${hub.href}${given ? ', not HF_TOKEN' : ''}.`,
    );
    return tokenFrom(kept, hub, terminal);
  }
  if (given) {
    log.info(`The access token is that of HF_TOKEN: the keychain holds none for ${hub.href}.`);
    return tokenFrom(given, hub, terminal);
  }
  throw new Failure(
    'auth',
    l10n.t('There is no access token for {0}. Set HF_TOKEN, or run: {1}', hub.href, loginCommand(hub)),
  );
}

/** Throws an `auth` failure where the keychain does not answer, and there is no other token. */
async function keptFor(
  hub: URL,
  keychain: Keychain,
  hasAnother: boolean,
  log: Pick<Log, 'info'>,
): Promise<string | undefined> {
  try {
    return await keychain.read(hub);
  } catch (error) {
    if (!(error instanceof KeychainUnavailable)) throw error;
    if (hasAnother) {
      log.info(`The keychain was asked in vain: ${error.message}`);
      return undefined;
    }
    throw new Failure(
      'auth',
      l10n.t('There is no access token for {0}: HF_TOKEN is not set. {1}', hub.href, error.message),
      { cause: error },
    );
  }
}
