import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { ExtensionLender, Lender, Login, RegistryService } from '../../core/hosts/service.ts';
import type { Log } from '../../core/log.ts';
import type { RegistryServices } from '../services.ts';
import { answerWithin } from './answerWithin.ts';
import type { LentAccount } from './storedAccount.ts';

/** What other programs on this machine are signed in with. Their tokens are asked for when they are needed, and never stored. */
export interface LentLogins {
  /** The logins of a lender (its id) may have changed. */
  readonly onDidChange: vscode.Event<string>;
  /** The logins that a lender can be asked for; empty where it is not here, not set up or does not answer. */
  offered(lender: Lender): Promise<readonly Login[]>;
  /** The token of an account now; undefined where there is none. Asks nobody, and logs instead of throwing. */
  token(account: LentAccount): Promise<string | undefined>;
  /** The same after the server refused the token: what can be exchanged for a new one is. */
  renewedToken(account: LentAccount): Promise<string | undefined>;
  dispose(): void;
}

/** Milliseconds to wait for an extension where no person is asked. */
const PATIENCE_MS = 5000;

/**
 * No scopes are asked for: with any, VS Code or that extension could take a session with fewer for none, sign in anew and so replace
 * the session that it works with. What its session may do is for the server to say.
 */
const ANY_SCOPES: readonly string[] = [];

export function createLentLogins(services: RegistryServices, log: Log): LentLogins {
  const changed = new vscode.EventEmitter<string>();
  const closed = new AbortController();
  const subscription = vscode.authentication.onDidChangeSessions(({ provider }) => {
    for (const { lender } of lendersOf(services.all)) {
      if (lender.kind === 'extension' && lender.providerId === provider.id) changed.fire(lender.id);
    }
  });
  const onNothing = (lender: Lender) => (reason: string) =>
    log.warn(`accounts: ${lender.id} lends nothing: ${reason}`);
  const orNothing = async <T>(lender: Lender, task: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await task();
    } catch (error) {
      if (!closed.signal.aborted) onNothing(lender)(String(error));
      return undefined;
    }
  };
  /** Without asking anybody; undefined where the account is signed out there or not lent any more. */
  const extensionToken = async (lender: ExtensionLender, login: string): Promise<string | undefined> => {
    const extension = vscode.extensions.getExtension(lender.extensionId);
    if (!extension) return undefined;
    const session = await answerWithin(
      PATIENCE_MS,
      async () => {
        await extension.activate();
        return vscode.authentication.getSession(lender.providerId, ANY_SCOPES, { silent: true });
      },
      onNothing(lender),
    );
    return session?.account.id === login ? session.accessToken : undefined;
  };
  const ask = (account: LentAccount, renewing: boolean): Promise<string | undefined> => {
    const lender = lendersOf(services.all).find(
      ({ service, lender: { id } }) => service.id === account.service && id === account.lender,
    )?.lender;
    if (!lender) return Promise.resolve(undefined);
    if (lender.kind === 'extension') return extensionToken(lender, account.login);
    return orNothing(lender, async () => {
      if (renewing) await lender.renew(account.login, closed.signal);
      return lender.token(account.login, closed.signal);
    });
  };

  return {
    onDidChange: changed.event,
    offered: async (lender) =>
      (lender.kind === 'program'
        ? await orNothing(lender, () => lender.logins(closed.signal))
        : await extensionLogins(lender, onNothing(lender))) ?? [],
    token: (account) => ask(account, false),
    renewedToken: (account) => ask(account, true),
    dispose() {
      closed.abort();
      subscription.dispose();
      changed.dispose();
    },
  };
}

/** The lenders of all services. */
function lendersOf(
  services: readonly RegistryService[],
): readonly { readonly service: RegistryService; readonly lender: Lender }[] {
  return services.flatMap((service) => service.signIn.lenders.map((lender) => ({ service, lender })));
}

/** Labels of the accounts it is signed in to; empty where it is not installed, signed out, or uses a token of its own. */
async function extensionLogins(
  { extensionId, providerId }: ExtensionLender,
  onNothing: (reason: string) => void,
): Promise<readonly Login[] | undefined> {
  const extension = vscode.extensions.getExtension(extensionId);
  if (!extension) return undefined;
  const listed = async () => {
    await extension.activate();
    return (await vscode.authentication.getAccounts(providerId)).map(({ label }) => label);
  };
  const labels = await answerWithin(PATIENCE_MS, listed, onNothing);
  return labels?.map((name) => ({ name, selected: false }));
}

/** Has VS Code ask the person to lend the session. undefined when they would rather not. Throws a `refused` failure. */
export async function askExtension({
  providerId,
  refusal,
}: ExtensionLender): Promise<{ readonly login: string; readonly token: string } | undefined> {
  try {
    const session = await vscode.authentication.getSession(providerId, ANY_SCOPES, { createIfNone: true });
    return { login: session.account.id, token: session.accessToken };
  } catch (cause) {
    // VS Code has no error class for "no": https://github.com/microsoft/vscode/blob/main/src/vs/workbench/api/browser/mainThreadAuthentication.ts
    if (cause instanceof Error && /consent|cancel/i.test(`${cause.name} ${cause.message}`)) return undefined;
    throw new Failure('refused', refusal, { cause });
  }
}
