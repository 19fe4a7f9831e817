import * as vscode from 'vscode';
import { checkAccessToken, type CheckedToken } from '../../core/hosts/buildkite/accessToken.ts';
import type { BuildkiteEndpoints } from '../../core/hosts/buildkite/addresses.ts';
import type { BkOrganization } from '../../core/hosts/buildkite/bkCli.ts';
import { PUBLISH_SCOPE } from '../../core/hosts/buildkite/scopes.ts';
import { tokenPageUrl } from '../../core/hosts/buildkite/tokenPage.ts';
import { Failure } from '../../core/failure.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Choice, Prompts } from '../prompts.ts';
import type { Settings } from '../settings.ts';
import type { AccountStore } from './accountStore.ts';
import { installedBk, type BorrowedLogins } from './borrowedLogins.ts';
import type { SessionList } from './sessionList.ts';
import type { Session } from './sessions.ts';
import { accountId, accountLabel, type StoredAccount } from './storedAccount.ts';

export interface SignInServices {
  readonly http: HttpClient;
  readonly prompts: Prompts;
  readonly settings: Settings;
  readonly store: AccountStore;
  readonly sessions: SessionList;
  readonly logins: BorrowedLogins;
}

/** A way to sign in that works on this machine. */
type Way =
  | { readonly kind: 'token' }
  | { readonly kind: 'extension'; readonly accounts: readonly string[] }
  | { readonly kind: 'bk'; readonly organizations: readonly BkOrganization[] };

/** A token that the server checked, and who keeps it. */
interface Credential {
  readonly checked: CheckedToken;
  readonly keeper:
    | { readonly kind: 'token' }
    | { readonly kind: 'extension'; readonly account: string }
    | { readonly kind: 'bk'; readonly organization: string };
}

/**
 * Gets a token in a way the person chooses, has the server check it, and only then stores the account.
 *
 * @param replaced A session that the new one takes the place of, once it is there.
 * @returns undefined when the person left. Throws a `Failure` where settings, secret store or another program are at fault.
 */
export async function signIn(
  services: SignInServices,
  replaced: Session | undefined,
): Promise<Session | undefined> {
  const { prompts, settings, sessions, store } = services;
  const endpoints = settings.endpoints();
  const way = await chooseWay(services, replaced);
  const credential = way && (await credentialBy(way, services, endpoints));
  if (!credential) return undefined;

  const { kept, outdated } = await knownAccounts(services, credential.checked, replaced);
  const account = accountOfToken(credential, endpoints, kept);
  const id = accountId(account);
  await sessions.update(async () => {
    await store.put(account);
    for (const other of outdated) if (accountId(other) !== id) await store.remove(accountId(other));
  });

  if (!credential.checked.scopes.has(PUBLISH_SCOPE)) {
    void prompts.notify({
      id: 'signIn.readOnly',
      severity: 'information',
      message: vscode.l10n.t(
        'Signed in as {0}. This token can browse and install models; to publish them it needs the scope {1}.',
        account.label,
        PUBLISH_SCOPE,
      ),
    });
  }
  return sessions.all.find((session) => session.accountId === id);
}

/** Asks only where there is more than one way. */
async function chooseWay(
  { logins, prompts, sessions }: SignInServices,
  replaced: Session | undefined,
): Promise<Way | undefined> {
  const [accounts, organizations] = await Promise.all([
    logins.extension.accounts(),
    logins.bkOrganizations(),
  ]);
  const token: Choice<Way> = {
    label: vscode.l10n.t('Paste an access token'),
    icon: 'key',
    value: { kind: 'token' },
  };
  const extension: Choice<Way> = {
    label: vscode.l10n.t('Use the session of Buildkite’s extension'),
    description: accounts.join(', '),
    icon: 'extensions',
    value: { kind: 'extension', accounts },
  };
  const bk: Choice<Way> = {
    label: vscode.l10n.t('Use the login of the command line bk'),
    description: organizations.map(({ slug }) => slug).join(', '),
    icon: 'terminal',
    value: { kind: 'bk', organizations },
  };
  const choices = [
    token,
    ...(accounts.length > 0 ? [extension] : []),
    ...(organizations.length > 0 ? [bk] : []),
  ];
  if (choices.length === 1) return token.value;
  const before = replaced && sessions.accountOf(replaced)?.kind;
  return prompts.pick<Way>({
    id: 'signIn.way',
    title: vscode.l10n.t('Sign in to Buildkite'),
    placeholder: vscode.l10n.t('How to sign in'),
    choices,
    active: choices.find(({ value }) => value.kind === before)?.value,
  });
}

async function credentialBy(
  way: Way,
  services: SignInServices,
  endpoints: BuildkiteEndpoints,
): Promise<Credential | undefined> {
  switch (way.kind) {
    case 'token': {
      const checked = await askForToken(services, endpoints);
      return checked && { checked, keeper: { kind: 'token' } };
    }
    case 'extension': {
      const lent = await services.logins.extension.ask();
      if (!lent) return undefined;
      const checked = await check(services, endpoints, () => Promise.resolve(lent.token));
      return { checked, keeper: { kind: 'extension', account: lent.account } };
    }
    case 'bk': {
      const organization = await chooseOrganization(services.prompts, way.organizations);
      if (organization === undefined) return undefined;
      const checked = await checkBk(services, endpoints, organization);
      return { checked, keeper: { kind: 'bk', organization } };
    }
  }
}

