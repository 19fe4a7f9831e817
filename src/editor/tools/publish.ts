import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Inspection } from '../../core/publish/inspection.ts';
import { digestOf, otherPlan, type PlanParts, planParts } from '../../core/publish/planDigest.ts';
import type { PlanDigest, PublishPlan } from '../../core/publish/publishing.ts';
import { foreignGitFolder } from '../../core/snapshot/foreignGitFolder.ts';
import { warningSentence } from '../../core/publish/warningTexts.ts';
import { visibleLine } from '../../core/visibleText.ts';
import { messageFor } from '../publishing/commitMessages.ts';
import { refuseUnfit } from '../publishes/reach.ts';
import type { Destination } from '../publishService.ts';
import { knownGit } from '../git/gitExtension.ts';
import { rememberTarget } from '../publishing/targetMemory.ts';
import { summary } from '../publishing/texts.ts';
import { registryName } from '../wording.ts';
import { pathsOnDisk } from '../workspace.ts';
import type { RegistryPlace } from '../places.ts';
import type { Services } from '../services.ts';
import { accountFor } from './account.ts';
import { confinedFolder, refuseUnconfined } from './confinedFolder.ts';
import type { DescribedPlans } from './describedPlans.ts';
import type { PlanInput, PublishInput } from './inputs.ts';

/** Paths that an answer names of each kind. */
const MOST_PATHS = 100;

/** A plan, all that is known of it, and where it goes. */
interface Planned {
  readonly plan: PublishPlan;
  readonly inspection: Inspection;
  readonly destination: Destination;
  readonly message: string | undefined;
  readonly parts: PlanParts;
}

/** Plans, by reading only, and gives what `use` makes of it; afterwards nothing of the snapshot is left open. */
export async function withPlan<T>(
  services: Services,
  input: PlanInput,
  signal: AbortSignal,
  use: (planned: Planned) => T | Promise<T>,
): Promise<T> {
  const workspaceFolders = trustedFolders();
  const folder = await folderOf(input, workspaceFolders, signal);
  const session = await accountFor(services, input.account, 'publish');
  const registry = await session.host.listing.registry(input.organization, input.registry, signal);
  const place = { session, registry };
  refuseUnfit(place);
  refuseReleases(place);
  const { publishes, log, hashes } = services;
  const { program } = await knownGit();
  const { openSnapshot } = await import('../../core/snapshot/openSnapshot.ts');
  const snapshot = await openSnapshot(folder, { signal, log, git: program, hashes });
  try {
    await refuseUnconfined(snapshot, folder, workspaceFolders, signal);
    const destination = { place, model: input.model };
    const plan = await publishes.plan(
      snapshot,
      { hub: session.host.hub(registry), model: input.model },
      signal,
    );
    const inspection = await publishes.inspect(plan, signal);
    const message = messageFor(services, snapshot, destination);
    return await use({ plan, inspection, destination, message, parts: planParts(plan, message) });
  } finally {
    await snapshot.dispose();
  }
}

/** What a publish would do, as a language model reads it. */
export function describePlan(
  { plan, inspection, destination, message, parts }: Planned,
  described: DescribedPlans,
) {
  const { snapshot, changed, unchanged, deleted, remote, parentCommit } = plan;
  const added = changed.filter(({ path }) => !remote.has(path));
  const replaced = changed.filter(({ path }) => remote.has(path));
  const first = (paths: readonly string[]) => paths.slice(0, MOST_PATHS);
  return {
    plan: described.add(parts),
    commit: snapshot.commit,
    subject: snapshot.subject,
    branch: snapshot.branch,
    folder: snapshot.repository,
    repository: foreignGitFolder(snapshot) ?? snapshot.repository,
    destination: destinationOf(plan, destination),
    commitMessage: message ?? snapshot.subject,
    currentVersion: parentCommit,
    nothingToDo: parentCommit !== undefined && changed.length === 0 && deleted.length === 0,
    counts: {
      new: added.length,
      changed: replaced.length,
      deleted: deleted.length,
      unchanged: unchanged.length,
    },
    new: first(added.map(({ path }) => path)),
    changed: first(replaced.map(({ path }) => path)),
    deleted: first(deleted),
    bytesToUpload: inspection.bytes,
    bytesAreExact: inspection.precision === 'exact',
    ...(plan.missing !== undefined && { wouldFail: plan.missing.message }),
    warnings: inspection.warnings.map((warning) => ({
      ...warning,
      ...('paths' in warning && { paths: first(warning.paths) }),
      message: warningSentence(warning),
    })),
  };
}

