import * as vscode from 'vscode';
import type { Activity, FileInFlight, Stage, StageState } from '../../core/publish/activity.ts';
import { isAtRest, type BuildResult, type BuildState } from '../../core/hosts/pipelines.ts';
import type { OngoingPublish, PublishedRecord, PublishingBuild } from '../publishService.ts';
import { dateTime, duration, joined, registryName, shortSha, sizeText, transferText } from '../wording.ts';
import { relativeTime } from '../relativeTime.ts';
import type { InterruptedPublish } from './interruptions.ts';
import { publishesRowId, type BuildRow, type PublishesRow } from './rows.ts';

/** What menus may ask of a row; a test holds the manifest to it. */
export const PUBLISHES_WORDS = [
  'ongoing',
  'stage',
  'fileInFlight',
  'build',
  'interrupted',
  'record',
  'older',
  'cancellable',
  'cancellableBuild',
  'retryable',
  'rested',
  'logged',
  'published',
] as const;
type PublishesWord = (typeof PUBLISHES_WORDS)[number];

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** The row as VS Code shows it. */
export function publishesItem(row: PublishesRow, now: Date, locale: string): vscode.TreeItem {
  const item = itemOf(row, now, locale);
  item.id = publishesRowId(row);
  item.contextValue = [...wordsOf(row)].sort().join(';');
  return item;
}

/** Why a row says what it says of a publish that ended: how, and with what numbers. */
export function recordLines(record: PublishedRecord, locale: string): readonly string[] {
  const { outcome, destination, commit, subject, repository, folder } = record;
  return [
    `${destination.model} · ${destination.organization}/${destination.registry}`,
    ...outcomeLines(outcome),
    vscode.l10n.t('Commit: {0} {1}', commit, subject),
    vscode.l10n.t('From: {0}', folder === '' ? repository : `${repository} (${folder})`),
    vscode.l10n.t('Address: {0}', destination.endpoint),
    vscode.l10n.t('Began: {0}', dateTime(new Date(record.startedAt), locale)),
    vscode.l10n.t('Took: {0}', duration(record.tookMs)),
    vscode.l10n.t('Sent: {0}', sizeText(record.sentBytes)),
    ...(outcome.kind === 'published'
      ? [vscode.l10n.t('Already in the registry: {0}', sizeText(record.savedBytes))]
      : []),
  ];
}

/** "a1b2c3d · acme/models · 3 hours ago". */
export function recordDescription(record: PublishedRecord, now: Date, locale: string): string | undefined {
  const { destination, outcome } = record;
  return joined(
    `${destination.organization}/${destination.registry}`,
    outcome.kind === 'published'
      ? shortSha(outcome.version)
      : outcome.kind === 'cancelled'
        ? vscode.l10n.t('cancelled')
        : vscode.l10n.t('failed'),
    relativeTime(new Date(record.startedAt), now, locale),
    record.subject,
  );
}

export function recordIcon({ outcome }: PublishedRecord): string {
  switch (outcome.kind) {
    case 'published':
      return outcome.verified ? 'verified' : 'pass';
    case 'cancelled':
      return 'circle-slash';
    case 'failed':
      return 'error';
  }
}

function itemOf(row: PublishesRow, now: Date, locale: string): vscode.TreeItem {
  switch (row.kind) {
    case 'ongoing':
      return ongoingItem(row.publish);
    case 'stage': {
      const showsFiles = row.state === 'running' && (row.stage === 'hash' || row.stage === 'upload');
      const item = new vscode.TreeItem(stageLabels[row.stage](), showsFiles ? Expanded : None);
      item.iconPath = new vscode.ThemeIcon(stateIcons[row.state]);
      item.description =
        row.stage === 'upload' && row.state !== 'waiting' && row.state !== 'skipped'
          ? uploadText(row.parent.publish.activity)
          : stateLabels[row.state]();
      return item;
    }
    case 'fileInFlight': {
      const item = new vscode.TreeItem(row.file.path, None);
      item.iconPath = new vscode.ThemeIcon(row.file.doing === 'hash' ? 'symbol-numeric' : 'arrow-up');
      item.description = fileText(row.file);
      item.tooltip = row.file.path;
      return item;
    }
    case 'build':
      return buildItem(row, now, locale);
    case 'interrupted':
      return interruptedItem(row.publish, now, locale);
    case 'record': {
      const { record } = row;
      const item = new vscode.TreeItem(record.destination.model, None);
      const icon = recordIcon(record);
      item.iconPath = new vscode.ThemeIcon(icon, new vscode.ThemeColor(iconColors[record.outcome.kind]));
      item.description = recordDescription(record, now, locale);
      item.tooltip = recordLines(record, locale).join('\n');
      item.command =
        record.outcome.kind === 'published'
          ? {
              command: 'modelRegistries.showPublishedVersion',
              title: vscode.l10n.t('Show in Registries'),
              arguments: [row],
            }
          : { command: 'modelRegistries.openPublishLog', title: vscode.l10n.t('Open Log'), arguments: [row] };
      return item;
    }
    case 'older': {
      const item = new vscode.TreeItem(vscode.l10n.t('{0} older ones…', row.count), None);
      item.iconPath = new vscode.ThemeIcon('search');
      item.command = {
        command: 'modelRegistries.searchPublishHistory',
        title: vscode.l10n.t('Search Publish History'),
      };
      return item;
    }
  }
}

