import * as z from 'zod/mini';
import { AccessToken } from '../../core/accessToken.ts';
import type { RegistryService } from '../../core/hosts/service.ts';

const common = {
  /** The server's id of the token: one person may sign in with several, because a token belongs to chosen organizations. */
  tokenId: z.string().check(z.minLength(1)),
  /** E-mail address or name of the token's owner. */
  user: z.string().check(z.minLength(1)),
  /** How the account is called in the editor; told apart from other tokens of the same user. */
  label: z.string().check(z.minLength(1)),
  scopes: z.array(z.string()),
  /** When the person signed in, in milliseconds since 1970. What was refused before is asked again after. */
  signedInAt: z.number(),
};

const current = {
  ...common,
  version: z.literal(3),
  /** Id of the service. */
  service: z.string().check(z.minLength(1)),
  /** The service's addresses that the token was checked against. It is sent to no other origin. */
  endpoints: z.tuple([z.url()], z.url()),
};

/** What is kept of an account in the secret store, one secret each. A change of shape gets a new version and keeps reading the old. */
const storedAccount = z.discriminatedUnion('kind', [
  z.strictObject({
    ...current,
    kind: z.literal('token'),
    token: z.string().check(z.minLength(1)),
    /** In milliseconds since 1970; absent where it does not expire. */
    expiresAt: z.optional(z.number()),
  }),
  /** A login of a program that the service names as a lender. Its token is not stored. */
  z.strictObject({
    ...current,
    kind: z.literal('lent'),
    lender: z.string().check(z.minLength(1)),
    login: z.string().check(z.minLength(1)),
  }),
  /** Nobody's, of a service that can be read without an account. */
  z.strictObject({ ...current, kind: z.literal('anonymous') }),
]);

/** Versions 1 and 2 knew one service, by two addresses, and version 1 pasted tokens only. */
const before = { ...common, apiUrl: z.url(), packagesUrl: z.url() };
const olderAccount = z.pipe(
  z.union([
    z.strictObject({
      ...before,
      version: z.literal(1),
      token: z.string().check(z.minLength(1)),
      signedInAt: z.optional(z.undefined()),
    }),
    z.strictObject({
      ...before,
      version: z.literal(2),
      kind: z.literal('token'),
      token: z.string().check(z.minLength(1)),
      expiresAt: z.optional(z.number()),
    }),
    z.strictObject({
      ...before,
      version: z.literal(2),
      kind: z.literal('extension'),
      account: z.string().check(z.minLength(1)),
    }),
    z.strictObject({
      ...before,
      version: z.literal(2),
      kind: z.literal('bk'),
      organization: z.string().check(z.minLength(1)),
    }),
  ]),
  z.transform(({ apiUrl, packagesUrl, ...account }): StoredAccount => {
    const { tokenId, user, label, scopes, signedInAt = 0 } = account;
    const kept = {
      ...{ version: 3 as const, tokenId, user, label, scopes, signedInAt },
      service: new URL(apiUrl).origin,
      endpoints: [apiUrl, packagesUrl] as [string, string],
    };
    if ('account' in account) return { ...kept, kind: 'lent', lender: 'extension', login: account.account };
    if ('organization' in account)
      return { ...kept, kind: 'lent', lender: 'bk', login: account.organization };
    const { token, expiresAt } = { expiresAt: undefined, ...account };
    return { ...kept, kind: 'token', token, ...(expiresAt !== undefined && { expiresAt }) };
  }),
);

export type StoredAccount = z.infer<typeof storedAccount>;
/** An account whose token another program keeps. */
export type LentAccount = Extract<StoredAccount, { readonly kind: 'lent' }>;

/** Stable per service and per pasted token, login of a lender, or nobody. */
export function accountId(account: StoredAccount): string {
  switch (account.kind) {
    case 'token':
      return `${account.service}#${account.tokenId}`;
    case 'lent':
      return `${account.service}@${account.lender}#${account.login}`;
    case 'anonymous':
      return `${account.service}@nobody`;
  }
}

export function encodeAccount(account: StoredAccount): string {
  return JSON.stringify(storedAccount.parse(account));
}

/** The account that `text` holds, or undefined where it is damaged or newer than this extension. */
export function decodeAccount(text: string): StoredAccount | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return storedAccount.safeParse(value).data ?? olderAccount.safeParse(value).data;
  } catch {
    return undefined;
  }
}

/** Whether the account's token was checked against the origins of this service; if not, it is not offered to it. */
export function belongsTo(
  account: StoredAccount,
  { id, endpoints }: Pick<RegistryService, 'id' | 'endpoints'>,
): boolean {
  const origins = account.endpoints.map((endpoint) => new URL(endpoint).origin);
  return (
    account.service === id &&
    origins.length === endpoints.length &&
    endpoints.every(({ origin }, at) => origin === origins[at])
  );
}

/**
 * A token of the account, bound to the origins it was checked against.
 *
 * @param text undefined where there is none: then it goes nowhere.
 */
export function tokenOf(account: StoredAccount, text: string | undefined): AccessToken {
  return text === undefined
    ? new AccessToken('', [])
    : new AccessToken(
        text,
        account.endpoints.map((endpoint) => new URL(endpoint)),
      );
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
