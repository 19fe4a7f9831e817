import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Inspection } from '../../core/publish/inspection.ts';
import { planDigest } from '../../core/publish/planDigest.ts';
import { progressReports } from '../../core/publish/progressReports.ts';
import type { PlanDigest, PublishOutcome, PublishPlan } from '../../core/publish/publishing.ts';
import { isGrave } from '../../core/publish/warnings.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { sessionsFor, usableSessions } from '../accounts/usableSessions.ts';
import type { RegistryPlace } from '../places.ts';
import type { Services } from '../services.ts';
import { showPlannedChanges } from './changes.ts';
import { messageFor } from './commitMessages.ts';
import { reachDestination, refuseUnfit } from '../publishes/reach.ts';
import { askDestination, withRelease } from './destination.ts';
import type { Destination, PublishStart } from '../publishService.ts';
import { knownGit } from '../git/gitExtension.ts';
import { hasUncommitted, tellOutcome } from './outcome.ts';
import { offerRemedy } from './remedies.ts';
import { askFolder } from '../git/askFolder.ts';
import { lastTargets } from './targetMemory.ts';
import { progressMessage, summary } from './texts.ts';
import { registryName } from '../wording.ts';
import { pathsOnDisk } from '../workspace.ts';

/** What a publish has learned so far, so that trying again asks nothing twice. */
interface Known extends PublishStart {
  /** Top folder of the Git repository; absent for what was downloaded. */
  readonly repository?: string;
  /** The place and model were answered, not merely proposed. */
  readonly answered?: Destination;
  /** What was agreed to without another look at the summary, as long as it is still that. */
  readonly agreed?: PlanDigest;
  /** Of the publish that was tried last. */
  readonly logId?: string;
}

/** Publishes from what is known at first, and again as often as that helps. */
export async function publishFrom(services: Services, start: () => PublishStart): Promise<void> {
  let known: Known | undefined;
  const learn = (more: Known): void => {
    known = { ...known, ...more };
  };
  for (;;) {
    try {
      if (known === undefined) learn(start());
      const ended = await attempt(services, known ?? {}, learn);
      if (ended === 'ended') return;
      if (ended === 'looking' && !(await wantsToPublish(services, known ?? {}))) return;
      if (ended === 'committing' && !(await isCommitted(services, known?.folder))) return;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!(await isRemedied(services, error, known ?? {}))) return;
    }
  }
}

/** Offers what helps, and where that fails, too, what helps against that. Gives whether to try again. */
async function isRemedied(services: Services, failure: Failure, known: Known): Promise<boolean> {
  services.log.warn(`publish: ${failure.kind}: ${failure.message}`);
  const { answered, place, repository, folder, logId } = known;
  const session = (answered?.place ?? place)?.session;
  const { service } = session ?? usableSessions(services.sessions)[0] ?? {};
  try {
    return await offerRemedy(services, failure, { folder, repository, session, service, logId });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return isRemedied(services, error, known);
  }
}

async function isCommitted(services: Services, folder: string | undefined): Promise<boolean> {
  if (folder === undefined) return false;
  return (await import('../setup/commitChanges.ts')).commitChanges(services, folder);
}

/** Where a walk ended: at the outcome, at a look at the changes, or to commit what is not committed. */
type WalkEnd = 'ended' | 'looking' | 'committing';

/** One walk from the folder to the outcome, or to what the person wants to do before. Throws a `Failure` for whatever goes wrong. */
async function attempt(services: Services, known: Known, learn: (more: Known) => void): Promise<WalkEnd> {
  const sessions = await sessionsFor(services, vscode.l10n.t('Sign in to publish a model.'));
  if (!sessions) return 'ended';
  const place = known.place && current(services, known.place);
  if (place) refuseUnfit(place);

  const folder =
    known.folder ??
    (await askFolder(
      services,
      {
        id: 'publish.folder',
        title: vscode.l10n.t('Publish Model Snapshot'),
        placeholder: vscode.l10n.t('The repository to publish'),
      },
      // One without a repository can be set up.
      pathsOnDisk(),
    ));
  if (folder === undefined) return 'ended';
  learn({ folder });

  const snapshot = await readSnapshot(services, folder);
  try {
    if (snapshot.origin.kind === 'git') learn({ repository: snapshot.repository });
    const answered = known.answered && current(services, known.answered.place);
    const chosen =
      known.answered && answered
        ? { ...known.answered, place: answered }
        : ((await repeated(services, known, snapshot)) ??
          (await askDestination(services, sessions, snapshot, { place, model: known.model })));
    const destination = chosen && (await withRelease(services, chosen));
    if (!destination) return 'ended';
    learn({ answered: destination });
    return await publishTo(services, snapshot, destination, known.agreed, learn);
  } finally {
    await snapshot.dispose();
  }
}

/** Where it goes without being asked. */
async function repeated(
  services: Services,
  { again }: Known,
  snapshot: Snapshot,
): Promise<Destination | undefined> {
  const target = again === 'last' ? lastTargets.of(services.workspaceMemory, snapshot) : again;
  return target && reachDestination(services, usableSessions(services.sessions), target);
}

