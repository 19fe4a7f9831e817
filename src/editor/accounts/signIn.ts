import * as vscode from 'vscode';
import { AccessToken } from '../../core/accessToken.ts';
import { checkAccessToken, type CheckedToken } from '../../core/buildkite/accessToken.ts';
import { tokenPageUrl } from '../../core/buildkite/tokenPage.ts';
import { Failure } from '../../core/failure.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Log } from '../../core/log.ts';
import type { Prompts } from '../prompts.ts';
import type { Endpoints } from '../endpoints.ts';
import type { Settings } from '../settings.ts';
import type { AccountStore } from './accountStore.ts';
import { PUBLISH_SCOPE, REQUIRED_SCOPES } from './scopes.ts';
import type { SessionList } from './sessionList.ts';
import type { Session } from './sessions.ts';
import { accountId, accountLabel, type StoredAccount } from './storedAccount.ts';
import { misshapenToken } from './tokenShape.ts';

export interface SignInServices {
  readonly http: HttpClient;
  readonly log: Log;
  readonly prompts: Prompts;
  readonly settings: Settings;
  readonly store: AccountStore;
  readonly sessions: SessionList;
}

/**
 * Asks for a token, has the server check it, and only then stores it. A refusal stands below the box, which stays open with the
 * text, to try again; Escape stops the check.
 *
 * @param replaced A session that the new one takes the place of, once it is there.
 * @returns undefined when the person left.
 */
export async function signIn(
  services: SignInServices,
  replaced: Session | undefined,
): Promise<Session | undefined> {
  const { prompts, settings, sessions, store } = services;
  const endpoints = settings.endpoints();
  let account: StoredAccount | undefined;
  await prompts.input({
    id: 'signIn.token',
    title: vscode.l10n.t('Sign in to Buildkite'),
    prompt: vscode.l10n.t(
      'Paste an API access token of {0}. The button above opens the page that creates one, with the scopes filled in.',
      endpoints.webUrl.host,
    ),
    placeholder: 'bkua_…',
    password: true,
    buttons: [
      {
        icon: 'link-external',
        tooltip: vscode.l10n.t('Create a Token on {0}', endpoints.webUrl.host),
        run: () => prompts.openExternal(tokenPageUrl(endpoints.webUrl)),
      },
    ],
    accept: async (text, signal) => {
      const value = text.trim();
      const misshapen = misshapenToken(value);
      if (misshapen !== undefined) return misshapen;
      try {
        account = await checkedAccount(services, value, endpoints, signal);
        return undefined;
      } catch (error) {
        if (error instanceof Failure) return error.message;
        throw error;
      }
    },
  });
  if (!account) return undefined;

  await store.put(account);
  const id = accountId(account);
  const outdated = [replaced, ...sessions.all.filter((session) => sessions.isRejected(session))].filter(
    (session) =>
      session && session.accountId !== id && (session === replaced || session.label === account?.label),
  );
  for (const session of outdated) if (session) await store.remove(session.accountId);
  await sessions.reload();
  return sessions.all.find((session) => session.accountId === id);
}
