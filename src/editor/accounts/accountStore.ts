import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Log } from '../../core/log.ts';
import { accountId, decodeAccount, encodeAccount, type StoredAccount } from './storedAccount.ts';

const PREFIX = 'modelRegistries.account.';

/** The accounts in VS Code's secret storage, one secret each so that windows do not overwrite each other's. */
export interface AccountStore {
  /** An account was stored or removed, in this window or another. */
  readonly onDidChange: vscode.Event<void>;
  /** Throws a `refused` failure where the store cannot be read. */
  list(): Promise<readonly StoredAccount[]>;
  /** Throws a `refused` failure where the store did not keep the account. */
  put(account: StoredAccount): Promise<void>;
  /** Throws a `refused` failure where the store did not remove the account. */
  remove(id: string): Promise<void>;
}

export function createAccountStore(
  secrets: vscode.SecretStorage,
  log: Log,
): AccountStore & { dispose(): void } {
  const changed = new vscode.EventEmitter<void>();
  const subscription = secrets.onDidChange(({ key }) => {
    if (key.startsWith(PREFIX)) changed.fire();
  });
  const readAccount = async (key: string): Promise<StoredAccount | undefined> => {
    const text = await secrets.get(key);
    const account = text === undefined ? undefined : decodeAccount(text);
    if (text !== undefined && !account) {
      log.warn(`accounts: skipped ${key}, which is damaged or from a newer version`);
    }
    return account;
  };
  return {
    onDidChange: changed.event,
    async list() {
      try {
        const keys = (await secrets.keys()).filter((key) => key.startsWith(PREFIX));
        const accounts = await Promise.all(keys.map((key) => readAccount(key)));
        return accounts.filter((account) => account !== undefined);
      } catch (cause) {
        throw new Failure(
          'refused',
          vscode.l10n.t(
            "The system's secret store cannot be read. Unlock or install a keyring (on Linux: GNOME Keyring or KWallet) and restart the editor.",
          ),
          { cause },
        );
      }
    },
    async put(account) {
      const key = PREFIX + accountId(account);
      const text = encodeAccount(account);
      try {
        await secrets.store(key, text);
        if ((await secrets.get(key)) === text) return;
      } catch (error) {
        throw notKept(error);
      }
      throw notKept(undefined);
    },
    async remove(id) {
      try {
        await secrets.delete(PREFIX + id);
      } catch (cause) {
        throw new Failure(
          'refused',
          vscode.l10n.t(
            "The system's secret store did not remove the account. Unlock its keyring, restart the editor and sign out again.",
          ),
          { cause },
        );
      }
    },
    dispose() {
      subscription.dispose();
      changed.dispose();
    },
  };
}

function notKept(cause: unknown): Failure {
  return new Failure(
    'refused',
    vscode.l10n.t(
      "The token is good, but the system's secret store did not keep it. Unlock or install a keyring (on Linux: GNOME Keyring or KWallet), restart the editor and sign in again.",
    ),
    { cause },
  );
}
