import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { PublishOutcome, PublishPlan, Publisher } from '../../core/publish/publishing.ts';
import { createPublisher } from '../../core/publish/publisher.ts';
import { openSnapshot } from '../../core/snapshot/openSnapshot.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { sessionsFor, usableSessions } from '../accounts/usableSessions.ts';
import type { RegistryPlace } from '../registries/registryPick.ts';
import type { Services } from '../services.ts';
import { type Destination, askDestination, refuseUnfit } from './destination.ts';
import { knownGit } from './gitExtension.ts';
import { tellOutcome } from './outcome.ts';
import { progressReports } from '../../core/publish/progressReports.ts';
import { recordOf } from './record.ts';
import { offerRemedy } from './remedies.ts';
import { type PublishStart, askFolder, startOf } from './source.ts';
import { rememberTarget } from './targetMemory.ts';
import { progressMessage, registryName, summary } from './texts.ts';

/** The command that publishes, from wherever it is started. */
export function registerPublishing(services: Services): vscode.Disposable {
  const publisher = createPublisher(services);
  return services.commands.register('modelRegistries.publish', async (argument) => {
    if (!vscode.workspace.isTrusted) {
      await refuseUntrusted(services);
      return;
    }
    await publishFrom(services, publisher, argument);
  });
}

/** What a publish has learned so far, so that trying again asks nothing twice. */
interface Known extends PublishStart {
  /** Top folder of the Git repository; absent for what was downloaded. */
  readonly repository?: string;
  /** The place and model were answered, not merely proposed. */
  readonly answered?: Destination;
}

async function publishFrom(services: Services, publisher: Publisher, argument: unknown): Promise<void> {
  let known: Known = {};
  const learn = (more: Known): void => {
    known = { ...known, ...more };
  };
  for (;;) {
    try {
      if (Object.keys(known).length === 0) learn(startOf(argument));
      await attempt(services, publisher, known, learn);
      return;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      services.log.warn(`publish: ${error.kind}: ${error.message}`);
      const session = (known.answered?.place ?? known.place)?.session;
      if (error.kind === 'auth' && session) services.sessions.reject(session);
      if (!(await offerRemedy(services, error, { repository: known.repository, session }))) return;
    }
  }
}

/** One walk from the folder to the outcome. Throws a `Failure` for whatever goes wrong. */
async function attempt(
  services: Services,
  publisher: Publisher,
  known: Known,
  learn: (more: Known) => void,
): Promise<void> {
  const sessions = await sessionsFor(services, vscode.l10n.t('Sign in to Buildkite to publish a model.'));
  if (!sessions) return;
  const place = known.place && current(services, known.place);
  if (place) refuseUnfit(place);

  const folder =
    known.folder ??
    (await askFolder(services, {
      id: 'publish.folder',
      title: vscode.l10n.t('Publish Model Snapshot'),
      placeholder: vscode.l10n.t('The repository to publish'),
    }));
  if (folder === undefined) return;
  learn({ folder });

  const snapshot = await readSnapshot(services, folder);
  try {
    if (snapshot.origin.kind === 'git') learn({ repository: snapshot.repository });
    const answered = known.answered && current(services, known.answered.place);
    const destination =
      known.answered && answered
        ? { ...known.answered, place: answered }
        : await askDestination(services, sessions, snapshot, { place, model: known.model });
    if (!destination) return;
    learn({ answered: destination });
    await publishTo(services, publisher, snapshot, destination);
  } finally {
    await snapshot.dispose();
  }
}

async function publishTo(
  services: Services,
  publisher: Publisher,
  snapshot: Snapshot,
  destination: Destination,
): Promise<void> {
  const { session, registry } = destination.place;
  const { model } = destination;
  const target = { hub: session.host.hub(registry), model };
  const plan = await services.prompts.progress(
    {
      id: 'publish.plan',
      title: vscode.l10n.t('Comparing with {0} in {1}', model, registryName(registry)),
      cancellable: true,
    },
    (_report, signal) => publisher.plan(snapshot, target, signal),
  );
  if (!isNothingToDo(plan)) {
    const agreed = await services.prompts.confirm({
      id: 'publish.summary',
      message: vscode.l10n.t('Publish {0} to {1}?', model, registryName(registry)),
      detail: summary(plan, registry, session.label),
      action: vscode.l10n.t('Publish'),
      severity: snapshot.uncommitted.length > 0 ? 'warning' : 'information',
    });
    if (!agreed) return;
  }
  await rememberTarget(services.workspaceMemory, snapshot, {
    accountId: session.accountId,
    organization: registry.organization,
    registry: registry.slug,
    model,
  });
  const startedAt = Date.now();
  const outcome = await carryOut(services, publisher, plan, destination);
  await services.history.add(recordOf(plan, destination, outcome, { startedAt, endedAt: Date.now() }));
  if (outcome.kind === 'failed') throw outcome.failure;
  await tellOutcome(services, outcome, snapshot, destination);
}

/** Shows the progress; its Cancel button stops the publish. */
async function carryOut(
  services: Services,
  publisher: Publisher,
  plan: PublishPlan,
  { place, model }: Destination,
): Promise<PublishOutcome> {
  return services.prompts.progress(
    {
      id: 'publish.progress',
      title: vscode.l10n.t('Publishing {0} to {1}', model, registryName(place.registry)),
      cancellable: true,
    },
    (report, signal) => {
      const onEvent = progressReports(
        (progress, increment) => report({ message: progressMessage(progress), increment }),
        () => performance.now(),
      );
      return publisher.publish(plan, { onEvent, signal });
    },
  );
}

async function readSnapshot({ prompts, log, hashes }: Services, folder: string): Promise<Snapshot> {
  const { program } = await knownGit();
  return prompts.progress(
    { id: 'publish.snapshot', title: vscode.l10n.t('Reading the commit'), cancellable: true },
    (_report, signal) => openSnapshot(folder, { signal, log, git: program, hashes }),
  );
}

function isNothingToDo({ parentCommit, changed, deleted }: PublishPlan): boolean {
  return parentCommit !== undefined && changed.length === 0 && deleted.length === 0;
}

/** `place` with the session that its account has now; undefined where the account is gone or its token refused. */
function current({ sessions }: Services, place: RegistryPlace): RegistryPlace | undefined {
  const session = usableSessions(sessions).find(({ accountId }) => accountId === place.session.accountId);
  return session && { ...place, session };
}

async function refuseUntrusted({ prompts }: Services): Promise<void> {
  const chosen = await prompts.notify({
    id: 'publish.untrusted',
    severity: 'warning',
    message: vscode.l10n.t(
      'This workspace is not trusted, so nothing is published from it: publishing runs Git in its folders.',
    ),
    actions: [{ id: 'trust', label: vscode.l10n.t('Manage Trust') }],
  });
  if (chosen === 'trust') await vscode.commands.executeCommand('workbench.trust.manage');
}
