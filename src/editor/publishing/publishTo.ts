import * as vscode from 'vscode';
import type { Inspection } from '../../core/publish/inspection.ts';
import { planDigest } from '../../core/publish/planDigest.ts';
import { progressReports } from '../../core/publish/progressReports.ts';
import type { PlanDigest, PublishOutcome, PublishPlan } from '../../core/publish/publishing.ts';
import { isGrave } from '../../core/publish/warnings.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import type { Destination } from '../publishService.ts';
import type { Services } from '../services.ts';
import { registryName } from '../wording.ts';
import { showPlannedChanges } from './changes.ts';
import { messageFor } from './commitMessages.ts';
import { hasUncommitted, tellOutcome } from './outcome.ts';
import { rememberTarget } from './targetMemory.ts';
import { progressMessage, summary } from './texts.ts';

/** What is learned on the way, for when it is tried again. */
export interface Learned {
  /** What was agreed to without another look at the summary, as long as it is still that. */
  readonly agreed?: PlanDigest;
  /** Title of the diff that shows the changes, where the person looks at them. */
  readonly diff?: string | undefined;
  /** Of the publish that was tried last. */
  readonly logId?: string;
}

/** Where a walk ended: at the outcome, at a look at the changes, or to commit what is not committed. */
export type WalkEnd = 'ended' | 'looking' | 'committing';

/**
 * Publishes a snapshot to where it is to go, from the comparison to the outcome, which it tells: the one question is
 * asked in between. Whoever opened the snapshot disposes of it, and it is gone when the outcome is told. Throws a
 * `Failure` for whatever goes wrong.
 */
export async function publishTo(
  services: Services,
  snapshot: Snapshot,
  destination: Destination,
  agreed: PlanDigest | undefined,
  learn: (more: Learned) => void,
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
    if (answer === 'looking') learn({ diff: await showPlannedChanges(services, plan, destination) });
    if (answer !== 'yes') return answer === 'no' ? 'ended' : answer;
  }
  const { id, outcome } = await carryOut(services, plan, destination, message);
  learn({ logId: id });
  if (outcome.kind === 'failed') throw outcome.failure;
  if (outcome.kind === 'published') await rememberTarget(services, snapshot, destination);
  // Nobody closes such a notice for hours: no process of Git, and no folder that it reads through, waits for that.
  await snapshot.dispose();
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
    message:
      snapshot.origin.kind === 'hub'
        ? vscode.l10n.t('Import {0} into {1}?', destination.model, registryName(registry))
        : vscode.l10n.t('Publish {0} to {1}?', destination.model, registryName(registry)),
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
          run: () => void (left.to = 'looking'),
        },
        // Who may have to take a secret out is not led to commit more.
        ...(hasUncommitted(snapshot) && !holdsSecrets(inspection)
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

function isNothingToDo({ parentCommit, changed, deleted }: PublishPlan): boolean {
  return parentCommit !== undefined && changed.length === 0 && deleted.length === 0;
}
