import type { PublishEvent, PublishStep } from './publishing.ts';
import { type RateSamples, bytesPerSecond, percentBeyond, withSample } from '../progress/transferRate.ts';

/** The least time between two reports of bytes, in milliseconds. Changes of the step are told at once. */
const EVERY_MS = 200;

const ORDER: readonly PublishStep[] = ['create', 'preupload', 'hash', 'upload', 'commit', 'verify'];

/** How far a publish is. */
export interface PublishProgress {
  readonly step: PublishStep;
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly sentFiles: number;
  readonly totalFiles: number;
  readonly bytesPerSecond: number | undefined;
}

/**
 * Turns the events of a publish into reports, few enough to read. What was held back is told when the step ends, so that the last
 * report is the whole truth.
 *
 * @param report `increment` in percent of the whole.
 * @param now Milliseconds on a clock that only goes forward.
 */
export function progressReports(
  report: (progress: PublishProgress, increment: number) => void,
  now: () => number,
): (event: PublishEvent) => void {
  let progress: PublishProgress | undefined;
  let samples: RateSamples = [];
  let reportedAt = -Infinity;
  let reportedPercent = 0;
  let heldBack = false;
  const running = new Set<PublishStep>();
  /** Of steps that run side by side, the one that is furthest on. */
  const furthest = (): PublishStep | undefined => ORDER.findLast((step) => running.has(step));

  const tell = (): void => {
    if (!progress) return;
    const increment = percentBeyond(reportedPercent, progress.sentBytes, progress.totalBytes);
    reportedPercent += increment;
    reportedAt = now();
    heldBack = false;
    report(progress, increment);
  };
  return (event) => {
    switch (event.kind) {
      case 'stepStarted':
      case 'stepFinished': {
        if (event.kind === 'stepStarted') running.add(event.step);
        else running.delete(event.step);
        const step = furthest() ?? event.step;
        const other = step !== progress?.step;
        if (other) progress = { ...(progress ?? NOTHING_SENT), step };
        if (other || heldBack) tell();
        break;
      }
      case 'progress': {
        samples = withSample(samples, { at: now(), bytes: event.sentBytes });
        progress = {
          step: progress?.step ?? 'upload',
          sentBytes: event.sentBytes,
          totalBytes: event.totalBytes,
          sentFiles: event.sentFiles,
          totalFiles: event.totalFiles,
          bytesPerSecond: bytesPerSecond(samples),
        };
        heldBack = true;
        if (now() - reportedAt >= EVERY_MS) tell();
        break;
      }
    }
  };
}

const NOTHING_SENT = {
  sentBytes: 0,
  totalBytes: 0,
  sentFiles: 0,
  totalFiles: 0,
  bytesPerSecond: undefined,
};
