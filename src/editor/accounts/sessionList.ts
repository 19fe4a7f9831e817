import * as vscode from 'vscode';
import type { AccessToken } from '../../core/accessToken.ts';
import { Failure } from '../../core/failure.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Log } from '../../core/log.ts';
import type { RegistryService } from '../../core/hosts/service.ts';
import type { RegistryServices } from '../services.ts';
import type { AccountStore } from './accountStore.ts';
import type { LentLogins } from './lentLogins.ts';
import { meaningOf, type RefusalMeaning } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';
import {
  accountId,
  belongsTo,
  encodeAccount,
  tokenOf,
  type LentAccount,
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

interface SessionListOptions {
  readonly store: AccountStore;
  readonly services: RegistryServices;
  readonly logins: Pick<LentLogins, 'onDidChange' | 'token' | 'renewedToken'>;
  /** What the sessions' hosts send with. It tells of every refusal ({@link SessionList.tokenRefused}). */
  readonly http: HttpClient;
  /** For asking what a token may do, which tells nobody. */
  readonly unwatched: HttpClient;
  readonly log: Log;
}

/**
 * Milliseconds between two questions of the same kind about an account: its scopes after a 403; whether the API takes
 * the token, after a 401 of another server; a new token, after one of the API.
 */
const QUIET_MS = { scopes: 5 * 60_000, acceptance: 60_000, renewal: 5 * 60_000 };

/** The stored accounts that belong to the services of the settings, as sessions. Follows the store (other windows too) and the services. */
export function createSessionList(options: SessionListOptions): SessionList {
  const { store, services, logins, http, unwatched, log } = options;
  const changed = new vscode.EventEmitter<void>();
  const rejected = new WeakSet<Session>();
  const accounts = new WeakMap<Session, StoredAccount>();
  /** Tokens of accounts that other programs lend, by {@link encodeAccount}; undefined where there is none now. */
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
    service: RegistryService,
  ): Session => {
    const token = tokenOf(account, text);
    const scopes = new Set(account.scopes);
    const host = service.open(token, scopes, http);
    const session: Session = {
      accountId: accountId(account),
      service,
      label: account.label,
      scopes,
      may: (action) => host.may(action),
      expiresAt:
        account.kind === 'token' && account.expiresAt !== undefined ? new Date(account.expiresAt) : undefined,
      token,
      host,
    };
    accounts.set(session, account);
    const lacksToken = text === undefined && account.kind !== 'anonymous';
    if (lacksToken || !service.signIn.isUsable(scopes)) rejected.add(session);
    return session;
  };
  const show = (found: readonly StoredAccount[]) => {
    const next = new Map<string, Session>();
    for (const account of found) {
      const service = serviceOf(account);
      if (!service) continue;
      const text = account.kind === 'token' ? account.token : lent.get(encodeAccount(account));
      const key = JSON.stringify([encodeAccount(account), text, service.settings]);
      next.set(key, sessions.get(key) ?? openSession(account, text, service));
    }
    const same = loaded && next.size === sessions.size && [...next.keys()].every((key) => sessions.has(key));
    sessions = next;
    loaded = true;
    if (!same) changed.fire();
  };
  const serviceOf = (account: StoredAccount) => services.all.find((service) => belongsTo(account, service));
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
    if (account.kind !== 'lent' || (lent.has(key) && !stale.has(key))) return;
    stale.delete(key);
    lent.set(key, await logins.token(account));
  };
  const reload = async () => {
    const all = await read();
    if (!all) return;
    for (const problem of services.failures) log.error(`accounts: ${problem.message}`);
    const found = all
      .filter((account) => serviceOf(account) !== undefined)
      .sort((a, b) => a.label.localeCompare(b.label));
    const isLent = (account: StoredAccount) => account.kind === 'lent';
    const keys = found.filter(isLent).map((account) => encodeAccount(account));
    for (const key of [...lent.keys()]) if (!keys.includes(key)) lent.delete(key);
    // What needs nobody else is shown at once; another program may take seconds to answer.
    const ready = found.filter((account) => !isLent(account) || lent.has(encodeAccount(account)));
    if (ready.length > 0 && ready.length < found.length) show(ready);
    await Promise.all(found.map((account) => borrow(account)));
    show(found);
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
  const renew = async (session: Session, account: LentAccount) => {
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
      const { signIn } = session.service;
      const { scopes, expiresAt } = await signIn.read(session.token, unwatched, closed.signal);
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
        if (account.kind === 'lent' && mayAsk('renewal', account)) inBackground(renew(session, account));
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
    services.onDidChange(() => void queueReload()),
    logins.onDidChange((lender) => {
      for (const session of sessions.values()) {
        const account = accounts.get(session);
        if (account?.kind === 'lent' && account.lender === lender) stale.add(encodeAccount(account));
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
      if (account) judge(session, account, meaningOf(failure, session.service.signIn.isVerdict(url)));
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