/** The question before the tool publishes: what the one of the command says, and every part of the destination. */
export async function confirmationOf(
  services: Services,
  input: PublishInput,
  described: DescribedPlans,
  signal: AbortSignal,
): Promise<vscode.PreparedToolInvocation> {
  return withPlan(services, input, signal, (planned) => {
    refuseOtherPlan(planned, input, described);
    const { plan, inspection, destination, message } = planned;
    const { registry, session } = destination.place;
    const name = registryName(registry);
    const details = [
      summary(plan, inspection, { registry, account: session.label, message }),
      vscode.l10n.t('Plan: {0}', input.plan),
    ];
    return {
      invocationMessage: vscode.l10n.t('Publishing {0} to {1}', destination.model, name),
      confirmationMessages: {
        title: vscode.l10n.t('Publish {0} to {1}?', destination.model, name),
        // Names come from the workspace: they stand there letter for letter.
        message: details
          .join('\n')
          .split('\n')
          .reduce(
            (markdown, line) => markdown.appendText(visibleLine(line)).appendMarkdown('  \n'),
            new vscode.MarkdownString(),
          ),
      },
    };
  });
}

/** Publishes what was planned and agreed to. Throws a `Failure` where it fails, or anything else would be published. */
export async function carryOutPublish(
  services: Services,
  input: PublishInput,
  described: DescribedPlans,
  signal: AbortSignal,
): Promise<unknown> {
  return withPlan(services, input, signal, async (planned) => {
    const agreed = refuseOtherPlan(planned, input, described);
    const { plan, destination, message } = planned;
    const { registry, session } = destination.place;
    const { outcome } = await services.publishes.run(plan, destination, { message, agreed, signal });
    if (outcome.kind === 'failed') throw outcome.failure;
    if (outcome.kind === 'cancelled') {
      return { outcome: 'cancelled', mayHaveHappened: outcome.unsettled, sentBytes: outcome.sentBytes };
    }
    await rememberTarget(services, plan.snapshot, destination);
    services.registriesView.versionsChanged(session, registry, destination.model);
    return {
      outcome: outcome.created ? 'published' : 'alreadyThere',
      version: outcome.commit,
      destination: destinationOf(plan, destination),
      verified: outcome.verified,
      editedByTheRegistry: outcome.serverEdited,
      sentBytes: outcome.sentBytes,
    };
  });
}

function destinationOf({ target }: PublishPlan, { place: { session, registry }, model }: Destination) {
  return {
    account: session.label,
    organization: registry.organization,
    registry: registry.slug,
    model,
    address: target.hub.endpoint.href,
  };
}

/** Absolute paths of the workspace's folders. Throws where it is not trusted. */
function trustedFolders(): readonly string[] {
  if (!vscode.workspace.isTrusted) {
    throw new Failure(
      'refused',
      vscode.l10n.t('This workspace is not trusted, so nothing in it is read or published.'),
    );
  }
  return pathsOnDisk();
}

async function folderOf(
  { folder: text }: PlanInput,
  workspaceFolders: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const folder = await confinedFolder(text, workspaceFolders, signal);
  if (folder !== undefined) return folder;
  throw new Failure(
    'refused',
    vscode.l10n.t('Only folders of the open workspace can be published, and this is none: {0}', text),
  );
}

/** The plan's digest, where it is the one that was agreed to. */
function refuseOtherPlan(
  { plan, parts }: Planned,
  input: PublishInput,
  described: DescribedPlans,
): PlanDigest {
  if (plan.snapshot.commit !== input.commit) {
    throw new Failure(
      'refused',
      vscode.l10n.t(
        'HEAD is {0} and not the commit that was planned. Plan the publish again.',
        plan.snapshot.commit,
      ),
    );
  }
  const digest = digestOf(parts);
  if (digest === input.plan) return digest;
  throw otherPlan(plan, described.differences(input.plan, parts));
}

/** A release has a name, which a person gives. */
function refuseReleases({ session, registry }: RegistryPlace): void {
  if (session.host.hub(registry).revisions !== 'release') return;
  throw new Failure(
    'refused',
    vscode.l10n.t(
      '{0} keeps releases, and a person names each. Publish from the editor.',
      session.service.name,
    ),
  );
}
