import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import type { Session, Sessions } from './sessions.ts';

/** Sessions whose token the server has not refused. */
export function usableSessions(sessions: Sessions): readonly Session[] {
  return sessions.all.filter((session) => !sessions.isRejected(session));
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
  await whenLoaded(sessions);
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
