import * as z from 'zod';
import { AccessToken } from '../../core/accessToken.ts';
import type { BuildkiteEndpoints } from '../../core/hosts/buildkite/addresses.ts';

const common = {
  version: z.literal(2),
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
  /** When the person signed in, in milliseconds since 1970. What was refused before is asked again after. */
  signedInAt: z.number(),
};

/** What is kept of an account in the secret store, one secret each. A change of shape gets a new version and keeps reading the old. */
const storedAccount = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('token'),
    token: z.string().min(1),
    /** In milliseconds since 1970; absent where it does not expire. */
    expiresAt: z.number().optional(),
  }),
  /** The session that Buildkite's own extension has for that account of its own. Its token is not stored. */
  z.strictObject({ ...common, kind: z.literal('extension'), account: z.string().min(1) }),
  /** The login of the `bk` command line for that organization (slug). Its token is not stored. */
  z.strictObject({ ...common, kind: z.literal('bk'), organization: z.string().min(1) }),
]);

/** Version 1 knew pasted tokens only. */
const storedToken = z
  .strictObject({
    ...common,
    version: z.literal(1),
    token: z.string().min(1),
    signedInAt: z.undefined().optional(),
  })
  .transform((account) => ({ ...account, version: 2 as const, kind: 'token' as const, signedInAt: 0 }));

export type StoredAccount = z.infer<typeof storedAccount>;
/** An account whose token another program keeps. */
export type BorrowedAccount = Exclude<StoredAccount, { readonly kind: 'token' }>;

/** Stable per API origin and per pasted token, account of Buildkite's extension, or organization of `bk`. */
export function accountId(account: StoredAccount): string {
  const { origin } = new URL(account.apiUrl);
  switch (account.kind) {
    case 'token':
      return `${origin}#${account.tokenId}`;
    case 'extension':
      return `${origin}@extension#${account.account}`;
    case 'bk':
      return `${origin}@bk#${account.organization}`;
  }
}

export function encodeAccount(account: StoredAccount): string {
  return JSON.stringify(storedAccount.parse(account));
}

/** The account that `text` holds, or undefined where it is damaged or newer than this extension. */
export function decodeAccount(text: string): StoredAccount | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return storedAccount.safeParse(value).data ?? storedToken.safeParse(value).data;
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

/** A token of the account, bound to the origins it was checked against. */
export function tokenOf(account: StoredAccount, text: string): AccessToken {
  return new AccessToken(text, [new URL(account.apiUrl), new URL(account.packagesUrl)]);
}

/**
 * A label for an account of `user` that none of `others` has: the user, then what tells this one apart.
 *
 * @param id Id of the account that is to be called so; it may keep its own label.
 * @param detail Words for what tells it apart, such as the token's own description.
 */
export function accountLabel(
  { id, user, detail }: { readonly id: string; readonly user: string; readonly detail: string | undefined },
  others: readonly StoredAccount[],
): string {
  const taken = new Set(others.filter((other) => accountId(other) !== id).map((other) => other.label));
  const unique = id.slice(id.indexOf('#') + 1);
  const candidates = [user, `${user} (${detail ?? unique})`];
  return candidates.find((candidate) => !taken.has(candidate)) ?? `${user} (${unique})`;
}
