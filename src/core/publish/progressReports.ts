import type { PublishEvent, PublishStep } from './publishing.ts';
import { type RateSamples, bytesPerSecond, percentBeyond, withSample } from './transferRate.ts';

/** The least time between two reports of bytes, in milliseconds. Changes of the step are told at once. */
const EVERY_MS = 200;

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
        progress = { ...(progress ?? NOTHING_SENT), step: event.step };
        tell();
        break;
      case 'stepFinished':
        if (heldBack) tell();
        break;
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
