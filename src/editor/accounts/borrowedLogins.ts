import * as vscode from 'vscode';
import { createBkCli, type BkCli, type BkOrganization } from '../../core/hosts/buildkite/bkCli.ts';
import { Failure } from '../../core/failure.ts';
import type { Log } from '../../core/log.ts';
import { firstProgram, programCandidates } from '../../core/programs/programPath.ts';
import { outsideOfWorkspace } from '../workspace.ts';
import type { Settings } from '../settings.ts';
import type { BuildkiteExtension } from './buildkiteExtension.ts';
import type { BorrowedAccount } from './storedAccount.ts';

/** What other programs on this machine are signed in with. Their tokens are asked for when they are needed, and never stored. */
export interface BorrowedLogins {
  /** The logins of that kind may have changed. */
  readonly onDidChange: vscode.Event<BorrowedAccount['kind']>;
  readonly extension: BuildkiteExtension;
  /** undefined where the program is not here. */
  bk(): Promise<BkCli | undefined>;
  /** Where `bk` can be used: its organizations; empty where it is not here, not set up or does not answer. */
  bkOrganizations(): Promise<readonly BkOrganization[]>;
  /** The token of an account now; undefined where there is none. Asks nobody, and logs instead of throwing. */
  token(account: BorrowedAccount): Promise<string | undefined>;
  /** The same after the server refused the token: what can be exchanged for a new one is. */
  renewedToken(account: BorrowedAccount): Promise<string | undefined>;
  dispose(): void;
}

/** Milliseconds for a `bk` that is only asked whether it can be offered. */
const OFFER_TIMEOUT_MS = 5000;

export function createBorrowedLogins(
  settings: Pick<Settings, 'bkPath'>,
  extension: BuildkiteExtension,
  log: Log,
): BorrowedLogins {
  const changed = new vscode.EventEmitter<BorrowedAccount['kind']>();
  const subscription = extension.onDidChange(() => changed.fire('extension'));
  const closed = new AbortController();

  const bk = async (timeoutMs?: number): Promise<BkCli | undefined> => {
    const candidates = programCandidates(settings.bkPath(), process.env, process.platform);
    // bk runs in Restricted Mode, too.
    const program = await firstProgram(
      vscode.workspace.isTrusted ? candidates : await outsideOfWorkspace(candidates),
    );
    if (program === undefined) return undefined;
    return createBkCli({
      program,
      environment: process.env,
      platform: process.platform,
      timeoutMs,
    });
  };
  const orNothing = async <T>(what: string, task: () => Promise<T | undefined>): Promise<T | undefined> => {
    try {
      return await task();
    } catch (error) {
      if (!closed.signal.aborted) log.warn(`accounts: ${what}: ${String(error)}`);
      return undefined;
    }
  };
  const bkToken = async (organization: string, first: boolean) => {
    const cli = await bk();
    if (!cli) {
      log.warn('accounts: bk is not on this machine any more');
      return undefined;
    }
    if (!first) await cli.refresh(organization, closed.signal);
    return cli.token(organization, closed.signal);
  };
  const ask = (account: BorrowedAccount, first: boolean) =>
    orNothing(`${account.kind} has no token`, () => {
      switch (account.kind) {
        case 'extension':
          return extension.token(account.account);
        case 'bk':
          return bkToken(account.organization, first);
      }
    });

  return {
    onDidChange: changed.event,
    extension,
    bk: () => bk(),
    bkOrganizations: async () =>
      (await orNothing('bk is not offered', async () =>
        (await bk(OFFER_TIMEOUT_MS))?.organizations(closed.signal),
      )) ?? [],
    token: (account) => ask(account, true),
    renewedToken: (account) => ask(account, false),
    dispose() {
      closed.abort();
      subscription.dispose();
      changed.dispose();
    },
  };
}

/** `bk`, or a failure that says what is missing. */
export async function installedBk(logins: Pick<BorrowedLogins, 'bk'>): Promise<BkCli> {
  const cli = await logins.bk();
  if (cli) return cli;
  throw new Failure(
    'refused',
    vscode.l10n.t(
      'Buildkite’s command line {0} was not found. Install it, or name its place in the setting {1}.',
      'bk',
      'modelRegistries.bkPath',
    ),
  );
}
