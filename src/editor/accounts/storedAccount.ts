import * as z from 'zod';
import { AccessToken } from '../../core/accessToken.ts';
import type { BuildkiteEndpoints } from '../../core/buildkite/addresses.ts';

/** What is kept of an account in the secret store, one secret each. A change of shape gets a new version and keeps reading the old. */
const storedAccount = z.strictObject({
  version: z.literal(1),
  token: z.string().min(1),
  /** The server's id of the token: one person may sign in with several, because a token belongs to chosen organizations. */
  tokenId: z.string().min(1),
  /** E-mail address or name of the token's owner. */
  user: z.string().min(1),
  /** How the account is called in the editor; told apart from other tokens of the same user. */
  label: z.string().min(1),
  scopes: z.array(z.string()),
  /** The endpoints the token was checked against. It is sent to no other origin. */
  apiUrl: z.url(),
  packagesUrl: z.url(),
});

export type StoredAccount = z.infer<typeof storedAccount>;

/** Stable per token and API origin. */
export function accountId(account: Pick<StoredAccount, 'apiUrl' | 'tokenId'>): string {
  return `${new URL(account.apiUrl).origin}#${account.tokenId}`;
}

export function encodeAccount(account: StoredAccount): string {
  return JSON.stringify(storedAccount.parse(account));
}

/** The account that `text` holds, or undefined where it is damaged or newer than this extension. */
export function decodeAccount(text: string): StoredAccount | undefined {
  try {
    return storedAccount.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether the account's token was checked against the origins of these endpoints; if not, it is not offered to them. */
export function belongsTo(account: StoredAccount, endpoints: BuildkiteEndpoints): boolean {
  return (
    new URL(account.apiUrl).origin === endpoints.apiUrl.origin &&
    new URL(account.packagesUrl).origin === endpoints.packagesUrl.origin
  );
}

/** The account's token, bound to the origins it was checked against. */
export function tokenOf(account: StoredAccount): AccessToken {
  return new AccessToken(account.token, [new URL(account.apiUrl), new URL(account.packagesUrl)]);
}

/** A label for a new token of `user` that none of `others` has: the user, and the token's own description where that is taken. */
export function accountLabel(
  token: { readonly tokenId: string; readonly user: string; readonly description: string | undefined },
  others: readonly StoredAccount[],
): string {
  const taken = new Set(
    others.filter((other) => other.tokenId !== token.tokenId).map((other) => other.label),
  );
  const candidates = [token.user, `${token.user} (${token.description ?? token.tokenId})`];
  return candidates.find((candidate) => !taken.has(candidate)) ?? `${token.user} (${token.tokenId})`;
}
