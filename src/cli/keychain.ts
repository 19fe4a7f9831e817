import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as l10n from '@vscode/l10n';

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
 *
 * @param signal Where it is aborted, a call rejects with its reason; the keychain may be asked on, see {@link isAsked}.
 */
export function systemKeychain(
  platform: NodeJS.Platform,
  environment: Environment,
  signal: AbortSignal,
): Keychain {
  const ask = async (hub: URL, call: Call): Promise<unknown> => {
    if (platform === 'linux' && !mayHaveSessionBus(environment)) {
      throw unavailable(platform, l10n.t('there is no session bus'));
    }
    const answer = await answerOf(
      { ...call, service: SERVICE, account: hub.href, library: library() },
      signal,
    );
    if ('words' in answer) throw unavailable(platform, answer.words);
    return answer.value;
  };
  return {
    read: async (hub) => ((await ask(hub, { method: 'getPassword' })) as string | null) ?? undefined,
    store: async (hub, token) => void (await ask(hub, { method: 'setPassword', token })),
    remove: async (hub) => (await ask(hub, { method: 'deletePassword' })) === true,
  };
}

type Call =
  | { readonly method: 'getPassword' | 'deletePassword' }
  | { readonly method: 'setPassword'; readonly token: string };

/** What the thread is told. `library`: absolute path of what opens the keychain. */
type Question = Call & { readonly service: string; readonly account: string; readonly library: string };

/** `words`: why there is none. */
type Answer = { readonly value: unknown } | { readonly words: string };

function library(): string {
  try {
    return createRequire(import.meta.url).resolve('@napi-rs/keyring');
  } catch (error) {
    throw notInstalled(error);
  }
}

function notInstalled(cause: unknown): KeychainUnavailable {
  return new KeychainUnavailable(
    l10n.t(
      'The package @napi-rs/keyring, which opens the keychain, is not installed or not made for this machine. Install it, or set HF_TOKEN.',
    ),
    { cause },
  );
}

/**
 * The thread's program: a library that connects to a keychain waits where it stands, and nothing else would be heard
 * meanwhile, not even Ctrl-C. A text, because a bundle has no file for a thread of its own.
 */
const PROGRAM = `
const { parentPort, workerData: { library, service, account, method, token } } = require('node:worker_threads');
const wordsOf = (error) => (error instanceof Error ? error.message : String(error));
const ask = async () => {
  let AsyncEntry;
  try {
    ({ AsyncEntry } = require(library));
  } catch (error) {
    return { notLoaded: wordsOf(error) };
  }
  const entry = new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
  return { value: await (token === undefined ? entry[method]() : entry[method](token)) };
};
ask().catch((error) => ({ words: wordsOf(error) })).then((answer) => parentPort.postMessage(answer));
`;

/** Threads that have not answered. */
const asking = new Set<Worker>();

/**
 * Whether a thread waits for a keychain: for ever, where nobody unlocks it, as where it asks for that on another
 * screen. `process.exit` waits for the thread, too.
 */
export function isAsked(): boolean {
  return asking.size > 0;
}

/** Asks in a thread of its own. Rejects with the signal's reason where that comes before the answer. */
function answerOf(question: Question, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(PROGRAM, { eval: true, name: 'keychain', workerData: question });
    asking.add(worker);
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    worker.on('message', (answer: Answer | { readonly notLoaded: string }) => {
      asking.delete(worker);
      if ('notLoaded' in answer) reject(notInstalled(answer.notLoaded));
      else resolve(answer);
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      asking.delete(worker);
      signal.removeEventListener('abort', abort);
      resolve({ words: 'the thread that asks has ended' });
    });
  });
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
