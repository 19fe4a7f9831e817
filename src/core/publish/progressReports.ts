import { Throttle } from '../progress/throttle.ts';
import { type RateSamples, bytesPerSecond, percentBeyond, withSample } from '../progress/transferRate.ts';
import type { PublishEvent, PublishStep } from './publishing.ts';

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
 * Turns the events of a publish into reports, few enough to read. What was held back is told when the step ends, so
 * that the last report is the whole truth.
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
  let reportedPercent = 0;
  const running = new Set<PublishStep>();
  /** Of steps that run side by side, the one that is furthest on. */
  const furthest = (): PublishStep | undefined => ORDER.findLast((step) => running.has(step));
  const reports = new Throttle<PublishProgress>(
    EVERY_MS,
    (newest) => {
      const increment = percentBeyond(reportedPercent, newest.sentBytes, newest.totalBytes);
      reportedPercent += increment;
      report(newest, increment);
    },
    now,
  );
  return (event) => {
    switch (event.kind) {
      case 'stepStarted':
      case 'stepFinished': {
        if (event.kind === 'stepStarted') running.add(event.step);
        else running.delete(event.step);
        const step = furthest() ?? event.step;
        if (step !== progress?.step) {
          progress = { ...(progress ?? NOTHING_SENT), step };
          reports.offer(progress);
        }
        reports.flush();
        break;
      }
      case 'progress': {
        const { sentBytes, totalBytes, sentFiles, totalFiles } = event;
        const step = progress?.step ?? 'upload';
        samples = withSample(samples, { at: now(), bytes: sentBytes });
        const rate = bytesPerSecond(samples);
        progress = { step, sentBytes, totalBytes, sentFiles, totalFiles, bytesPerSecond: rate };
        reports.offer(progress);
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
