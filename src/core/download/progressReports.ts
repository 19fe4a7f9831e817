import { bytesPerSecond, percentBeyond, withSample, type RateSamples } from '../progress/transferRate.ts';
import type { DownloadProgress } from './downloading.ts';

/** How far a download is, and when it will be over. */
export interface DownloadReport extends DownloadProgress {
  /** Undefined as long as nothing is known. */
  readonly bytesPerSecond: number | undefined;
  /** At that rate; undefined where nothing moves. */
  readonly secondsLeft: number | undefined;
}

/**
 * Turns the progress of a download into reports.
 *
 * @param report `increment` in percent of the whole.
 * @param now Milliseconds on a clock that only goes forward.
 */
export function progressReports(
  report: (report: DownloadReport, increment: number) => void,
  now: () => number,
): (progress: DownloadProgress) => void {
  let samples: RateSamples = [];
  let reportedPercent = 0;
  return (progress) => {
    const { receivedBytes, totalBytes } = progress;
    samples = withSample(samples, { at: now(), bytes: receivedBytes });
    const rate = bytesPerSecond(samples);
    const increment = percentBeyond(reportedPercent, receivedBytes, totalBytes);
    reportedPercent += increment;
    const secondsLeft =
      rate === undefined || rate === 0 ? undefined : Math.max(0, totalBytes - receivedBytes) / rate;
    report({ ...progress, bytesPerSecond: rate, secondsLeft }, increment);
  };
}
