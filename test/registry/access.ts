import type { Scope } from './registry.ts';
import type { Exchange } from './routing.ts';
import type { Token, User } from './state.ts';

/** Who sent a request. */
export type Caller =
  /** Without an `Authorization` header. */
  | { readonly kind: 'anonymous' }
  /** With one that is malformed, unknown, revoked or expired. */
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'user'; readonly user: User; readonly token: Token }
  /** With a token that reads one registry and is nobody's. */
  | { readonly kind: 'registryToken'; readonly registryId: string };

/** Reads `Authorization: Bearer …`. */
export function callerOf(exchange: Exchange): Caller {
  const header = exchange.headers.authorization;
  if (header === undefined) return { kind: 'anonymous' };
  const secret = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (secret === undefined) {
    return { kind: 'rejected', reason: 'The Authorization header is not “Bearer” and a token.' };
  }
  const ofRegistry = exchange.state.registryTokens.bySecret(secret);
  if (ofRegistry) return { kind: 'registryToken', registryId: ofRegistry.registryId };
  const token = exchange.state.token(secret);
  const user = token && exchange.state.user(token.userId);
  if (!token || !user) return { kind: 'rejected', reason: 'The access token is unknown or was revoked.' };
  if (token.expiresAt !== undefined && Date.parse(token.expiresAt) <= Date.now()) {
    return { kind: 'rejected', reason: `The access token expired at ${token.expiresAt}.` };
  }
  return { kind: 'user', user, token };
}

export function hasScope(token: Token, scope: Scope): boolean {
  return token.scopes.includes(scope);
}

/** Whether a token was granted an organization, by its slug. */
export function reaches(token: Token, organization: string): boolean {
  return token.organizations === undefined || token.organizations.includes(organization);
}
