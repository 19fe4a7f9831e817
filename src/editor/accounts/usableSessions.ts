import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { RegistryAction } from '../../core/hosts/host.ts';
import type { Services } from '../services.ts';
import type { Session, Sessions } from './sessions.ts';

/** Sessions whose token the server has not refused. */
export function usableSessions(sessions: Sessions): readonly Session[] {
  return sessions.all.filter((session) => !sessions.isRejected(session));
}

/** The session of an account, once the accounts are known. Throws `auth` where it is signed out, or the server refused its token. */
export async function usableSession(
  { sessions }: Pick<Services, 'sessions'>,
  isAccount: (accountId: string) => boolean,
): Promise<Session> {
  await whenLoaded(sessions);
  const session = sessions.all.find(({ accountId }) => isAccount(accountId));
  if (session && !sessions.isRejected(session)) return session;
  throw new Failure(
    'auth',
    session
      ? vscode.l10n.t(
          '{0} rejected the token of {1}. Sign in again, then try again.',
          session.service.endpoints[0].host,
          session.label,
        )
      : vscode.l10n.t('The account that this was opened with is signed out. Sign in again, then try again.'),
  );
}

/**
 * The usable sessions, at least one; where there is none the person is asked to sign in for `purpose`, a sentence. Undefined when
 * they would rather not.
 */
export async function sessionsFor(
  services: Pick<Services, 'sessions' | 'prompts'>,
  purpose: string,
): Promise<readonly Session[] | undefined> {
  const { sessions, prompts } = services;
  if (!sessions.loaded) {
    // Another program may take seconds to lend its login.
    await prompts.progress(
      { id: 'accounts.loading', title: vscode.l10n.t('Looking up your accounts'), cancellable: false },
      () => whenLoaded(sessions),
    );
  }
  const usable = usableSessions(sessions);
  if (usable.length > 0) return usable;
  const agreed = await prompts.confirm({
    id: 'signInFirst',
    message: purpose,
    action: vscode.l10n.t('Sign In'),
  });
  if (!agreed) return undefined;
  await vscode.commands.executeCommand('modelRegistries.signIn');
  const signedIn = usableSessions(sessions);
  return signedIn.length > 0 ? signedIn : undefined;
}

/**
 * Says why none of `sessions` may do `actions`: their services do not have that, or their tokens lack scopes, which `lacking` puts into
 * a sentence.
 */
export function notPermitted(
  sessions: readonly Session[],
  actions: readonly RegistryAction[],
  lacking: (accounts: string, scopes: string) => string,
): Failure {
  const scopes = scopesFor(sessions, actions);
  const services = [...new Set(sessions.map(({ service }) => service.name))].join(', ');
  return new Failure(
    'forbidden',
    scopes === ''
      ? vscode.l10n.t('{0} does not offer this. Sign in to a service that does.', services)
      : lacking(sessions.map(({ label }) => label).join(', '), scopes),
  );
}

/** What the services of `sessions` call the permissions for `actions`, for a sentence; empty where they have no such thing. */
function scopesFor(sessions: readonly Session[], actions: readonly RegistryAction[]): string {
  const scopes = sessions.flatMap(({ service }) => actions.map((action) => service.signIn.scopeFor(action)));
  return [...new Set(scopes.filter((scope) => scope !== undefined))].join(', ');
}

/** Resolves once the secret store was read. */
export async function whenLoaded(sessions: Sessions): Promise<void> {
  while (!sessions.loaded) {
    await new Promise<void>((resolve) => {
      const subscription = sessions.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
  }
}