function ongoingItem(publish: OngoingPublish): vscode.TreeItem {
  const { plan, destination, state, activity } = publish;
  const registry = registryName(destination.place.registry);
  const isQueued = state === 'queued';
  const item = new vscode.TreeItem(destination.model, isQueued ? Collapsed : Expanded);
  item.iconPath = new vscode.ThemeIcon(isQueued ? 'clock' : 'loading~spin');
  item.description = [registry, ongoingText(state, activity)].join(' · ');
  item.tooltip = [
    `${destination.model} · ${registry}`,
    vscode.l10n.t('Commit: {0} {1}', plan.snapshot.commit, plan.snapshot.subject),
    vscode.l10n.t('From: {0}', plan.snapshot.repository),
    vscode.l10n.t('Address: {0}', plan.target.hub.endpoint.href),
  ].join('\n');
  return item;
}

function buildItem(row: BuildRow, now: Date, locale: string): vscode.TreeItem {
  const { build, registry, model, since, words } = row.build;
  const { pipeline, number, commit, branch, webUrl } = build;
  const name = vscode.l10n.t('build {0} of {1}', number, pipeline.name);
  const began = new Date(since);
  const item = new vscode.TreeItem(model, None);
  item.iconPath = buildIcon(build.state);
  item.description = joined(
    registryName(registry),
    vscode.l10n.t('{0}: {1}', name, words),
    relativeTime(began, now, locale),
  );
  item.tooltip = [
    vscode.l10n.t('{0}: {1}', name, words),
    `${model} · ${registryName(registry)}`,
    vscode.l10n.t('Commit: {0}', commit),
    vscode.l10n.t('Branch: {0}', branch),
    vscode.l10n.t('Address: {0}', webUrl.href),
    vscode.l10n.t('Began: {0}', dateTime(began, locale)),
  ].join('\n');
  item.command = {
    command: 'modelRegistries.openBuild',
    title: vscode.l10n.t('Open in Browser'),
    arguments: [row],
  };
  return item;
}

function buildIcon(state: BuildState): vscode.ThemeIcon {
  switch (state.kind) {
    case 'unknown':
    case 'scheduled':
      return new vscode.ThemeIcon('clock');
    case 'running':
    case 'canceling':
      return new vscode.ThemeIcon('loading~spin');
    case 'blocked':
      return new vscode.ThemeIcon('debug-pause', new vscode.ThemeColor('testing.iconQueued'));
    case 'ended':
      return endedBuildIcons[state.result]();
    case 'other':
      return new vscode.ThemeIcon('question');
  }
}

const endedBuildIcons: Readonly<Record<BuildResult, () => vscode.ThemeIcon>> = {
  passed: () => new vscode.ThemeIcon('pass', new vscode.ThemeColor(iconColors.published)),
  failed: () => new vscode.ThemeIcon('error', new vscode.ThemeColor(iconColors.failed)),
  canceled: () => new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor(iconColors.cancelled)),
  skipped: () => new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor(iconColors.cancelled)),
  notRun: () => new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor(iconColors.cancelled)),
};

