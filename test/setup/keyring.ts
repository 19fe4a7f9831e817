import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { aptInstall } from './apt.ts';

/** A keychain of its own: gnome-keyring, unlocked, on a D-Bus session of its own. */
export interface Keyring {
  /** What programs find it by. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** gnome-keyring or D-Bus cannot be had here; the message says what to do. */
export class KeyringUnavailable extends Error {
  override readonly name = 'KeyringUnavailable';
}

const PROGRAMS = ['dbus-run-session', 'dbus-send', 'gnome-keyring-daemon'];

/**
 * Unlocks the keyring, which a password on standard input makes on the way, tells the address of the bus once the keyring answers, and
 * stays until standard input ends. D-Bus would start a locked one of its own for whoever asks earlier.
 */
const SESSION = `
printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
  string:org.freedesktop.secrets | grep -q true; do sleep 0.1; done
echo "$DBUS_SESSION_BUS_ADDRESS"
cat
`;

/** @param folder holds what it keeps; empty or missing. Throws {@link KeyringUnavailable}. */
export async function startKeyring(folder: string): Promise<Keyring> {
  await provideKeyring();
  const runtime = join(folder, 'runtime');
  await mkdir(runtime, { recursive: true });
  await chmod(runtime, 0o700);
  const session = execa('dbus-run-session', ['--', 'sh', '-c', SESSION], {
    extendEnv: false,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_RUNTIME_DIR: runtime,
      XDG_DATA_HOME: join(folder, 'data'),
    },
    reject: false,
  });
  for await (const address of createInterface({ input: session.stdout })) {
    return {
      environment: { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime },
      stop: async () => {
        session.stdin.end();
        await session;
      },
    };
  }
  const { stderr } = await session;
  throw new KeyringUnavailable(`gnome-keyring did not start: ${stderr}`);
}

/** Installs gnome-keyring where that can be done. Throws {@link KeyringUnavailable}. */
export async function provideKeyring(): Promise<void> {
  if (process.platform !== 'linux') {
    throw new KeyringUnavailable('gnome-keyring runs on Linux; here the tests would need your own keychain.');
  }
  if (missing().length > 0) await aptInstall('gnome-keyring', 'dbus');
  const still = missing();
  if (still.length > 0) {
    throw new KeyringUnavailable(
      `${still.join(', ')} not found (on Debian: sudo apt-get install gnome-keyring dbus)`,
    );
  }
}

function missing(): readonly string[] {
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '');
  return PROGRAMS.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
}

/**
 * {@link startKeyring} for a mocha test or hook: where it cannot be had, says so loudly and skips;
 * with `MODEL_REGISTRIES_REQUIRE_CLIENTS=1` that is a failure instead.
 */
export async function startKeyringOrSkip(test: Mocha.Context, folder: string): Promise<Keyring> {
  try {
    return await startKeyring(folder);
  } catch (error) {
    if (!(error instanceof KeyringUnavailable)) throw error;
    if (process.env.MODEL_REGISTRIES_REQUIRE_CLIENTS === '1') throw error;
    process.stderr.write(`\n*** SKIPPED, NOT TESTED: the system's keychain. ${error.message}\n\n`);
    // Only where no keyring can be had, and never in CI, which requires one.
    test.skip();
  }
}
