import * as vscode from 'vscode';
import type { Failure, FailureKind } from '../../core/failure.ts';
import type { RegistryService } from '../../core/hosts/service.ts';
import type { Session } from '../accounts/sessions.ts';
import type { SignInRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { openSettings } from '../settings.ts';

/** What can be done about a publish that failed, besides reading the log. */
type Remedy = 'signIn' | 'tokenPage' | 'lfsPull' | 'publishAgain' | 'retry' | 'openSettings';

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
  notARepository: [],
  noCommit: [],
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
  services: Pick<Services, 'prompts'>,
  failure: Failure,
  { repository, session, service, logId }: FailedPublish,
): Promise<boolean> {
  const remedies = REMEDIES[failure.kind].filter(
    (remedy) =>
      (remedy !== 'lfsPull' || repository !== undefined) && (remedy !== 'tokenPage' || service !== undefined),
  );
  const chosen = await services.prompts.notify({
    id: `publish.failed.${failure.kind}`,
    severity: 'error',
    message:
      failure.kind === 'unknownOutcome'
        ? failure.message
        : vscode.l10n.t('Nothing was published. {0}', failure.message),
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

const remedyLabels: Record<Remedy, () => string> = {
  signIn: () => vscode.l10n.t('Sign In Again'),
  tokenPage: () => vscode.l10n.t('Open Token Page'),
  lfsPull: () => vscode.l10n.t('Run git lfs pull'),
  publishAgain: () => vscode.l10n.t('Publish Again'),
  retry: () => vscode.l10n.t('Retry'),
  openSettings: () => vscode.l10n.t('Open Settings'),
};

/** In a terminal, because Git may ask for credentials there, and the person sees what it does. */
function pullObjects(repository: string, command: string): void {
  const terminal = vscode.window.createTerminal({ name: 'git lfs pull', cwd: repository });
  terminal.show();
  terminal.sendText(command);
}
