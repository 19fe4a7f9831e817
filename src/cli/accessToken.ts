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

/** Where a token may come from. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The token for `hub`: the one that the keychain holds for it, else `HF_TOKEN`, which may be meant for any hub. The log
 * is told which, and never its value. Throws an `auth` failure where there is none.
 */
export async function tokenFor(
  hub: URL,
  environment: Environment,
  keychain: Keychain,
  terminal: Terminal,
  log: Pick<Log, 'info'>,
): Promise<AccessToken> {
  const found = await search(hub, environment, keychain, terminal, log);
  if (found.kind === 'token') return found.token;
  const { unavailable } = found;
  if (unavailable !== undefined) {
    throw new Failure(
      'auth',
      l10n.t('There is no access token for {0}: HF_TOKEN is not set. {1}', hub.href, unavailable.message),
      { cause: unavailable },
    );
  }
  throw new Failure(
    'auth',
    l10n.t('There is no access token for {0}. Set HF_TOKEN, or run: {1}', hub.href, loginCommand(hub)),
  );
}

/**
 * The token for a hub that a model is imported from, which is not the one that it is published to with: the one that
 * the keychain holds for it, else that of `MODEL_REGISTRIES_SOURCE_TOKEN`; undefined where there is none.
 */
export async function sourceTokenFor(
  hub: URL,
  environment: Environment,
  keychain: Keychain,
  terminal: Terminal,
  log: Pick<Log, 'info'>,
): Promise<AccessToken | undefined> {
  const found = await search(hub, environment, keychain, terminal, log, SOURCE_TOKEN);
  return found.kind === 'token' ? found.token : undefined;
}

/** As {@link tokenFor}; undefined where there is none. For hubs that show something to everybody. */
export async function keptOrGiven(
  hub: URL,
  environment: Environment,
  keychain: Keychain,
  terminal: Terminal,
  log: Pick<Log, 'info'>,
): Promise<AccessToken | undefined> {
  const found = await search(hub, environment, keychain, terminal, log);
  return found.kind === 'token' ? found.token : undefined;
}

type Found =
  | { readonly kind: 'token'; readonly token: AccessToken }
  /** `unavailable`: why the keychain could not be asked. */
  | { readonly kind: 'none'; readonly unavailable: KeychainUnavailable | undefined };

/** The variable of the environment that holds a token for a hub that is imported from. */
export const SOURCE_TOKEN = 'MODEL_REGISTRIES_SOURCE_TOKEN';

/** @param variable Of the environment: what it holds is taken where the keychain has none. */
async function search(
  hub: URL,
  environment: Environment,
  keychain: Keychain,
  terminal: Terminal,
  log: Pick<Log, 'info'>,
  variable: 'HF_TOKEN' | typeof SOURCE_TOKEN = 'HF_TOKEN',
): Promise<Found> {
  const given = environment[variable]?.trim();
  let unavailable: KeychainUnavailable | undefined;
  try {
    const kept = await keychain.read(hub);
    if (kept !== undefined) {
      log.info(
        `The access token is the one that the keychain holds for ${hub.href}${given ? `, not ${variable}` : ''}.`,
      );
      return { kind: 'token', token: tokenFrom(kept, hub, terminal) };
    }
  } catch (error) {
    if (!(error instanceof KeychainUnavailable)) throw error;
    log.info(`The keychain was asked in vain: ${error.message}`);
    unavailable = error;
  }
  if (!given) return { kind: 'none', unavailable };
  log.info(`The access token is that of ${variable}: the keychain holds none for ${hub.href}.`);
  return { kind: 'token', token: tokenFrom(given, hub, terminal) };
}
