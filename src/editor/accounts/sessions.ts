import type * as vscode from 'vscode';
import type { AccessToken } from '../../core/accessToken.ts';
import type { RegistryAction, RegistryHost } from '../../core/hosts/host.ts';
import type { RegistryService } from '../../core/hosts/service.ts';

/** A signed-in account. Its identity is the object: after a sign-out or a new token, results that belong to an old one are dropped. */
export interface Session {
  /** Stable per account and service. */
  readonly accountId: string;
  readonly service: RegistryService;
  /** What the person calls it: name or e-mail address. */
  readonly label: string;
  readonly scopes: ReadonlySet<string>;
  /** As its host tells. */
  may(action: RegistryAction): boolean;
  /** When the token expires; undefined where it does not, or where the program that keeps the login renews it. */
  readonly expiresAt?: Date | undefined;
  readonly token: AccessToken;
  readonly host: RegistryHost;
}

/**
 * The accounts that are signed in. A token that a server refuses is noticed by the HTTP client of `Services`: a
 * `Failure` is let through, and nobody else decides what it means for the account.
 */
export interface Sessions {
  readonly onDidChange: vscode.Event<void>;
  /** False until the secret store was read once, and until one of the accounts in it can be told. */
  readonly loaded: boolean;
  readonly all: readonly Session[];
  /** Whether accounts are missing in `all` because another program has not lent their tokens yet; it may take seconds. */
  readonly awaitsLogins: boolean;
  /** Whether the session cannot be used: the server refused its token, or it lost a scope without which nothing can be listed. */
  isRejected(session: Session): boolean;
  /**
   * Resolves once the program that lends the session's token has been asked for another one, where the server refused it; at once where
   * nothing is under way.
   */
  renewed(session: Session): Promise<void>;
}

/**
 * The session of an account that was remembered; where that is gone, the only one of its service: a new token of the
 * same person makes another account. Undefined where nobody is signed in there, or it is not clear who.
 */
export function sessionOf(sessions: readonly Session[], accountId: string): Session | undefined {
  const exact = sessions.find((session) => session.accountId === accountId);
  if (exact) return exact;
  const [only, ...others] = sessions.filter(({ service: { id } }) => isOfService(accountId, id));
  return others.length === 0 ? only : undefined;
}

/** Ids of accounts are the id of their service, and behind a mark what tells them apart. */
function isOfService(accountId: string, serviceId: string): boolean {
  return accountId.startsWith(serviceId) && /^[#@]/.test(accountId.slice(serviceId.length));
}

/** Whether a session that was had before can be used still: its account is signed in, with that token, and not rejected. */
export function isLive(sessions: Pick<Sessions, 'all' | 'isRejected'>, session: Session): boolean {
  return sessions.all.includes(session) && !sessions.isRejected(session);
}
