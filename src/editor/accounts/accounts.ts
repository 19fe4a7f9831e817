import * as vscode from 'vscode';
import type { Failure } from '../../core/failure.ts';
import { setContextKey } from '../contextKeys.ts';
import { asRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { createAuthenticationProvider, PROVIDER_ID } from './authenticationProvider.ts';
import type { SignInStart } from './chooseWay.ts';
import type { SignInServices } from './signIn.ts';
import { signOut } from './signOut.ts';

/** Signing in and out, by command and by the Accounts menu, and the context keys that follow from it. */
export function registerAccounts(
  services: SignInServices & Pick<Services, 'log' | 'commands'>,
): vscode.Disposable {
  const { commands, log, prompts, sessions, store } = services;
  /** Loaded when somebody wants to. */
  const signIn = async (start: SignInStart) => (await import('./signIn.ts')).signIn(services, start);
  const provider = createAuthenticationProvider(sessions, store, () => signIn({}));
  const projectState = async () => {
    await setContextKey('modelRegistries.signedIn', sessions.all.length > 0);
    await setContextKey('modelRegistries.loaded', sessions.loaded);
  };
  const follow = () => {
    projectState().catch((error: unknown) => log.error(`accounts: ${String(error)}`));
  };
  let shown: Failure | undefined;
  const tellFailure = () => {
    const { failure } = sessions;
    if (failure && failure !== shown) {
      void prompts.notify({ id: 'accounts.unreadable', severity: 'error', message: failure.message });
    }
    shown = failure;
  };
  if (sessions.loaded) follow();
  return vscode.Disposable.from(
    sessions.onDidChange(follow),
    sessions.onDidChange(tellFailure),
    vscode.authentication.registerAuthenticationProvider(
      PROVIDER_ID,
      // The manifest's label; VS Code shows this one.
      vscode.l10n.t('Model Registries'),
      provider,
      { supportsMultipleAccounts: true },
    ),
    provider,
    commands.register('modelRegistries.signIn', async (argument) => {
      const row = asRow(argument);
      await signIn({
        replaced: row?.kind === 'signIn' ? row.session : undefined,
        kind: typeof argument === 'string' ? argument : undefined,
      });
    }),
    commands.register('modelRegistries.signOut', async (argument) => {
      const row = asRow(argument);
      await signOut(services, row?.kind === 'signIn' ? row.session : undefined);
    }),
  );
}