function interruptedItem(publish: InterruptedPublish, now: Date, locale: string): vscode.TreeItem {
  const { model, endpoint, registry, commit, folder, repository, startedAt } = publish;
  const began = new Date(startedAt);
  const item = new vscode.TreeItem(model, None);
  item.iconPath = new vscode.ThemeIcon('debug-pause', new vscode.ThemeColor('testing.iconQueued'));
  item.description = joined(
    registry ? registryName(registry) : new URL(endpoint).host,
    vscode.l10n.t('interrupted'),
    relativeTime(began, now, locale),
  );
  item.tooltip = [
    vscode.l10n.t('Interrupted before it ended: resume it, and what was uploaded is not sent again.'),
    vscode.l10n.t('Commit: {0}', commit),
    vscode.l10n.t('From: {0}', folder === '' ? repository : `${repository} (${folder})`),
    vscode.l10n.t('Address: {0}', endpoint),
    vscode.l10n.t('Began: {0}', dateTime(began, locale)),
  ].join('\n');
  return item;
}

function ongoingText(state: OngoingPublish['state'], activity: Activity): string {
  if (state === 'queued') return vscode.l10n.t('waiting for another publish to end');
  if (state === 'cancelling') return vscode.l10n.t('cancelling');
  if (activity.stages.verify === 'running') return stageLabels.verify();
  if (activity.stages.commit === 'running') return stageLabels.commit();
  return activity.totalFiles > 0 ? stageLabels.upload() : stageLabels.plan();
}

function uploadText(activity: Activity): string {
  return transferText({ ...activity, bytes: activity.sentBytes, files: activity.sentFiles });
}

function fileText({ doing, size, sentBytes }: FileInFlight): string {
  return doing === 'hash' ? sizeText(size) : vscode.l10n.t('{0} of {1}', sizeText(sentBytes), sizeText(size));
}

const stageLabels: Readonly<Record<Stage, () => string>> = {
  plan: () => vscode.l10n.t('Plan'),
  hash: () => vscode.l10n.t('Hash'),
  upload: () => vscode.l10n.t('Upload'),
  commit: () => vscode.l10n.t('Commit'),
  verify: () => vscode.l10n.t('Verify'),
};

const stateLabels: Readonly<Record<StageState, () => string>> = {
  waiting: () => '',
  running: () => vscode.l10n.t('running'),
  done: () => vscode.l10n.t('done'),
  skipped: () => vscode.l10n.t('nothing to do'),
};

const stateIcons: Readonly<Record<StageState, string>> = {
  waiting: 'circle-large-outline',
  running: 'loading~spin',
  done: 'pass',
  skipped: 'dash',
};

const iconColors: Readonly<Record<PublishedRecord['outcome']['kind'], string>> = {
  published: 'testing.iconPassed',
  cancelled: 'testing.iconSkipped',
  failed: 'testing.iconFailed',
};

function outcomeLines(outcome: PublishedRecord['outcome']): readonly string[] {
  switch (outcome.kind) {
    case 'published':
      return [
        outcome.created
          ? vscode.l10n.t('Published as version {0}', outcome.version)
          : vscode.l10n.t('Already in the registry, as version {0}', outcome.version),
        outcome.verified
          ? vscode.l10n.t('Verified: the registry holds exactly these files')
          : vscode.l10n.t('Not verified: the registry could not be asked to show its files'),
        ...outcome.serverEdited.map((path) => vscode.l10n.t('The registry edited {0} by itself', path)),
      ];
    case 'cancelled':
      return [vscode.l10n.t('Cancelled')];
    case 'failed':
      return [vscode.l10n.t('Failed: {0}', outcome.message)];
  }
}

function* wordsOfBuild({ build: { state }, isWatched }: PublishingBuild): Iterable<PublishesWord> {
  if (!isWatched) yield 'rested';
  else if (state.kind !== 'canceling' && !isAtRest({ state })) yield 'cancellableBuild';
  if (!isWatched && state.kind === 'ended' && state.result !== 'passed') yield 'retryable';
}

function* wordsOf(row: PublishesRow): Iterable<PublishesWord> {
  yield row.kind;
  if (row.kind === 'ongoing') {
    if (row.publish.state !== 'cancelling') yield 'cancellable';
    if (row.publish.state !== 'queued') yield 'logged';
  }
  if (row.kind === 'build') yield* wordsOfBuild(row.build);
  if (row.kind === 'record') {
    yield 'logged';
    if (row.record.outcome.kind === 'published') yield 'published';
  }
}
