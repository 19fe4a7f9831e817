import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { AsyncEntry } from '@napi-rs/keyring';

/** Tokens in the operating system's keychain, one per hub. Every call may throw {@link KeychainUnavailable}. */
export interface Keychain {
  read(hub: URL): Promise<string | undefined>;
  store(hub: URL, token: string): Promise<void>;
  /** Whether there was one. */
  remove(hub: URL): Promise<boolean>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** There is no keychain here, or it does not open. `message` is a sentence that says what to do. */
export class KeychainUnavailable extends Error {
  override readonly name = 'KeychainUnavailable';
}

const SERVICE = 'model-registries';

/**
 * The operating system's keychain by `@napi-rs/keyring`, which is loaded at the first call, and not at all where there
 * can be no answer: a build machine has no keychain, and should not wait for that.
 *
 * On Linux only a Secret Service will do. The library's keytar interface falls back to the kernel's memory, which
 * forgets at the next start of the machine, and reads nothing where there is no keychain at all.
 */
export function systemKeychain(platform: NodeJS.Platform, environment: Environment): Keychain {
  const withEntry = async <T>(hub: URL, use: (entry: AsyncEntry) => Promise<T>): Promise<T> => {
    if (platform === 'linux' && !mayHaveSessionBus(environment)) {
      throw unavailable(platform, l10n.t('there is no session bus'));
    }
    const { AsyncEntry: Entry } = await import('@napi-rs/keyring').catch((error: unknown) => {
      throw new KeychainUnavailable(
        l10n.t(
          'The package @napi-rs/keyring, which opens the keychain, is not installed or not made for this machine. Install it, or set HF_TOKEN.',
        ),
        { cause: error },
      );
    });
    try {
      return await use(new Entry(SERVICE, hub.href, { linux: { store: 'secret-service' } }));
    } catch (error) {
      throw unavailable(platform, error);
    }
  };
  return {
    read: (hub) => withEntry(hub, async (entry) => (await entry.getPassword()) ?? undefined),
    store: (hub, token) => withEntry(hub, (entry) => entry.setPassword(token)),
    remove: (hub) => withEntry(hub, (entry) => entry.deletePassword()),
  };
}

/** On which a Secret Service answers: an X server may know it (https://dbus.freedesktop.org/doc/dbus-daemon.1.html). */
function mayHaveSessionBus({
  DBUS_SESSION_BUS_ADDRESS,
  DISPLAY,
  XDG_RUNTIME_DIR = '',
}: Environment): boolean {
  if (DBUS_SESSION_BUS_ADDRESS || DISPLAY) return true;
  const folder = XDG_RUNTIME_DIR === '' ? `/run/user/${String(process.getuid?.())}` : XDG_RUNTIME_DIR;
  return existsSync(join(folder, 'bus'));
}

function unavailable(platform: NodeJS.Platform, error: unknown): KeychainUnavailable {
  const words = error instanceof Error ? error.message : String(error);
  return new KeychainUnavailable(
    platform === 'linux'
      ? l10n.t(
          'No keychain answers on this machine. Install and unlock a keyring, such as gnome-keyring or KWallet in a desktop session, or set HF_TOKEN. ({0})',
          words,
        )
      : l10n.t('The keychain of this machine does not answer. Unlock it, or set HF_TOKEN. ({0})', words),
    { cause: error },
  );
}
