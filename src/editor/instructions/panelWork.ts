import * as vscode from 'vscode';
import { homeFolder } from '../../core/homeFolder.ts';
import { Failure } from '../../core/failure.ts';
import type { HubTarget } from '../../core/hosts/host.ts';
import type { BuildInstructions } from '../../core/hosts/service.ts';
import { connectionTo } from '../../core/hub/connection.ts';
import type { ModelUse } from '../../core/instructions/modelUses.ts';
import { terminalVariables, TOKEN_VARIABLE } from '../../core/instructions/snippets.ts';
import type { CommandText } from '../../core/shells/commandText.ts';
import type { ShellId } from '../../core/shells/shells.ts';
import { type InstalledClient, installedClients } from '../../core/programs/installedClients.ts';
import { firstProgram, programCandidates } from '../../core/programs/programPath.ts';
import { visibleLine } from '../../core/visibleText.ts';
import { usableSession, usableSessions } from '../accounts/usableSessions.ts';
import { foldersOnDisk, outsideOfWorkspace } from '../workspace.ts';
import { endpointText } from '../endpointText.ts';
import { lookAtFiles } from '../lookAtFiles.ts';
import { createReadToken } from '../readTokens/createReadToken.ts';
import { serviceOf } from '../registryServices.ts';
import type { Services } from '../services.ts';
import type { PanelSubject, PolicyState } from './content.ts';
import { type Ran, RegistryTerminal } from './registryTerminal.ts';

/** What a panel has done outside itself. Everything rejects with a `Failure`, or the signal's reason when aborted. */
export interface PanelWork {
  /** How builds publish into the registry; undefined where its service builds nothing. */
  builds(): Promise<BuildInstructions | undefined>;
  /** The clients of this machine; undefined where the workspace is not trusted, since looking runs them. */
  installed(signal: AbortSignal): Promise<readonly InstalledClient[] | undefined>;
  /** How a model can be used, as its files tell. */
  uses(model: string, revision: string | undefined, signal: AbortSignal): Promise<readonly ModelUse[]>;
  openTerminal(): Promise<void>;
  /** The OIDC policy of the registry, as far as the account may read it. */
  policy(signal: AbortSignal): Promise<Extract<PolicyState, { kind: 'none' | 'known' }>>;
  /**
   * Runs a command in a terminal like that of `openTerminal`.
   *
   * @param write The command for the shell of that terminal; may throw.
   */
  run(write: (shell: ShellId) => CommandText, signal: AbortSignal): Promise<Ran>;
  /** Whether the account, as it is signed in now, may create tokens that only read the registry. */
  mayCreateReadToken(): boolean;
  /** Has a person create one, which is copied. Gives what it is for; undefined where they left. */
  createReadToken(): Promise<string | undefined>;
  /** undefined where the person chose none. */
  chooseFolder(): Promise<string | undefined>;
  copy(text: string): Promise<void>;
  /** Terminals stay open. */
  dispose(): void;
}

type WorkServices = Pick<Services, 'http' | 'sessions' | 'prompts' | 'registryServices'>;

export function panelWork(services: WorkServices, subject: PanelSubject): PanelWork {
  const { registry } = subject;
  const isAccount = (accountId: string) => accountId === subject.accountId;
  const hubOf = async () => (await usableSession(services, isAccount)).host.hub(registry);
  const terminal = new RegistryTerminal();
  const terminalOptions = async () => optionsOf(registry, await hubOf());
  return {
    builds: async () => serviceOf(services.registryServices.all, subject.accountId)?.buildInstructions?.(),

    async installed(signal) {
      if (!vscode.workspace.isTrusted) return undefined;
      return installedClients({
        environment: process.env,
        find: async (program) =>
          firstProgram(await outsideOfWorkspace(programCandidates(program, process.env, process.platform))),
        folder: homeFolder() ?? '/',
        signal,
      });
    },

    async uses(model, revision, signal) {
      const target = await hubOf();
      const hub = connectionTo(target, model, services.http);
      return (await lookAtFiles(hub, revision ?? target.revision, signal)).uses;
    },

    async openTerminal() {
      terminal.open(await terminalOptions());
    },

    async policy(signal) {
      const session = usableSessions(services.sessions).find(({ accountId }) => isAccount(accountId));
      const policies = session?.may('readOidcPolicy') ? session.host.oidcPolicies : undefined;
      return policies ? { kind: 'known', policy: await policies.read(registry, signal) } : { kind: 'none' };
    },

    run: async (write, signal) => terminal.run(await terminalOptions(), write, signal),

    dispose: () => terminal.dispose(),

    mayCreateReadToken: () =>
      usableSessions(services.sessions).some(
        (session) => isAccount(session.accountId) && session.may('changeReadTokens'),
      ),

    createReadToken: async () =>
      createReadToken(services, await usableSession(services, isAccount), registry),

    copy: (text) => services.prompts.copy(text),

    async chooseFolder() {
      const folder = await services.prompts.openFolder({
        id: 'instructions.folder',
        title: vscode.l10n.t('The model’s folder'),
        action: vscode.l10n.t('Choose'),
        start: foldersOnDisk()[0]?.uri,
      });
      return folder?.fsPath;
    },
  };
}

/**
 * A terminal in which Hub clients reach the registry. It is transient, so that VS Code keeps neither it nor its
 * environment, and nothing that the person set for another Hub takes the token's place. Throws `refused` where there may
 * be none.
 */
function optionsOf(
  { organization, slug }: PanelSubject['registry'],
  { endpoint, token, traits }: Pick<HubTarget, 'endpoint' | 'token' | 'traits'>,
): vscode.TerminalOptions {
  if (!vscode.workspace.isTrusted) {
    throw new Failure(
      'refused',
      vscode.l10n.t(
        'This workspace is not trusted, so no terminal with your token is opened in it: its shell may run what the workspace holds.',
      ),
    );
  }
  if (token.authorizationFor(endpoint) === undefined) {
    throw new Failure(
      'refused',
      vscode.l10n.t(
        'The token of this account is not for {0}, so it is not given to a terminal.',
        endpoint.host,
      ),
    );
  }
  return {
    name: visibleLine(vscode.l10n.t('Registry {0}', `${organization}/${slug}`)),
    iconPath: new vscode.ThemeIcon('package'),
    isTransient: true,
    env: {
      ...terminalVariables({ endpoint: endpointText(endpoint), traits }),
      [TOKEN_VARIABLE]: token.reveal(),
      HF_OIDC_RESOURCE: null,
      HF_HUB_OFFLINE: null,
      HF_HUB_DISABLE_IMPLICIT_TOKEN: null,
    },
  };
}

/** Where the registry is by the account's own host; as in `subject` where the account is signed out. */
export function currentPlace(
  { sessions }: Pick<Services, 'sessions'>,
  subject: PanelSubject,
): Pick<PanelSubject, 'endpoint' | 'traits'> {
  const session = usableSessions(sessions).find(({ accountId }) => accountId === subject.accountId);
  const { endpoint, traits } = session?.host.hub(subject.registry) ?? subject;
  return { endpoint, traits };
}
