import * as vscode from 'vscode';
import { AccessToken } from '../../core/accessToken.ts';
import { Failure } from '../../core/failure.ts';
import type {
  CheckedToken,
  Lender,
  Login,
  ProgramLender,
  RegistryService,
} from '../../core/hosts/service.ts';
import type { Prompts } from '../prompts.ts';
import type { Services } from '../services.ts';
import type { AccountStore } from './accountStore.ts';
import { chooseWay, titleOf, type SignInStart } from './chooseWay.ts';
import { askExtension, type LentLogins } from './lentLogins.ts';
import { ofSameUser, replacedAccounts } from './sameUser.ts';
import type { SessionList } from './sessionList.ts';
import type { Session } from './sessions.ts';
import { accountId, accountLabel, type StoredAccount } from './storedAccount.ts';
import type { Way } from './waysAsTheyCome.ts';

export interface SignInServices extends Pick<Services, 'http' | 'prompts' | 'registryServices'> {
  readonly store: AccountStore;
  readonly sessions: SessionList;
  readonly logins: LentLogins;
}

/** A token that the server checked, and who keeps it. */
interface Credential {
  readonly service: RegistryService;
  readonly checked: CheckedToken;
  readonly keeper:
    | { readonly kind: 'token' }
    | { readonly kind: 'anonymous' }
    | { readonly kind: 'lent'; readonly lender: Lender; readonly login: string };
}

/**
 * Gets a token in a way the person chooses, has the server check it, and only then stores the account.
 *
 * @returns undefined when the person left. Throws a `Failure` where settings, secret store or another program are at fault.
 */
export async function signIn(services: SignInServices, start: SignInStart): Promise<Session | undefined> {
  const { prompts, sessions, store } = services;
  const way = await chooseWay(services, start);
  const credential = way && (await credentialBy(way, services));
  if (!credential) return undefined;

  const { kept, outdated } = await knownAccounts(services, credential, start.replaced);
  const id = accountId(accountOf(credential, kept));
  const added = { ...credential, id };
  const replaced = await replacedAccounts(services, ofSameUser(kept, added), added);
  if (!replaced) return undefined;
  const account = accountOf(
    credential,
    kept.filter((one) => !replaced.includes(one)),
  );
  await sessions.update(async () => {
    await store.put(account);
    for (const other of [...outdated, ...replaced])
      if (accountId(other) !== id) await store.remove(accountId(other));
  });

  const session = sessions.all.find((one) => one.accountId === id);
  const scope = credential.service.signIn.scopeFor('publish');
  if (session && account.kind !== 'anonymous' && !session.may('publish') && scope !== undefined) {
    void prompts.notify({
      id: 'signIn.readOnly',
      severity: 'information',
      message: vscode.l10n.t(
        'Signed in as {0}. This token can browse and install models; to publish, it needs the scope {1}.',
        account.label,
        scope,
      ),
    });
  }
  return session;
}

async function credentialBy(way: Way, services: SignInServices): Promise<Credential | undefined> {
  const { service } = way;
  if (way.kind === 'token') {
    const checked = await askForToken(services, service);
    return checked && { service, checked, keeper: { kind: 'token' } };
  }
  if (way.kind === 'anonymous') return { service, checked: NOBODY, keeper: { kind: 'anonymous' } };
  const { lender } = way;
  if (lender.kind === 'extension') {
    const lent = await askExtension(lender);
    if (!lent) return undefined;
    const checked = await check(services, service, () => Promise.resolve(lent.token));
    return { service, checked, keeper: { kind: 'lent', lender, login: lent.login } };
  }
  const login = await chooseLogin(services.prompts, service, lender, await way.logins);
  if (login === undefined) return undefined;
  const checked = await checkProgram(services, service, lender, login);
  return { service, checked, keeper: { kind: 'lent', lender, login } };
}

const NOBODY: CheckedToken = {
  token: new AccessToken('', []),
  id: 'nobody',
  description: undefined,
  scopes: new Set(),
  user: undefined,
  expiresAt: undefined,
};

async function chooseLogin(
  prompts: Prompts,
  service: RegistryService,
  { question }: ProgramLender,
  logins: readonly Login[],
): Promise<string | undefined> {
  if (logins.length < 2) return logins[0]?.name;
  return prompts.pick({
    id: 'signIn.login',
    title: titleOf(service),
    placeholder: question,
    choices: logins.map(({ name }) => ({ label: name, icon: 'organization', value: name })),
    active: logins.find(({ selected }) => selected)?.name,
  });
}

