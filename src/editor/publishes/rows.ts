import type { FileInFlight, Stage, StageState } from '../../core/publish/activity.ts';
import type { OngoingPublish, PublishedRecord, PublishingBuild } from '../publishService.ts';
import { rowAmong } from '../rowKinds.ts';
import type { InterruptedPublish } from './interruptions.ts';

/** One row of the Publishes view. */
export type PublishesRow =
  | OngoingRow
  | StageRow
  | { readonly kind: 'fileInFlight'; readonly parent: OngoingRow; readonly file: FileInFlight }
  | BuildRow
  | InterruptedRow
  | RecordRow
  | OlderRow;

export interface OngoingRow {
  readonly kind: 'ongoing';
  readonly publish: OngoingPublish;
}

export interface StageRow {
  readonly kind: 'stage';
  readonly parent: OngoingRow;
  readonly stage: Stage;
  readonly state: StageState;
}

/** A build that publishes: it is watched, or came to rest. */
export interface BuildRow {
  readonly kind: 'build';
  readonly build: PublishingBuild;
}

/** It can be resumed, or discarded. */
export interface InterruptedRow {
  readonly kind: 'interrupted';
  readonly publish: InterruptedPublish;
}

export interface RecordRow {
  readonly kind: 'record';
  readonly record: PublishedRecord;
}

/** Stands for records that are not shown. */
export interface OlderRow {
  readonly kind: 'older';
  readonly count: number;
}

/**
 * Stable as long as the row stands for the same thing. VS Code folds or unfolds a row when it first draws it and never
 * again by itself: one that begins, and unfolds therefore, is another row.
 */
export function publishesRowId(row: PublishesRow): string {
  switch (row.kind) {
    case 'ongoing':
      return `${row.publish.state === 'queued' ? 'queued' : 'ongoing'}/${row.publish.id}`;
    case 'stage':
      return `${publishesRowId(row.parent)}/${row.state === 'waiting' ? 'waiting' : 'stage'}/${row.stage}`;
    case 'fileInFlight':
      return `${publishesRowId(row.parent)}/${row.file.doing}/${row.file.path}`;
    case 'build':
      return `build/${row.build.key}`;
    case 'interrupted':
      return `interrupted/${row.publish.id}`;
    case 'record':
      return `record/${row.record.id}`;
    case 'older':
      return 'older';
  }
}

/** When what a row tells the age of began, in milliseconds of the Unix epoch; undefined where it tells none. */
export function beganAt(row: PublishesRow): number | undefined {
  switch (row.kind) {
    case 'record':
      return row.record.startedAt;
    case 'interrupted':
      return row.publish.startedAt;
    case 'build':
      return row.build.since;
    case 'ongoing':
    case 'stage':
    case 'fileInFlight':
    case 'older':
      return undefined;
  }
}

/** The row a menu passed to a command, or undefined where it passed something else. */
export const asPublishesRow = rowAmong<PublishesRow>({
  ongoing: true,
  stage: true,
  fileInFlight: true,
  build: true,
  interrupted: true,
  record: true,
  older: true,
});
