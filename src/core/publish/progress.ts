import type { PublishEvent } from './publishing.ts';

const EVERY_MS = 100;

/** Counts what travels, and tells at most every 100 ms, without a timer. Retries take back what they send again. */
export interface Progress {
  /** More is going to travel; less, where negative. Told at once. */
  expect(bytes: number, files: number): void;
  /** Bytes left, or, where negative, are sent again. */
  sent(bytes: number): void;
  filesDone(files: number): void;
  /** Tells the final numbers, whenever the last were told. */
  tell(): void;
  readonly sentBytes: number;
}

export function createProgress(
  onEvent: (event: PublishEvent) => void,
  now: () => number = Date.now,
): Progress {
  let sentBytes = 0;
  let totalBytes = 0;
  let sentFiles = 0;
  let totalFiles = 0;
  let told = -Infinity;
  const tell = (): void => {
    told = now();
    onEvent({ kind: 'progress', sentBytes, totalBytes, sentFiles, totalFiles });
  };
  const tellSometimes = (): void => {
    if (now() - told >= EVERY_MS) tell();
  };
  return {
    expect: (bytes, files) => {
      totalBytes += bytes;
      totalFiles += files;
      tell();
    },
    sent: (bytes) => {
      sentBytes += bytes;
      tellSometimes();
    },
    filesDone: (files) => {
      sentFiles += files;
      tellSometimes();
    },
    tell,
    get sentBytes() {
      return sentBytes;
    },
  };
}