async function chooseOrganization(
  prompts: Prompts,
  organizations: readonly BkOrganization[],
): Promise<string | undefined> {
  if (organizations.length < 2) return organizations[0]?.slug;
  return prompts.pick({
    id: 'signIn.organization',
    title: vscode.l10n.t('Sign in to Buildkite'),
    placeholder: vscode.l10n.t('The organization whose login is used'),
    choices: organizations.map(({ slug }) => ({ label: slug, icon: 'organization', value: slug })),
    active: organizations.find(({ selected }) => selected)?.slug,
  });
}

/** Has `bk` renew its login where the server does not take the token that it has. */
async function checkBk(
  services: SignInServices,
  endpoints: BuildkiteEndpoints,
  organization: string,
): Promise<CheckedToken> {
  const cli = await installedBk(services.logins);
  try {
    return await check(services, endpoints, (signal) => cli.token(organization, signal));
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'auth') throw error;
    return await check(services, endpoints, async (signal) => {
      await cli.refresh(organization, signal);
      return cli.token(organization, signal);
    });
  }
}

/** Checks a token that nobody typed, with a notification that can be cancelled. */
async function check(
  { http, prompts }: SignInServices,
  endpoints: BuildkiteEndpoints,
  token: (signal: AbortSignal) => Promise<string>,
): Promise<CheckedToken> {
  return prompts.progress(
    { id: 'signIn.check', title: vscode.l10n.t('Signing in to Buildkite…'), cancellable: true },
    async (_report, signal) => checkAccessToken(endpoints, await token(signal), http, signal),
  );
}

/** A refusal stands below the box, which stays open with the text, to try again; Escape stops the check. */
async function askForToken(
  { http, prompts }: SignInServices,
  endpoints: BuildkiteEndpoints,
): Promise<CheckedToken | undefined> {
  const { webUrl } = endpoints;
  let checked: CheckedToken | undefined;
  const taken = await prompts.input({
    id: 'signIn.token',
    title: vscode.l10n.t('Sign in to Buildkite'),
    prompt: vscode.l10n.t(
      'Paste an API access token. The button above creates one on {0} with the scopes filled in.',
      webUrl.host,
    ),
    placeholder: 'bkua_…',
    password: true,
    buttons: [
      {
        icon: 'link-external',
        tooltip: vscode.l10n.t('Create a Token on {0}', webUrl.host),
        run: () => prompts.openExternal(tokenPageUrl(webUrl)),
      },
    ],
    accept: async (text, signal) => {
      try {
        checked = await checkAccessToken(endpoints, text, http, signal);
        return undefined;
      } catch (error) {
        if (error instanceof Failure) return error.message;
        throw error;
      }
    },
  });
  return taken === undefined ? undefined : checked;
}

/** The stored accounts: those that stay, and those whose refused token the new one replaces. */
async function knownAccounts(
  { sessions, store }: SignInServices,
  checked: CheckedToken,
  replaced: Session | undefined,
): Promise<{ readonly kept: readonly StoredAccount[]; readonly outdated: readonly StoredAccount[] }> {
  const refused = sessions.all.filter((session) => sessions.isRejected(session));
  const refusedIds = new Set(refused.map((session) => session.accountId));
  const known = await store.list();
  const isOutdated = (account: StoredAccount) =>
    accountId(account) === replaced?.accountId ||
    (refusedIds.has(accountId(account)) && account.user === userOf(checked));
  return {
    kept: known.filter((account) => !isOutdated(account)),
    outdated: known.filter(isOutdated),
  };
}

function userOf({ user, description, uuid }: CheckedToken): string {
  return user.email ?? user.name ?? description ?? uuid;
}

function accountOfToken(
  { checked, keeper }: Credential,
  { apiUrl, packagesUrl }: BuildkiteEndpoints,
  others: readonly StoredAccount[],
): StoredAccount {
  const { token, uuid: tokenId, description, scopes, expiresAt } = checked;
  const user = userOf(checked);
  const common = {
    version: 2 as const,
    tokenId,
    user,
    label: user,
    scopes: [...scopes],
    apiUrl: apiUrl.href,
    packagesUrl: packagesUrl.href,
    signedInAt: Date.now(),
  };
  const named = (account: StoredAccount, detail: string | undefined): StoredAccount => ({
    ...account,
    label: accountLabel({ id: accountId(account), user, detail }, others),
  });
  switch (keeper.kind) {
    case 'token':
      return named(
        { ...common, kind: 'token', token: token.reveal(), expiresAt: expiresAt?.getTime() },
        description,
      );
    case 'extension':
      return named({ ...common, ...keeper }, vscode.l10n.t('Buildkite’s extension'));
    case 'bk':
      return named({ ...common, ...keeper }, `bk, ${keeper.organization}`);
  }
}
