import * as vscode from 'vscode';
import { visibleLine } from '../../core/visibleText.ts';
import type { AccountStore } from './accountStore.ts';
import type { SessionList } from './sessionList.ts';
import type { Session } from './sessions.ts';

/** Equals `contributes.authentication` of package.json. */
export const PROVIDER_ID = 'modelRegistries';

/**
 * The accounts as VS Code's Accounts menu sees them: it lists them, signs them out, and asks the person before another extension
 * gets a token.
 *
 * @param signIn Walks the person through a sign-in; undefined when it was given up.
 */
export function createAuthenticationProvider(
  sessions: SessionList,
  store: AccountStore,
  signIn: () => Promise<Session | undefined>,
): vscode.AuthenticationProvider & { dispose(): void } {
  const changed = new vscode.EventEmitter<vscode.AuthenticationProviderAuthenticationSessionsChangeEvent>();
  let known: readonly Session[] = sessions.all;
  const subscription = sessions.onDidChange(() => {
    const before = new Map(known.map((session) => [session.accountId, session]));
    const after = new Map(sessions.all.map((session) => [session.accountId, session]));
    known = sessions.all;
    const added = known.filter(({ accountId }) => !before.has(accountId));
    const removed = [...before.values()].filter(({ accountId }) => !after.has(accountId));
    const replaced = known.filter((session) => {
      const old = before.get(session.accountId);
      return old !== undefined && old !== session;
    });
    if (added.length + removed.length + replaced.length === 0) return;
    changed.fire({
      added: added.map(authenticationSession),
      removed: removed.map(authenticationSession),
      changed: replaced.map(authenticationSession),
    });
  });

  return {
    onDidChangeSessions: changed.event,
    async getSessions(scopes, { account }) {
      await sessions.ready;
      return sessions.all
        .filter((session) => sessions.accountOf(session)?.kind !== 'anonymous')
        .filter((session) => scopes?.every((scope) => session.scopes.has(scope)) ?? true)
        .filter((session) => !account || session.accountId === account.id)
        .map(authenticationSession);
    },
    async createSession() {
      const session = await signIn();
      if (!session) throw new vscode.CancellationError();
      return authenticationSession(session);
    },
    async removeSession(id) {
      await store.remove(id);
      await sessions.reload();
    },
    dispose() {
      subscription.dispose();
      changed.dispose();
    },
  };
}

function authenticationSession(session: Session): vscode.AuthenticationSession {
  return {
    id: session.accountId,
    accessToken: session.token.reveal(),
    account: { id: session.accountId, label: visibleLine(session.label) },
    scopes: [...session.scopes],
  };
}
