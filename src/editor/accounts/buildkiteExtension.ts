import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Log } from '../../core/log.ts';
import { answerWithin } from './answerWithin.ts';

/** Buildkite's own extension: https://github.com/buildkite/vscode-buildkite */
const EXTENSION_ID = 'buildkite.buildkite-vscode';
const PROVIDER_ID = 'buildkite';

/**
 * No scopes are asked for: with any, VS Code or that extension could take a session with fewer for none, sign in anew and so replace
 * the session that it works with. What its session may do is for the server to say.
 */
const ANY_SCOPES: readonly string[] = [];

/** Milliseconds to wait for that extension where no person is asked. */
const PATIENCE_MS = 5000;

/** The browser sign-in of Buildkite's own extension, as far as it lends it. */
export interface BuildkiteExtension {
  /** Its sessions may have changed. */
  readonly onDidChange: vscode.Event<unknown>;
  /** Labels of the accounts it is signed in to; empty where it is not installed, signed out, or uses a token of its own. */
  accounts(): Promise<readonly string[]>;
  /** Has VS Code ask the person to lend the session. undefined when they would rather not. Throws a `refused` failure. */
  ask(): Promise<{ readonly account: string; readonly token: string } | undefined>;
  /** The token of that account's session now, without asking anybody; undefined where it is signed out or no longer lends it. */
  token(account: string): Promise<string | undefined>;
}

export function buildkiteExtension(log: Log): BuildkiteExtension {
  const onNothing = (reason: string) =>
    log.warn(`accounts: Buildkite's extension lends no session: ${reason}`);
  return {
    onDidChange: (listener, self?: unknown, disposables?: vscode.Disposable[]) =>
      vscode.authentication.onDidChangeSessions(
        (event) => {
          if (event.provider.id === PROVIDER_ID) listener.call(self, event);
        },
        undefined,
        disposables,
      ),
    async accounts() {
      const extension = vscode.extensions.getExtension(EXTENSION_ID);
      if (!extension) return [];
      const listed = async () => {
        await extension.activate();
        return (await vscode.authentication.getAccounts(PROVIDER_ID)).map(({ label }) => label);
      };
      return (await answerWithin(PATIENCE_MS, listed, onNothing)) ?? [];
    },
    async ask() {
      try {
        const session = await vscode.authentication.getSession(PROVIDER_ID, ANY_SCOPES, {
          createIfNone: true,
        });
        return { account: session.account.id, token: session.accessToken };
      } catch (cause) {
        // VS Code has no error class for "no": https://github.com/microsoft/vscode/blob/main/src/vs/workbench/api/browser/mainThreadAuthentication.ts
        if (cause instanceof Error && /consent|cancel/i.test(`${cause.name} ${cause.message}`))
          return undefined;
        throw new Failure(
          'refused',
          vscode.l10n.t(
            'Buildkite’s extension did not lend its session. Sign in to it anew, or paste an access token.',
          ),
          { cause },
        );
      }
    },
    async token(account) {
      const extension = vscode.extensions.getExtension(EXTENSION_ID);
      if (!extension) return undefined;
      const session = await answerWithin(
        PATIENCE_MS,
        async () => {
          await extension.activate();
          return vscode.authentication.getSession(PROVIDER_ID, ANY_SCOPES, { silent: true });
        },
        onNothing,
      );
      return session?.account.id === account ? session.accessToken : undefined;
    },
  };
}
