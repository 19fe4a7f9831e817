import * as vscode from 'vscode';
import type { Prompts } from '../prompts.ts';
import type { AccountStore } from './accountStore.ts';
import type { SessionList } from './sessionList.ts';
import type { Session } from './sessions.ts';

/** Removes an account and its token from this machine, after asking which (of several) and whether. */
export async function signOut({
  prompts,
  sessions,
  store,
}: {
  readonly prompts: Prompts;
  readonly sessions: SessionList;
  readonly store: AccountStore;
}): Promise<void> {
  await sessions.ready;
  const session = await chosenSession(prompts, sessions.all);
  if (!session) return;
  const confirmed = await prompts.confirm({
    id: 'signOut.confirm',
    message: vscode.l10n.t('Sign out of {0}?', session.label),
    detail: vscode.l10n.t(
      'The token is removed from this editor. It stays valid until it expires or you revoke it on the web site.',
    ),
    action: vscode.l10n.t('Sign Out'),
  });
  if (!confirmed) return;
  await store.remove(session.accountId);
  await sessions.reload();
}

async function chosenSession(prompts: Prompts, all: readonly Session[]): Promise<Session | undefined> {
  if (all.length < 2) return all[0];
  return prompts.pick({
    id: 'signOut.account',
    title: vscode.l10n.t('Sign Out'),
    placeholder: vscode.l10n.t('The account to sign out of'),
    choices: all.map((session) => ({ label: session.label, icon: 'account', value: session })),
  });
}
