import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Build } from '../../core/hosts/pipelines.ts';
import type { Session } from '../accounts/sessions.ts';
import { sessionsFor } from '../accounts/usableSessions.ts';
import { askFolder } from '../git/askFolder.ts';
import { askModel } from '../publishing/destination.ts';
import { startOf } from '../publishing/source.ts';
import { lastTargets } from '../publishing/targetMemory.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import type { RegistryPlace } from '../places.ts';
import type { Services } from '../services.ts';
import { mayBuild } from '../mayBuild.ts';
import { buildersOf, tellMissingScopes } from './builders.ts';
import { lastBuilds } from './buildMemory.ts';
import { buildsRemote, pickPipeline } from './pipelinePick.ts';
import { pushedHead, type PushedHead } from './pushedHead.ts';
import { requestBuild } from './requestBuild.ts';
import { plannedSummary, type PlannedBuild } from './texts.ts';

/** Everything that is asked before a build. Undefined when the person leaves. */
export async function planBuild(services: Services, argument: unknown): Promise<PlannedBuild | undefined> {
  const start = startOf(argument);
  const sessions = await ableSessions(services, start.place);
  if (!sessions) return undefined;
  const folder =
    start.folder ??
    (await askFolder(services, {
      id: 'buildPublish.folder',
      title: title(),
      placeholder: vscode.l10n.t('The repository to publish'),
    }));
  const found = folder === undefined ? undefined : await pushedHead(services, folder);
  if (!found) return undefined;
  // The registry, if it is asked for, the model and the pipeline.
  const totalSteps = start.place ? 2 : 3;
  const destination = await askDestination(services, sessions, found, { ...start, totalSteps });
  if (!destination) return undefined;
  const { place, model } = destination;
  const host = place.session.host.pipelines;
  const pipeline =
    host &&
    (await pickPipeline(services, host, place.registry.organization, {
      id: 'buildPublish.pipeline',
      title: title(),
      placeholder: vscode.l10n.t('The pipeline that publishes the model'),
      step: totalSteps,
      totalSteps,
      pushed: found.pushed,
      last: lastPipeline(services, found, place),
    }));
  if (!pipeline) return undefined;
  return { ...found, place, model, pipeline, branch: branchFor(pipeline, found) };
}

/** Those that may build; where nobody may, that is said. */
async function ableSessions(
  services: Services,
  place: RegistryPlace | undefined,
): Promise<readonly Session[] | undefined> {
  const all = await sessionsFor(services, vscode.l10n.t('Sign in to publish a model with a pipeline.'));
  const sessions = place ? all?.filter(({ accountId }) => accountId === place.session.accountId) : all;
  if (!sessions || sessions.length === 0) return undefined;
  const able = sessions.filter(mayBuild);
  if (able.length > 0) return able;
  await tellMissingScopes(services, sessions);
  return undefined;
}

async function askDestination(
  services: Services,
  sessions: readonly Session[],
  { head }: PushedHead,
  {
    totalSteps,
    ...start
  }: { readonly place?: RegistryPlace; readonly model?: string; readonly totalSteps: number },
): Promise<{ readonly place: RegistryPlace; readonly model: string } | undefined> {
  const last =
    lastBuilds.of(services.workspaceMemory, head) ?? lastTargets.of(services.workspaceMemory, head);
  const place =
    start.place ??
    (await pickRegistry(services, sessions, {
      id: 'buildPublish.registry',
      title: title(),
      placeholder: vscode.l10n.t('The registry that the build publishes to'),
      step: 1,
      totalSteps,
      last,
    }));
  if (!place) return undefined;
  const proposal = start.model ?? last?.model ?? head.proposedModels[0];
  const prompt = { id: 'buildPublish.model', title: title(), step: totalSteps - 1, totalSteps };
  const model = await askModel(services, place, proposal, prompt);
  return model === undefined ? undefined : { place, model };
}

function lastPipeline(
  { workspaceMemory }: Services,
  { head }: PushedHead,
  { registry }: RegistryPlace,
): string | undefined {
  const last = lastBuilds.of(workspaceMemory, head);
  return last?.organization === registry.organization ? last.pipeline : undefined;
}

/** The commit's branch where the pipeline gets it from, as far as it is pushed there. */
function branchFor(pipeline: PlannedBuild['pipeline'], { pushed }: PushedHead): string {
  const there = pushed.branches.find(({ remote }) => buildsRemote(pipeline, { remotes: [remote] }));
  return (there ?? pushed.branches[0])?.branch ?? '';
}

/** Asks once, then creates the build. Undefined where there is none to follow. Throws a `Failure`. */
export async function createBuild(services: Services, planned: PlannedBuild): Promise<Build | undefined> {
  const { prompts, workspaceMemory } = services;
  const { head, place, model, pipeline, branch } = planned;
  const { session, registry } = place;
  const mayStayBehind = head.uncommitted.length > 0 || head.notCompared !== undefined;
  const isRisky = mayStayBehind || !buildsRemote(pipeline, planned.pushed);
  const agreed = await prompts.confirm({
    id: 'buildPublish.summary',
    message: vscode.l10n.t('Publish {0} with the pipeline {1}?', model, pipeline.name),
    detail: plannedSummary(planned),
    action: vscode.l10n.t('Create Build'),
    severity: isRisky ? 'warning' : 'information',
  });
  if (!agreed) return undefined;
  await lastBuilds.remember(workspaceMemory, head, {
    accountId: session.accountId,
    organization: registry.organization,
    registry: registry.slug,
    pipeline: pipeline.slug,
    model,
  });
  const host = buildersOf(services, session.accountId);
  if (!host) {
    throw new Failure(
      'auth',
      vscode.l10n.t('Nobody is signed in as {0} any more. Sign in again.', session.label),
    );
  }
  const { commit } = head;
  return requestBuild(services, host, { place, model, pipeline, commit, branch, page: pipeline.webUrl });
}

function title(): string {
  return vscode.l10n.t('Publish with a Buildkite Pipeline');
}
