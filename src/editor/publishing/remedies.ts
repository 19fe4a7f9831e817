import * as vscode from 'vscode';
import type { Failure, FailureKind } from '../../core/failure.ts';
import { isInNoRepository, NotCommitted } from '../../core/snapshot/git/explain.ts';
import type { RegistryService } from '../../core/hosts/service.ts';
import type { Session } from '../accounts/sessions.ts';
import type { SignInRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { openSettings } from '../settings.ts';

/** What can be done about a publish that failed, besides reading the log. */
type Remedy =
  | 'signIn'
  | 'tokenPage'
  | 'lfsPull'
  | 'publishAgain'
  | 'retry'
  | 'openSettings'
  | 'setUp'
  | 'commit';

/** The one table of what helps a publish against what. */
const REMEDIES: Readonly<Record<FailureKind, readonly Remedy[]>> = {
  auth: ['signIn'],
  forbidden: ['tokenPage', 'signIn'],
  notFound: [],
  network: ['retry'],
  tls: ['retry'],
  timeout: ['retry'],
  rateLimit: ['retry'],
  conflict: ['publishAgain'],
  quota: [],
  refused: [],
  server: ['retry'],
  protocol: ['openSettings'],
  unknownOutcome: ['publishAgain'],
  notARepository: ['setUp'],
  noCommit: ['setUp', 'commit'],
  git: [],
  missingObject: ['lfsPull'],
  unpublishable: [],
  corrupt: [],
  disk: ['retry'],
  secret: [],
  busy: [],
  wrongEcosystem: [],
};

/** What a failed publish was about, as far as it had come. */
interface FailedPublish {
  /** Absolute path of what was to be published; undefined before it was chosen. */
  readonly folder: string | undefined;
  /** Top folder of the Git repository; undefined where none was found, or what is published comes from elsewhere. */
  readonly repository: string | undefined;
  /** Undefined where it failed before one was chosen. */
  readonly session: Session | undefined;
  /** The one that makes tokens for it. */
  readonly service: RegistryService | undefined;
  /** Of the publish's own log; undefined where it did not begin. */
  readonly logId?: string | undefined;
}

/** Tells why a publish failed, once, with what helps. Gives whether the publish should be tried again. */
export async function offerRemedy(
  services: Services,
  failure: Failure,
  failed: FailedPublish,
): Promise<boolean> {
  const { folder, repository, session, service, logId } = failed;
  const remedies = REMEDIES[failure.kind].filter((remedy) => isPossible(remedy, failure, failed));
  const chosen = await services.prompts.notify({
    id: `publish.failed.${failure.kind}`,
    severity: 'error',
    message: sentenceOf(failure, remedies.includes('setUp') ? folder : undefined),
    actions: [
      ...remedies.map((id) => ({ id, label: remedyLabels[id]() })),
      { id: 'showLog', label: vscode.l10n.t('Show Log') },
    ],
  });
  switch (chosen as Remedy | 'showLog' | undefined) {
    case 'signIn':
      await vscode.commands.executeCommand(
        'modelRegistries.signIn',
        ...(session ? [{ kind: 'signIn', session } satisfies SignInRow] : []),
      );
      return true;
    case 'tokenPage':
      if (service) await services.prompts.openExternal(service.signIn.tokenPage([]));
      return false;
    case 'lfsPull':
      if (repository !== undefined) pullObjects(repository, failure.command ?? 'git lfs pull');
      return false;
    case 'setUp':
      return folder !== undefined && (await import('../setup/setUpFolder.ts')).setUpFolder(services, folder);
    case 'commit':
      return (
        folder !== undefined && (await import('../setup/commitChanges.ts')).commitChanges(services, folder)
      );
    case 'publishAgain':
    case 'retry':
      return true;
    case 'openSettings':
      await openSettings();
      return false;
    case 'showLog':
      if (logId === undefined) await vscode.commands.executeCommand('modelRegistries.showLog');
      else await vscode.commands.executeCommand('modelRegistries.openPublishLog', logId);
      return false;
    case undefined:
      return false;
  }
}

function isPossible(remedy: Remedy, failure: Failure, failed: FailedPublish): boolean {
  const { folder, repository, service } = failed;
  switch (remedy) {
    case 'lfsPull':
      // Of what no command brings, the sentence tells what does.
      return repository !== undefined && failure.command !== undefined;
    case 'tokenPage':
      return service !== undefined;
    case 'setUp':
      return folder !== undefined && (isInNoRepository(failure) || isEmptyRepository(failure));
    case 'commit':
      return folder !== undefined && failure.cause instanceof NotCommitted;
    case 'signIn':
    case 'publishAgain':
    case 'retry':
    case 'openSettings':
      return true;
  }
}

/** It has no commit at all, so that what makes a repository of a folder can be done there, too. */
function isEmptyRepository({ cause }: Failure): boolean {
  return cause instanceof NotCommitted && cause.where === 'repository';
}

/** @param toSetUp the folder, where that it is no repository has a remedy here. */
function sentenceOf(failure: Failure, toSetUp: string | undefined): string {
  if (failure.kind === 'unknownOutcome') return failure.message;
  return toSetUp !== undefined && isInNoRepository(failure)
    ? vscode.l10n.t('Nothing was published, because “{0}” is not in a Git repository yet.', toSetUp)
    : vscode.l10n.t('Nothing was published. {0}', failure.message);
}

const remedyLabels: Record<Remedy, () => string> = {
  signIn: () => vscode.l10n.t('Sign In Again'),
  tokenPage: () => vscode.l10n.t('Open Token Page'),
  lfsPull: () => vscode.l10n.t('Run git lfs pull'),
  publishAgain: () => vscode.l10n.t('Publish Again'),
  retry: () => vscode.l10n.t('Retry'),
  openSettings: () => vscode.l10n.t('Open Settings'),
  setUp: () => vscode.l10n.t('Set Up and Publish'),
  commit: () => vscode.l10n.t('Commit and Publish…'),
};

/** In a terminal, because Git may ask for credentials there, and the person sees what it does. */
function pullObjects(repository: string, command: string): void {
  const terminal = vscode.window.createTerminal({ name: 'git lfs pull', cwd: repository });
  terminal.show();
  terminal.sendText(command);
}
