import * as vscode from 'vscode';
import type { Build, BuildPlace, BuildResult, BuildState, Pipeline } from '../../core/hosts/pipelines.ts';
import { warningSentence } from '../../core/publish/warningTexts.ts';
import { duration, namedPaths, oneLine, registryName, shortSha } from '../wording.ts';
import type { RegistryPlace } from '../places.ts';
import type { PushedHead } from './pushedHead.ts';
import { buildsRemote } from './pipelinePick.ts';

/** What is about to be built. */
export interface PlannedBuild extends PushedHead {
  readonly place: RegistryPlace;
  /** `namespace/name`. */
  readonly model: string;
  readonly pipeline: Pipeline;
  /** As it is called where it was pushed to. */
  readonly branch: string;
}

/** The variables that the steps of the pipeline publish by. */
export function buildEnvironment({
  registry,
  model,
}: {
  readonly registry: RegistryPlace['registry'];
  readonly model: string;
}): Readonly<Record<string, string>> {
  return { MODEL_ID: model, MODEL_REGISTRY: registryName(registry) };
}

/** What a build is of, and for whom. */
export function buildLines({
  pipeline,
  commit,
  subject,
  branch,
  place: { session, registry },
  model,
}: {
  readonly pipeline: BuildPlace['pipeline'];
  readonly commit: string;
  readonly subject?: string;
  readonly branch: string;
  readonly place: RegistryPlace;
  readonly model: string;
}): readonly string[] {
  return [
    vscode.l10n.t('Pipeline: {0} ({1})', pipeline.name, `${pipeline.organization}/${pipeline.slug}`),
    subject === undefined
      ? vscode.l10n.t('Commit: {0}', shortSha(commit))
      : vscode.l10n.t('Commit: {0} {1}', shortSha(commit), oneLine(subject)),
    vscode.l10n.t('Branch: {0}', branch),
    vscode.l10n.t('Destination: {0} in {1}', model, registryName(registry)),
    vscode.l10n.t('Account: {0}', session.label),
    vscode.l10n.t('Environment of the build:'),
    ...Object.entries(buildEnvironment({ registry, model })).map(([name, value]) => `  ${name}=${value}`),
  ];
}

/** The details of the one question before a build. */
export function plannedSummary(planned: PlannedBuild): string {
  const { head, pushed, pipeline } = planned;
  const warnings = [
    ...namedPaths(
      vscode.l10n.t('Not committed, and therefore not built:'),
      head.uncommitted.map(({ path }) => path),
    ),
    ...(head.notCompared === undefined
      ? []
      : [warningSentence({ kind: 'notCompared', reason: head.notCompared.message })]),
    ...(buildsRemote(pipeline, pushed)
      ? []
      : [vscode.l10n.t('The pipeline seems to build another repository: it may not find the commit.')]),
  ];
  return [
    ...buildLines({ ...planned, commit: head.commit, subject: head.subject }),
    ...(warnings.length > 0 ? ['', ...warnings] : []),
    '',
    vscode.l10n.t(
      'The steps of the pipeline decide what is published, and where: they have to use these variables.',
    ),
  ].join('\n');
}

/** "build 12 of Train BERT". */
export function buildName({ number, pipeline }: Pick<Build, 'number' | 'pipeline'>): string {
  return vscode.l10n.t('build {0} of {1}', number, pipeline.name);
}

const resultWords: Record<BuildResult, () => string> = {
  passed: () => vscode.l10n.t('Passed'),
  failed: () => vscode.l10n.t('Failed'),
  canceled: () => vscode.l10n.t('Cancelled'),
  skipped: () => vscode.l10n.t('Skipped'),
  notRun: () => vscode.l10n.t('Not run'),
};

/** What the build is doing, in a word or two. */
export function stateWords(state: BuildState): string {
  switch (state.kind) {
    case 'unknown':
      return vscode.l10n.t('Checking');
    case 'scheduled':
      return vscode.l10n.t('Waiting for an agent');
    case 'running':
      return state.failing ? vscode.l10n.t('Failing') : vscode.l10n.t('Running');
    case 'blocked':
      return vscode.l10n.t('Blocked');
    case 'canceling':
      return vscode.l10n.t('Canceling');
    case 'ended':
      return resultWords[state.result]();
    case 'other':
      return oneLine(state.word);
  }
}

/** How the build came to rest, in a sentence. */
export function restSentence(build: Build, model: string): string {
  const { number, state } = build;
  const { name } = build.pipeline;
  switch (state.kind) {
    case 'blocked':
      return state.last === 'failed'
        ? vscode.l10n.t('Build {0} of {1} failed so far, and waits for someone to unblock it.', number, name)
        : vscode.l10n.t('Build {0} of {1} waits for someone to unblock it.', number, name);
    case 'ended':
      return endSentence(build, state.result, model);
    case 'unknown':
    case 'scheduled':
    case 'running':
    case 'canceling':
    case 'other':
      return vscode.l10n.t('Build {0} of {1}: {2}', number, name, stateWords(state));
  }
}

function endSentence(build: Build, result: BuildResult, model: string): string {
  const { number, cancelReason } = build;
  const { name } = build.pipeline;
  const took = tookText(build);
  switch (result) {
    case 'passed':
      return took === undefined
        ? vscode.l10n.t('Build {0} of {1} passed: it was to publish {2}.', number, name, model)
        : vscode.l10n.t(
            'Build {0} of {1} passed after {3}: it was to publish {2}.',
            number,
            name,
            model,
            took,
          );
    case 'failed':
      return took === undefined
        ? vscode.l10n.t('Build {0} of {1} failed. Its log says why.', number, name)
        : vscode.l10n.t('Build {0} of {1} failed after {2}. Its log says why.', number, name, took);
    case 'canceled':
      return cancelReason === undefined
        ? vscode.l10n.t('Build {0} of {1} was cancelled.', number, name)
        : vscode.l10n.t('Build {0} of {1} was cancelled: {2}', number, name, oneLine(cancelReason));
    case 'skipped':
      return vscode.l10n.t('Build {0} of {1} was skipped: its branch has a newer one.', number, name);
    case 'notRun':
      return vscode.l10n.t(
        'Build {0} of {1} did not run: none of its steps is for this branch.',
        number,
        name,
      );
  }
}

function tookText({ startedAt, finishedAt }: Build): string | undefined {
  const took = startedAt && finishedAt ? finishedAt.getTime() - startedAt.getTime() : undefined;
  return took === undefined || took < 0 ? undefined : duration(took);
}
