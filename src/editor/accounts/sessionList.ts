import * as vscode from 'vscode';
import type { AccessToken } from '../../core/accessToken.ts';
import type { Log } from '../../core/log.ts';
import type { RegistryHost } from '../../core/registryHost.ts';
import type { BuildkiteEndpoints } from '../../core/buildkite/addresses.ts';
import { mayDo } from '../../core/buildkite/scopes.ts';
import type { Settings } from '../settings.ts';
import type { AccountStore } from './accountStore.ts';
import type { Session, Sessions } from './sessions.ts';
import { accountId, belongsTo, encodeAccount, tokenOf, type StoredAccount } from './storedAccount.ts';

/** The sessions with what only the accounts room needs. */
export interface SessionList extends Sessions {
  /** Reads the secret store; concurrent calls end with what the last one found. */
  reload(): Promise<void>;
  /**
   * Runs `change`, which may write to the secret store several times, and reads the store once after it: one event tells of all,
   * because VS Code's Accounts menu loses an account that comes before another of the same name has gone.
   */
  update(change: () => Promise<void>): Promise<void>;
  /** Resolves once the secret store was read for the first time. */
  readonly ready: Promise<void>;
  dispose(): void;
}

export type OpenHost = (endpoints: BuildkiteEndpoints, token: AccessToken) => RegistryHost;

/** The stored accounts that belong to the configured endpoints, as sessions. Follows the store (other windows too) and the settings. */
export function createSessionList(
  store: AccountStore,
  settings: Settings,
  openHost: OpenHost,
  log: Log,
): SessionList {
  const changed = new vscode.EventEmitter<void>();
  const rejected = new WeakSet<Session>();
  /** By what a session is made of: an account that did not change keeps its session object. */
  let sessions: ReadonlyMap<string, Session> = new Map();
  let loaded = false;
  let pending = Promise.resolve();

  const readSessions = async (): Promise<ReadonlyMap<string, Session>> => {
    const endpoints = settings.endpoints();
    const accounts = (await store.list()).filter((account) => belongsTo(account, endpoints));
    accounts.sort((a, b) => a.label.localeCompare(b.label));
    return new Map(
      accounts.map((account) => {
        const key = JSON.stringify([encodeAccount(account), ...Object.values(endpoints).map(String)]);
        return [key, sessions.get(key) ?? openSession(account, endpoints)];
      }),
    );
  };
  const openSession = (account: StoredAccount, endpoints: BuildkiteEndpoints): Session => {
    const token = tokenOf(account);
    const scopes = new Set(account.scopes);
    return {
      accountId: accountId(account),
      label: account.label,
      scopes,
      may: (action) => mayDo(action, scopes),
      token,
      host: openHost(endpoints, token),
    };
  };
  const reload = async () => {
    let found: ReadonlyMap<string, Session>;
    try {
      found = await readSessions();
    } catch (error) {
      log.error(`accounts: could not be read: ${String(error)}`);
      found = new Map();
    }
    const same =
      loaded && found.size === sessions.size && [...found.keys()].every((key) => sessions.has(key));
    sessions = found;
    loaded = true;
    if (!same) changed.fire();
  };
  const queueReload = () => (pending = pending.then(reload));
  const update = (change: () => Promise<void>): Promise<void> => {
    const done = pending.then(change);
    pending = done.catch(() => undefined).then(reload);
    return Promise.all([done, pending]).then(() => undefined);
  };

  const subscriptions = [
    store.onDidChange(() => void queueReload()),
    settings.onDidChange(() => void queueReload()),
  ];
  return {
    onDidChange: changed.event,
    get loaded() {
      return loaded;
    },
    get all() {
      return [...sessions.values()];
    },
    reject(session) {
      if (rejected.has(session)) return;
      rejected.add(session);
      log.info('accounts: the server refused the token of an account');
      changed.fire();
    },
    isRejected: (session) => rejected.has(session),
    reload: queueReload,
    update,
    ready: queueReload(),
    dispose() {
      subscriptions.forEach((subscription) => void subscription.dispose());
      changed.dispose();
    },
  };
}
