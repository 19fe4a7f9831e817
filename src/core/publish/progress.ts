import { throttled } from '../throttle.ts';
import type { PublishEvent } from './publishing.ts';

/**
 * Counts what travels, and tells at most every 100 ms; what travelled last is told, too, where nothing follows for long. Retries take
 * back what they send again.
 */
export interface Progress {
  /** More is going to travel; less, where negative. Told at once. */
  expect(bytes: number, files: number): void;
  /** Bytes left, or, where negative, are sent again. */
  sent(bytes: number): void;
  filesDone(files: number): void;
  /** Tells the final numbers, whenever the last were told. Has to be called at the end: it leaves no timer. */
  tell(): void;
  readonly sentBytes: number;
}

export function createProgress(onEvent: (event: PublishEvent) => void): Progress {
  let sentBytes = 0;
  let totalBytes = 0;
  let sentFiles = 0;
  let totalFiles = 0;
  const tell = throttled(() => onEvent({ kind: 'progress', sentBytes, totalBytes, sentFiles, totalFiles }));
  return {
    expect: (bytes, files) => {
      totalBytes += bytes;
      totalFiles += files;
      tell.now();
    },
    sent: (bytes) => {
      sentBytes += bytes;
      tell.sometimes();
    },
    filesDone: (files) => {
      sentFiles += files;
      tell.sometimes();
    },
    tell: tell.now,
    get sentBytes() {
      return sentBytes;
    },
  };
}
