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
export class SessionList implements Sessions {
  readonly #options: SessionListOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #rejected = new WeakSet<Session>();
  readonly #accounts = new WeakMap<Session, StoredAccount>();
  /** Tokens of accounts that other programs lend, by {@link encodeAccount}; undefined where there is none now. */
  readonly #lent = new Map<string, string | undefined>();
  /** Those of {@link #lent} that may have changed since. */
  readonly #stale = new Set<string>();
  /** Sessions whose lenders are being asked for another token. */
  readonly #renewing = new WeakMap<Session, Promise<void>>();
  /** When which question about which sign-in was asked last. */
  readonly #asked = new Map<string, number>();
  readonly #closed = new AbortController();
  readonly #subscriptions: readonly { dispose(): unknown }[];
  /** By what a session is made of: an account that did not change keeps its session object. */
  #sessions: ReadonlyMap<string, Session> = new Map();
  #failure: Failure | undefined;
  #loaded = false;
  #awaitsLogins = false;
  #pending = Promise.resolve();
  /** Resolves once the secret store was read for the first time. */
  readonly ready: Promise<void>;

  constructor(options: SessionListOptions) {
    this.#options = options;
    const { store, services, logins } = options;
    this.#subscriptions = [
      store.onDidChange(() => void this.reload()),
      services.onDidChange(() => void this.reload()),
      logins.onDidChange((lender) => {
        for (const account of this.all.map((session) => this.accountOf(session))) {
          if (account?.kind === 'lent' && account.lender === lender) this.#stale.add(encodeAccount(account));
        }
        void this.reload();
      }),
    ];
    this.ready = this.reload();
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get awaitsLogins(): boolean {
    return this.#awaitsLogins;
  }

  get all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** Why the accounts could not be read last; undefined where they could. Those read before stay. Changes with `onDidChange`. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** What is stored of a session's account. */
  accountOf(session: Session): StoredAccount | undefined {
    return this.#accounts.get(session);
  }

  isRejected(session: Session): boolean {
    return this.#rejected.has(session);
  }

  renewed(session: Session): Promise<void> {
    return this.#renewing.get(session) ?? Promise.resolve();
  }

  /**
   * Tells that a server refused that token (401) or what it was used for (403) at `url`; what comes of it is decided
   * here alone. Where the API does not take the token any more, the program that keeps the login is asked for a new
   * one, or the session is rejected. Else the API is asked, at most once in a while, whether it takes the token and
   * what that may do.
   */
  tokenRefused(token: AccessToken, url: URL, failure: Failure): void {
    const session = this.all.find((one) => one.token === token);
    const account = session && this.accountOf(session);
    if (account) this.#refused(session, account, meaningOf(failure, session.service.signIn.isVerdict(url)));
  }

