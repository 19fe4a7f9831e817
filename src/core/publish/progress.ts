import { steady } from '../progress/throttle.ts';
import type { PublishEvent } from './publishing.ts';

/** Counts what travels, and tells at most every 100 ms and every second at least. Retries take back what they send again. */
export interface Progress {
  /** More is going to travel; less, where negative. Told at once. */
  expect(bytes: number, files: number): void;
  /** Bytes left, or, where negative, are sent again. */
  sent(bytes: number): void;
  filesDone(files: number): void;
  tell(): void;
  /** Tells the final numbers, and has no timer left. */
  end(): void;
  readonly sentBytes: number;
}

export function createProgress(onEvent: (event: PublishEvent) => void): Progress {
  let sentBytes = 0;
  let totalBytes = 0;
  let sentFiles = 0;
  let totalFiles = 0;
  const tell = steady(() => onEvent({ kind: 'progress', sentBytes, totalBytes, sentFiles, totalFiles }));
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
    end: tell.end,
    get sentBytes() {
      return sentBytes;
    },
  };
}
