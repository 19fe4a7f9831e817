import type { DownloadPlan, DownloadProgress } from '../../core/download/downloading.ts';
import type { DownloadNotice } from '../../core/download/notices.ts';
import type { ReportedFailure } from '../failures.ts';
import { noticeSentence } from './noticeSentence.ts';

/** What `download --json` writes, one a line. The last line is an {@link Ending}; with `--dry-run`, the plan. */
export type JsonEvent = FileEvent | WarningEvent | PlanEvent | ProgressEvent | Ending;

/** A file that would be written. Before the plan, with `--dry-run` only. */
export interface FileEvent {
  readonly kind: 'file';
  /** `differing`: it is there with other content. */
  readonly state: 'missing' | 'differing';
  /** As in the version, forward slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Something to know before a download. */
interface WarningEvent {
  readonly kind: 'warning';
  readonly warning: DownloadNotice['kind'];
  readonly message: string;
  /** All the files that it is about. */
  readonly paths: readonly string[];
}

/** What a download will do. */
export interface PlanEvent {
  readonly kind: 'plan';
  readonly hub: string;
  readonly model: string;
  /** The commit that is downloaded. */
  readonly commit: string;
  readonly destination: 'folder' | 'cache';
  /** Absolute path of the folder that will hold the files. */
  readonly path: string;
  /** Numbers of files: to come, there already, and there with other content. */
  readonly missing: number;
  readonly present: number;
  readonly differing: number;
  /** To come, without what an earlier download left. */
  readonly bytes: number;
  /** Of all these files. */
  readonly totalBytes: number;
}

type ProgressEvent = { readonly kind: 'progress' } & DownloadProgress;

/** How a download ended. `message` is a sentence for people; everything else is for programs. */
export type Ending =
  | {
      readonly kind: 'downloaded';
      readonly message: string;
      readonly commit: string;
      /** Absolute path of the folder that holds the files. */
      readonly path: string;
      /** Number of files that were put there; 0 where all were there. */
      readonly files: number;
      readonly receivedBytes: number;
    }
  | { readonly kind: 'cancelled'; readonly message: string; readonly receivedBytes: number }
  | ({ readonly kind: 'failed'; readonly receivedBytes: number } & ReportedFailure);

export function planEvent(plan: DownloadPlan): PlanEvent {
  const { source, destination, path, missing, present, differing, bytes, totalBytes } = plan;
  return {
    kind: 'plan',
    hub: source.hub.endpoint.href,
    model: source.model,
    commit: source.commit,
    destination: destination.kind === 'cache' ? 'cache' : 'folder',
    path,
    missing: missing.length,
    present: present.length,
    differing: differing.length,
    bytes,
    totalBytes,
  };
}

export function warningEvent(notice: DownloadNotice): WarningEvent {
  return { kind: 'warning', warning: notice.kind, message: noticeSentence(notice), paths: notice.paths };
}

/** Everything that would be written, by path. */
export function fileEvents({ missing, differing }: DownloadPlan): readonly FileEvent[] {
  const events = [
    ...missing.map(({ path, size }): FileEvent => ({ kind: 'file', state: 'missing', path, size })),
    ...differing.map(({ path, size }): FileEvent => ({ kind: 'file', state: 'differing', path, size })),
  ];
  return events.sort((a, b) => (a.path < b.path ? -1 : 1));
}