async function publishTo(
  services: Services,
  snapshot: Snapshot,
  destination: Destination,
  agreed: PlanDigest | undefined,
  learn: (more: Known) => void,
): Promise<WalkEnd> {
  const { session, registry } = destination.place;
  const { model } = destination;
  const own = session.host.hub(registry);
  const target = { hub: { ...own, revision: destination.release ?? own.revision }, model };
  const message = messageFor(services, snapshot, destination);
  const { publishes } = services;
  const { plan, inspection } = await services.prompts.progress(
    {
      id: 'publish.plan',
      title: vscode.l10n.t('Comparing with {0} in {1}', model, registryName(registry)),
      cancellable: true,
    },
    async (_report, signal) => {
      const plan = await publishes.plan(snapshot, target, signal);
      return { plan, inspection: await publishes.inspect(plan, signal) };
    },
  );
  const digest = planDigest(plan, message);
  if (!isNothingToDo(plan) && agreed !== digest) {
    const answer = await askAgreement(services, plan, inspection, destination, message);
    // What holds secrets is asked about again, whatever was looked at.
    if (answer === 'looking' && !holdsSecrets(inspection)) learn({ agreed: digest });
    if (answer !== 'yes') return answer === 'no' ? 'ended' : answer;
  }
  await lastTargets.remember(services.workspaceMemory, snapshot, {
    accountId: session.accountId,
    organization: registry.organization,
    registry: registry.slug,
    model,
  });
  const { id, outcome } = await carryOut(services, plan, destination, message);
  learn({ logId: id });
  if (outcome.kind === 'failed') throw outcome.failure;
  return tellOutcome(services, outcome, snapshot, destination);
}

/** The one question before a publish. */
async function askAgreement(
  services: Services,
  plan: PublishPlan,
  inspection: Inspection,
  destination: Destination,
  message: string | undefined,
): Promise<'yes' | 'no' | 'looking' | 'committing'> {
  const { snapshot } = plan;
  const { session, registry } = destination.place;
  const left: { to: 'no' | 'looking' | 'committing' } = { to: 'no' };
  const agreed = await services.prompts.confirm({
    id: 'publish.summary',
    message: vscode.l10n.t('Publish {0} to {1}?', destination.model, registryName(registry)),
    detail: summary(plan, inspection, { registry, account: session.label, message }),
    ...(holdsSecrets(inspection)
      ? { action: vscode.l10n.t('Publish Anyway'), default: 'cancel' }
      : { action: vscode.l10n.t('Publish') }),
    severity: plan.missing !== undefined || inspection.warnings.some(isGrave) ? 'warning' : 'information',
    // What was downloaded is in no Git that could show it.
    ...(snapshot.origin.kind === 'git' && {
      others: [
        {
          label: vscode.l10n.t('Show Changes'),
          run: async () => {
            left.to = 'looking';
            await showPlannedChanges(services, plan, destination);
          },
        },
        ...(hasUncommitted(snapshot)
          ? [{ label: vscode.l10n.t('Commit and Publish…'), run: () => void (left.to = 'committing') }]
          : []),
      ],
    }),
  });
  return agreed ? 'yes' : left.to;
}

function holdsSecrets({ warnings }: Inspection): boolean {
  return warnings.some(({ kind }) => kind === 'secret');
}

/** Asked beside the changes that are looked at. */
async function wantsToPublish({ prompts }: Services, { answered }: Known): Promise<boolean> {
  if (!answered) return false;
  const chosen = await prompts.notify({
    id: 'publish.afterChanges',
    severity: 'information',
    message: vscode.l10n.t('Publish {0} to {1}?', answered.model, registryName(answered.place.registry)),
    actions: [{ id: 'publish', label: vscode.l10n.t('Publish') }],
  });
  return chosen === 'publish';
}

/** Shows the progress; its Cancel button stops the publish, as the one in the Publishes view does. */
async function carryOut(
  { prompts, publishes }: Services,
  plan: PublishPlan,
  destination: Destination,
  message: string | undefined,
): Promise<{ readonly id: string; readonly outcome: PublishOutcome }> {
  const { registry } = destination.place;
  return prompts.progress(
    {
      id: 'publish.progress',
      title: vscode.l10n.t('Publishing {0} to {1}', destination.model, registryName(registry)),
      cancellable: true,
    },
    (report, signal) =>
      publishes.run(plan, destination, {
        message,
        signal,
        onEvent: progressReports(
          (progress, increment) => report({ message: progressMessage(progress), increment }),
          () => performance.now(),
        ),
        onQueued: () => report({ message: vscode.l10n.t('Waiting for another publish to end') }),
      }),
  );
}

async function readSnapshot({ prompts, log, hashes }: Services, folder: string): Promise<Snapshot> {
  const { program } = await knownGit();
  return prompts.progress(
    { id: 'publish.snapshot', title: vscode.l10n.t('Reading the commit'), cancellable: true },
    async (_report, signal) =>
      (await import('../../core/snapshot/openSnapshot.ts')).openSnapshot(folder, {
        signal,
        log,
        git: program,
        hashes,
      }),
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
