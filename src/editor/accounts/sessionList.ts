import * as vscode from 'vscode';
import { AccessToken } from '../../core/accessToken.ts';
import { readAccessToken } from '../../core/hosts/buildkite/accessToken.ts';
import type { BuildkiteEndpoints } from '../../core/hosts/buildkite/addresses.ts';
import { mayDo, missingScopes } from '../../core/hosts/buildkite/scopes.ts';
import { Failure } from '../../core/failure.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Log } from '../../core/log.ts';
import type { RegistryHost } from '../../core/hosts/host.ts';
import type { Settings } from '../settings.ts';
import type { AccountStore } from './accountStore.ts';
import type { BorrowedLogins } from './borrowedLogins.ts';
import { meaningOf, type RefusalMeaning } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';
import {
  accountId,
  belongsTo,
  encodeAccount,
  tokenOf,
  type BorrowedAccount,
  type StoredAccount,
} from './storedAccount.ts';

/** The sessions with what only the accounts room needs. */
export interface SessionList extends Sessions {
  /** Why the accounts could not be read last; undefined where they could. Those read before stay. Changes with `onDidChange`. */
  readonly failure: Failure | undefined;
  /** What is stored of a session's account. */
  accountOf(session: Session): StoredAccount | undefined;
  /**
   * Tells that a server refused that token (401) or what it was used for (403) at `url`; what comes of it is decided
   * here alone. Where the API does not take the token any more, the program that keeps the login is asked for a new
   * one, or the session is rejected. Else the API is asked, at most once in a while, whether it takes the token and
   * what that may do.
   */
  tokenRefused(token: AccessToken, url: URL, failure: Failure): void;
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

export interface SessionListOptions {
  readonly store: AccountStore;
  readonly settings: Pick<Settings, 'endpoints' | 'onDidChange'>;
  readonly logins: Pick<BorrowedLogins, 'onDidChange' | 'token' | 'renewedToken'>;
  readonly openHost: OpenHost;
  /** For asking what a token may do. */
  readonly http: HttpClient;
  readonly log: Log;
}

/**
 * Milliseconds between two questions of the same kind about an account: its scopes after a 403; whether the API takes
 * the token, after a 401 of another server; a new token, after one of the API.
 */
const QUIET_MS = { scopes: 5 * 60_000, acceptance: 60_000, renewal: 5 * 60_000 };

/** The stored accounts that belong to the configured endpoints, as sessions. Follows the store (other windows too) and the settings. */
export function createSessionList(options: SessionListOptions): SessionList {
  const { store, settings, logins, openHost, http, log } = options;
  const changed = new vscode.EventEmitter<void>();
  const rejected = new WeakSet<Session>();
  const accounts = new WeakMap<Session, StoredAccount>();
  /** Tokens of accounts that other programs are signed in to, by {@link encodeAccount}; undefined where there is none now. */
  const lent = new Map<string, string | undefined>();
  /** Those of {@link lent} that may have changed since. */
  const stale = new Set<string>();
  const renewing = new WeakSet<Session>();
  /** When which question about which sign-in was asked last. */
  const asked = new Map<string, number>();
  const closed = new AbortController();
  /** By what a session is made of: an account that did not change keeps its session object. */
  let sessions: ReadonlyMap<string, Session> = new Map();
  let failure: Failure | undefined;
  let loaded = false;
  let pending = Promise.resolve();

  const openSession = (
    account: StoredAccount,
    text: string | undefined,
    endpoints: BuildkiteEndpoints,
  ): Session => {
    const token = text === undefined ? new AccessToken('', []) : tokenOf(account, text);
    const scopes = new Set(account.scopes);
    const session: Session = {
      accountId: accountId(account),
      label: account.label,
      scopes,
      may: (action) => mayDo(action, scopes),
      expiresAt:
        account.kind === 'token' && account.expiresAt !== undefined ? new Date(account.expiresAt) : undefined,
      token,
      host: openHost(endpoints, token),
    };
    accounts.set(session, account);
    if (text === undefined || missingScopes(scopes).length > 0) rejected.add(session);
    return session;
  };
  const show = (found: readonly StoredAccount[], endpoints: BuildkiteEndpoints | undefined) => {
    const next = new Map<string, Session>();
    for (const account of endpoints ? found : []) {
      const text = account.kind === 'token' ? account.token : lent.get(encodeAccount(account));
      const key = JSON.stringify([encodeAccount(account), text, Object.values(endpoints ?? {}).map(String)]);
      if (endpoints) next.set(key, sessions.get(key) ?? openSession(account, text, endpoints));
    }
    const same = loaded && next.size === sessions.size && [...next.keys()].every((key) => sessions.has(key));
    sessions = next;
    loaded = true;
    if (!same) changed.fire();
  };
  const read = async (): Promise<readonly StoredAccount[] | undefined> => {
    const before = failure;
    try {
      const found = await store.list();
      failure = undefined;
      return found;
    } catch (error) {
      log.error(`accounts: could not be read: ${String(error)}`);
      failure = error instanceof Failure ? error : new Failure('refused', String(error), { cause: error });
      loaded = true;
      if (!before) changed.fire();
      return undefined;
    }
  };
  const borrow = async (account: StoredAccount) => {
    const key = encodeAccount(account);
    if (account.kind === 'token' || (lent.has(key) && !stale.has(key))) return;
    stale.delete(key);
    lent.set(key, await logins.token(account));
  };
  const reload = async () => {
    const all = await read();
    if (!all) return;
    let endpoints: BuildkiteEndpoints;
    try {
      endpoints = settings.endpoints();
    } catch (error) {
      log.error(`accounts: ${String(error)}`);
      show([], undefined);
      return;
    }
    const found = all
      .filter((account) => belongsTo(account, endpoints))
      .sort((a, b) => a.label.localeCompare(b.label));
    const isBorrowed = (account: StoredAccount) => account.kind !== 'token';
    const borrowed = found.filter(isBorrowed).map((account) => encodeAccount(account));
    for (const key of [...lent.keys()]) if (!borrowed.includes(key)) lent.delete(key);
    // What needs nobody else is shown at once; another program may take seconds to answer.
    const ready = found.filter((account) => !isBorrowed(account) || lent.has(encodeAccount(account)));
    if (ready.length > 0 && ready.length < found.length) show(ready, endpoints);
    await Promise.all(found.map((account) => borrow(account)));
    show(found, endpoints);
  };
  const queueReload = () => (pending = pending.then(reload));
  const update = (change: () => Promise<void>): Promise<void> => {
    const done = pending.then(change);
    pending = done.catch(() => undefined).then(reload);
    return Promise.all([done, pending]).then(() => undefined);
  };

  const isCurrent = (session: Session) => [...sessions.values()].includes(session);
  /** Whether that may be asked about the account again, and if so notes that it is. */
  const mayAsk = (question: keyof typeof QUIET_MS, account: StoredAccount): boolean => {
    const key = `${question} ${accountId(account)} ${account.signedInAt}`;
    const last = asked.get(key);
    if (last !== undefined && Date.now() - last < QUIET_MS[question]) return false;
    asked.set(key, Date.now());
    return true;
  };
  const markRejected = (session: Session) => {
    if (rejected.has(session)) return;
    rejected.add(session);
    log.info('accounts: the server refused the token of an account');
    if (isCurrent(session)) changed.fire();
  };
  const renew = async (session: Session, account: BorrowedAccount) => {
    renewing.add(session);
    const text = await logins.renewedToken(account);
    renewing.delete(session);
    if (text === undefined || text === session.token.reveal()) {
      markRejected(session);
      return;
    }
    lent.set(encodeAccount(account), text);
    await queueReload();
  };
  const readScopes = async (session: Session, account: StoredAccount) => {
    try {
      const { scopes, expiresAt } = await readAccessToken(
        settings.endpoints(),
        session.token,
        http,
        closed.signal,
      );
      if (!isCurrent(session) || isSameSet(scopes, session.scopes)) return;
      log.info('accounts: the scopes of a token have changed');
      const known = { ...account, scopes: [...scopes] };
      await update(() =>
        store.put(known.kind === 'token' ? { ...known, expiresAt: expiresAt?.getTime() } : known),
      );
    } catch (error) {
      if (error instanceof Failure && error.kind === 'auth') judge(session, account, 'revoked');
      else if (!closed.signal.aborted) log.warn(`accounts: scopes could not be read: ${String(error)}`);
    }
  };
  const inBackground = (task: Promise<void>) => {
    task.catch((error: unknown) => log.error(`accounts: ${String(error)}`));
  };
  /** The one place that decides what becomes of an account whose token was refused. */
  const judge = (session: Session, account: StoredAccount, meaning: RefusalMeaning | undefined) => {
    if (rejected.has(session) || renewing.has(session) || !isCurrent(session)) return;
    switch (meaning) {
      case 'revoked':
        if (account.kind !== 'token' && mayAsk('renewal', account)) inBackground(renew(session, account));
        else markRejected(session);
        break;
      case 'doubtful':
        if (mayAsk('acceptance', account)) inBackground(readScopes(session, account));
        break;
      case 'notPermitted':
        if (mayAsk('scopes', account)) inBackground(readScopes(session, account));
        break;
      case undefined:
    }
  };

  const subscriptions = [
    store.onDidChange(() => void queueReload()),
    settings.onDidChange(() => void queueReload()),
    logins.onDidChange((kind) => {
      for (const session of sessions.values()) {
        const account = accounts.get(session);
        if (account?.kind === kind) stale.add(encodeAccount(account));
      }
      void queueReload();
    }),
  ];
  return {
    onDidChange: changed.event,
    get loaded() {
      return loaded;
    },
    get all() {
      return [...sessions.values()];
    },
    get failure() {
      return failure;
    },
    accountOf: (session) => accounts.get(session),
    isRejected: (session) => rejected.has(session),
    tokenRefused(token, url, failure) {
      const session = [...sessions.values()].find((one) => one.token === token);
      const account = session && accounts.get(session);
      if (account) judge(session, account, meaningOf(failure, url, new URL(account.apiUrl)));
    },
    reload: queueReload,
    update,
    ready: queueReload(),
    dispose() {
      closed.abort();
      subscriptions.forEach((subscription) => void subscription.dispose());
      changed.dispose();
    },
  };
}

function isSameSet<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