  /** Reads the secret store; concurrent calls end with what the last one found. */
  reload(): Promise<void> {
    return (this.#pending = this.#pending.then(() => this.#reload()));
  }

  /**
   * Runs `change`, which may write to the secret store several times, and reads the store once after it: one event tells of all,
   * because VS Code's Accounts menu loses an account that comes before another of the same name has gone.
   */
  async update(change: () => Promise<void>): Promise<void> {
    const done = this.#pending.then(change);
    this.#pending = done.catch(() => undefined).then(() => this.#reload());
    await Promise.all([done, this.#pending]);
  }

  dispose(): void {
    this.#closed.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  async #reload(): Promise<void> {
    const { services, log } = this.#options;
    const all = await this.#read();
    if (!all) return;
    for (const problem of services.failures) log.error(`accounts: ${problem.message}`);
    const found = all
      .filter((account) => this.#serviceOf(account) !== undefined)
      .sort((a, b) => a.label.localeCompare(b.label));
    const isLent = (account: StoredAccount) => account.kind === 'lent';
    const keys = found.filter(isLent).map((account) => encodeAccount(account));
    for (const key of [...this.#lent.keys()]) if (!keys.includes(key)) this.#lent.delete(key);
    // What needs nobody else is shown at once; another program may take seconds to answer.
    const ready = found.filter((account) => !isLent(account) || this.#lent.has(encodeAccount(account)));
    if (ready.length < found.length) this.#await(ready);
    await Promise.all(found.map((account) => this.#borrow(account)));
    this.#show(found, false);
  }

  /** Shows the accounts that are known while other programs are asked; none at all would look like signed out. */
  #await(ready: readonly StoredAccount[]): void {
    if (ready.length > 0) {
      this.#show(ready, true);
      return;
    }
    this.#awaitsLogins = true;
    if (!this.#loaded) this.#changed.fire();
  }

  async #read(): Promise<readonly StoredAccount[] | undefined> {
    const before = this.#failure;
    try {
      const found = await this.#options.store.list();
      this.#failure = undefined;
      return found;
    } catch (error) {
      this.#options.log.error(`accounts: could not be read: ${String(error)}`);
      this.#failure =
        error instanceof Failure ? error : new Failure('refused', String(error), { cause: error });
      this.#loaded = true;
      if (!before) this.#changed.fire();
      return undefined;
    }
  }

  async #borrow(account: StoredAccount): Promise<void> {
    const key = encodeAccount(account);
    if (account.kind !== 'lent' || (this.#lent.has(key) && !this.#stale.has(key))) return;
    this.#stale.delete(key);
    this.#lent.set(key, await this.#options.logins.token(account));
  }

  #show(found: readonly StoredAccount[], awaitsLogins: boolean): void {
    const before = this.#sessions;
    const next = new Map<string, Session>();
    for (const account of found) {
      const service = this.#serviceOf(account);
      if (!service) continue;
      const text = account.kind === 'token' ? account.token : this.#lent.get(encodeAccount(account));
      const key = JSON.stringify([encodeAccount(account), text, service.settings]);
      next.set(key, before.get(key) ?? this.#open(account, text, service));
    }
    const same =
      this.#loaded &&
      this.#awaitsLogins === awaitsLogins &&
      next.size === before.size &&
      [...next.keys()].every((key) => before.has(key));
    this.#sessions = next;
    this.#loaded = true;
    this.#awaitsLogins = awaitsLogins;
    if (!same) this.#changed.fire();
  }

  #open(account: StoredAccount, text: string | undefined, service: RegistryService): Session {
    const token = tokenOf(account, text);
    const scopes = new Set(account.scopes);
    const host = service.open(token, scopes, this.#options.http);
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
    this.#accounts.set(session, account);
    const lacksToken = text === undefined && account.kind !== 'anonymous';
    if (lacksToken || !service.signIn.isUsable(scopes)) this.#rejected.add(session);
    return session;
  }

  #serviceOf(account: StoredAccount): RegistryService | undefined {
    return this.#options.services.all.find((service) => belongsTo(account, service));
  }

  #isCurrent(session: Session): boolean {
    return this.all.includes(session);
  }

  /** The one place that decides what becomes of an account whose token was refused. */
  #refused(session: Session, account: StoredAccount, meaning: RefusalMeaning | undefined): void {
    if (this.#rejected.has(session) || this.#renewing.has(session) || !this.#isCurrent(session)) return;
    if (meaning === 'revoked') {
      if (account.kind === 'lent' && this.#mayAsk('renewal', account)) {
        const renewal = this.#inBackground(this.#renew(session, account));
        this.#renewing.set(
          session,
          renewal.finally(() => this.#renewing.delete(session)),
        );
      } else this.#reject(session);
    } else if (meaning && this.#mayAsk(meaning === 'doubtful' ? 'acceptance' : 'scopes', account)) {
      void this.#inBackground(this.#readScopes(session, account));
    }
  }

  /** Whether that may be asked about the account again, and if so notes that it is. */
  #mayAsk(question: keyof typeof QUIET_MS, account: StoredAccount): boolean {
    const key = `${question} ${accountId(account)} ${account.signedInAt}`;
    const last = this.#asked.get(key);
    if (last !== undefined && Date.now() - last < QUIET_MS[question]) return false;
    this.#asked.set(key, Date.now());
    return true;
  }

  #reject(session: Session): void {
    if (this.#rejected.has(session)) return;
    this.#rejected.add(session);
    this.#options.log.info('accounts: the server refused the token of an account');
    if (this.#isCurrent(session)) this.#changed.fire();
  }

  async #renew(session: Session, account: LentAccount): Promise<void> {
    const text = await this.#options.logins.renewedToken(account);
    if (text === undefined || text === session.token.reveal()) {
      this.#reject(session);
      return;
    }
    this.#lent.set(encodeAccount(account), text);
    await this.reload();
  }

  async #readScopes(session: Session, account: StoredAccount): Promise<void> {
    const { store, unwatched, log } = this.#options;
    const { signal } = this.#closed;
    try {
      const { scopes, expiresAt } = await session.service.signIn.read(session.token, unwatched, signal);
      if (!this.#isCurrent(session) || isSameSet(scopes, session.scopes)) return;
      log.info('accounts: the scopes of a token have changed');
      const known = { ...account, scopes: [...scopes] };
      await this.update(async () => {
        // Changes take turns: a person may have signed out since, or in anew, and it is their word that holds.
        if (!(await this.#isStored(account))) return;
        await store.put(known.kind === 'token' ? { ...known, expiresAt: expiresAt?.getTime() } : known);
      });
    } catch (error) {
      if (error instanceof Failure && error.kind === 'auth') this.#refused(session, account, 'revoked');
      else if (!signal.aborted) log.warn(`accounts: scopes could not be read: ${String(error)}`);
    }
  }

  /** Whether the secret store holds the account just as it is. */
  async #isStored(account: StoredAccount): Promise<boolean> {
    const encoded = encodeAccount(account);
    return (await this.#options.store.list()).some((one) => encodeAccount(one) === encoded);
  }

  #inBackground(task: Promise<void>): Promise<void> {
    return task.catch((error: unknown) => this.#options.log.error(`accounts: ${String(error)}`));
  }
}

function isSameSet<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
