import * as vscode from 'vscode';
import type { Lender } from '../../core/hosts/service.ts';
import type { Prompts } from '../prompts.ts';
import type { AccountStore } from './accountStore.ts';
import { expiryText } from './expiry.ts';
import type { SessionList } from './sessionList.ts';
import type { Session } from './sessions.ts';
import type { LentAccount, StoredAccount } from './storedAccount.ts';

/**
 * Removes an account and its token from this machine, after asking which (of several) and whether.
 *
 * @param meant The account to sign out of, where the person pointed at it.
 */
export async function signOut(
  {
    prompts,
    sessions,
    store,
  }: { readonly prompts: Prompts; readonly sessions: SessionList; readonly store: AccountStore },
  meant: Session | undefined,
): Promise<void> {
  await sessions.ready;
  const session = meant ?? (await chosenSession(prompts, sessions));
  if (!session) return;
  const confirmed = await prompts.confirm({
    id: 'signOut.confirm',
    message: vscode.l10n.t('Sign out of {0}?', session.label),
    detail: afterwards(session, sessions.accountOf(session)),
    action: vscode.l10n.t('Sign Out'),
  });
  if (!confirmed) return;
  await store.remove(session.accountId);
  await sessions.reload();
}

async function chosenSession(prompts: Prompts, sessions: SessionList): Promise<Session | undefined> {
  const { all } = sessions;
  if (all.length < 2) return all[0];
  return prompts.pick({
    id: 'signOut.account',
    title: vscode.l10n.t('Sign Out'),
    placeholder: vscode.l10n.t('The account to sign out of'),
    choices: all.map((session) => ({
      label: session.label,
      description: describe(session, sessions),
      icon: 'account',
      value: session,
    })),
  });
}

/** Who keeps the account's token, and whether it can be used. */
function describe(session: Session, sessions: SessionList): string {
  const state = sessions.isRejected(session)
    ? vscode.l10n.t('token rejected')
    : expiryText(session, new Date(), vscode.env.language);
  return [keeper(session, sessions), state].filter((part) => part !== undefined).join(' · ');
}

function keeper(session: Session, sessions: SessionList): string | undefined {
  const account = sessions.accountOf(session);
  return account?.kind === 'lent' ? lenderOf(session, account)?.nameOf(account.login) : undefined;
}

function lenderOf({ service }: Session, { lender }: LentAccount): Lender | undefined {
  return service.signIn.lenders.find(({ id }) => id === lender);
}

function afterwards(session: Session, account: StoredAccount | undefined): string {
  if (account?.kind === 'anonymous')
    return vscode.l10n.t('You can browse it without an account again at any time.');
  return (
    (account?.kind === 'lent' ? lenderOf(session, account)?.afterwards : undefined) ??
    vscode.l10n.t(
      'The token is removed from this editor. It stays valid until it expires, or you revoke it on the website.',
    )
  );
}
