import * as vscode from 'vscode';
import { checkAccessToken, type CheckedToken } from '../../core/buildkite/accessToken.ts';
import type { BuildkiteEndpoints } from '../../core/buildkite/addresses.ts';
import { PUBLISH_SCOPE } from '../../core/buildkite/scopes.ts';
import { tokenPageUrl } from '../../core/buildkite/tokenPage.ts';
import { Failure } from '../../core/failure.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Prompts } from '../prompts.ts';
import type { Settings } from '../settings.ts';
import type { AccountStore } from './accountStore.ts';
import type { SessionList } from './sessionList.ts';
import type { Session } from './sessions.ts';
import { accountId, accountLabel, type StoredAccount } from './storedAccount.ts';

export interface SignInServices {
  readonly http: HttpClient;
  readonly prompts: Prompts;
  readonly settings: Settings;
  readonly store: AccountStore;
  readonly sessions: SessionList;
}

/**
 * Asks for a token, has the server check it, and only then stores it.
 *
 * @param replaced A session that the new one takes the place of, once it is there.
 * @returns undefined when the person left. Throws a `Failure` where settings or secret store are at fault.
 */
export async function signIn(
  services: SignInServices,
  replaced: Session | undefined,
): Promise<Session | undefined> {
  const { prompts, settings, sessions, store } = services;
  const endpoints = settings.endpoints();
  const checked = await askForToken(services, endpoints);
  if (!checked) return undefined;

  const { kept, outdated } = await knownAccounts(services, checked, replaced);
  const account = accountOfToken(checked, endpoints, kept);
  const id = accountId(account);
  await sessions.update(async () => {
    await store.put(account);
    for (const other of outdated) if (accountId(other) !== id) await store.remove(accountId(other));
  });

  if (!checked.scopes.has(PUBLISH_SCOPE)) {
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
  checked: CheckedToken,
  { apiUrl, packagesUrl }: BuildkiteEndpoints,
  others: readonly StoredAccount[],
): StoredAccount {
  const { token, uuid: tokenId, description, scopes } = checked;
  const user = userOf(checked);
  return {
    version: 1,
    token: token.reveal(),
    tokenId,
    user,
    label: accountLabel({ tokenId, user, description }, others),
    scopes: [...scopes],
    apiUrl: apiUrl.href,
    packagesUrl: packagesUrl.href,
  };
}
