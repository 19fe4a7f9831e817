import * as vscode from 'vscode';
import type { Build, BuildResult, BuildState, Pipeline } from '../../core/hosts/pipelines.ts';
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
  readonly env: Readonly<Record<string, string>>;
}

/** The details of the one question before a build. */
export function plannedSummary({ head, pushed, place, model, pipeline, branch, env }: PlannedBuild): string {
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
      : [
          vscode.l10n.t(
            'The pipeline seems to build another repository than this one: it may not find the commit.',
          ),
        ]),
  ];
  return [
    vscode.l10n.t('Pipeline: {0} ({1})', pipeline.name, `${pipeline.organization}/${pipeline.slug}`),
    vscode.l10n.t('Commit: {0} {1}', shortSha(head.commit), oneLine(head.subject)),
    vscode.l10n.t('Branch: {0}', branch),
    vscode.l10n.t('Destination: {0} in {1}', model, registryName(place.registry)),
    vscode.l10n.t('Account: {0}', place.session.label),
    vscode.l10n.t('Environment of the build:'),
    ...Object.entries(env).map(([name, value]) => `  ${name}=${value}`),
    ...(warnings.length > 0 ? ['', ...warnings] : []),
    '',
    vscode.l10n.t(
      'What is published, and where, is up to the steps of the pipeline: they have to use these variables.',
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
  canceled: () => vscode.l10n.t('Canceled'),
  skipped: () => vscode.l10n.t('Skipped'),
  notRun: () => vscode.l10n.t('Not run'),
};

/** What the build is doing, in a word or two. */
export function stateWords(state: BuildState): string {
  switch (state.kind) {
    case 'unknown':
      return vscode.l10n.t('Asking the server');
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
        ? vscode.l10n.t('Build {0} of {1} was canceled.', number, name)
        : vscode.l10n.t('Build {0} of {1} was canceled: {2}', number, name, oneLine(cancelReason));
    case 'skipped':
      return vscode.l10n.t(
        'Build {0} of {1} was skipped in favour of a newer one of its branch.',
        number,
        name,
      );
    case 'notRun':
      return vscode.l10n.t(
        'Build {0} of {1} was not run: none of its steps is for this branch.',
        number,
        name,
      );
  }
}

function tookText({ startedAt, finishedAt }: Build): string | undefined {
  const took = startedAt && finishedAt ? finishedAt.getTime() - startedAt.getTime() : undefined;
  return took === undefined || took < 0 ? undefined : duration(took);
}