/** Has the program renew its login where the server does not take the token that it has. */
async function checkProgram(
  services: SignInServices,
  service: RegistryService,
  lender: ProgramLender,
  login: string,
): Promise<CheckedToken> {
  try {
    return await check(services, service, (signal) => lender.token(login, signal));
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'auth') throw error;
    return await check(services, service, async (signal) => {
      await lender.renew(login, signal);
      return lender.token(login, signal);
    });
  }
}

/** Checks a token that nobody typed, with a notification that can be cancelled. */
async function check(
  { http, prompts }: SignInServices,
  service: RegistryService,
  token: (signal: AbortSignal) => Promise<string>,
): Promise<CheckedToken> {
  return prompts.progress(
    { id: 'signIn.check', title: vscode.l10n.t('Signing in to {0}…', service.name), cancellable: true },
    async (_report, signal) => service.signIn.check(await token(signal), http, signal),
  );
}

/** A refusal stands below the box, which stays open with the text, to try again; Escape stops the check. */
async function askForToken(
  { http, prompts }: SignInServices,
  service: RegistryService,
): Promise<CheckedToken | undefined> {
  const { signIn: ways, webUrl } = service;
  let checked: CheckedToken | undefined;
  const taken = await prompts.input({
    id: 'signIn.token',
    title: titleOf(service),
    prompt: ways.prompt,
    link: { label: vscode.l10n.t('Need one? Create a token'), url: ways.tokenPage([]) },
    placeholder: ways.placeholder,
    password: true,
    buttons: [
      {
        icon: 'link-external',
        // No key reaches a link in a box.
        tooltip: vscode.l10n.t('Create a Token on {0}', webUrl.host),
        run: () => prompts.openExternal(ways.tokenPage([])),
      },
    ],
    accept: async (text, signal) => {
      try {
        checked = await ways.check(text, http, signal);
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
  { checked, service }: Credential,
  replaced: Session | undefined,
): Promise<{ readonly kept: readonly StoredAccount[]; readonly outdated: readonly StoredAccount[] }> {
  const refused = sessions.all.filter((session) => sessions.isRejected(session));
  const refusedIds = new Set(refused.map((session) => session.accountId));
  const known = await store.list();
  const isOutdated = (account: StoredAccount) =>
    accountId(account) === replaced?.accountId ||
    (refusedIds.has(accountId(account)) &&
      account.service === service.id &&
      account.user === userOf(checked));
  return {
    kept: known.filter((account) => !isOutdated(account)),
    outdated: known.filter(isOutdated),
  };
}

function userOf({ user, description, id }: CheckedToken): string {
  return user ?? description ?? id;
}

function accountOf(
  { service, checked, keeper }: Credential,
  others: readonly StoredAccount[],
): StoredAccount {
  const { token, id: tokenId, description, scopes, expiresAt } = checked;
  const isNobody = keeper.kind === 'anonymous';
  const user = isNobody ? vscode.l10n.t('{0}, without an account', service.name) : userOf(checked);
  const [first, ...more] = service.endpoints;
  const common = {
    version: 3 as const,
    service: service.id,
    endpoints: [first.href, ...more.map(({ href }) => href)] as [string, ...string[]],
    ...{ tokenId, user, label: user, scopes: [...scopes], signedInAt: Date.now() },
  };
  switch (keeper.kind) {
    case 'anonymous':
      return { ...common, kind: 'anonymous' };
    case 'token':
      return named(
        { ...common, kind: 'token', token: token.reveal(), expiresAt: expiresAt?.getTime() },
        description,
        others,
      );
    case 'lent': {
      const { lender, login } = keeper;
      return named({ ...common, kind: 'lent', lender: lender.id, login }, lender.nameOf(login), others);
    }
  }
}

/** @param detail What tells it apart from others of the same user. */
function named(
  account: StoredAccount,
  detail: string | undefined,
  others: readonly StoredAccount[],
): StoredAccount {
  const { user } = account;
  return { ...account, label: accountLabel({ id: accountId(account), user, detail }, others) };
}
