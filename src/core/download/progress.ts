import { throttled } from '../throttle.ts';
import type { DownloadProgress } from './downloading.ts';

/** Counts what has come, and tells at most every 100 ms; what came last is told, too, where nothing follows for long. */
export interface Progress {
  received(bytes: number): void;
  filesDone(files: number): void;
  /** Tells the final numbers, whenever the last were told. Has to be called at the end: it leaves no timer. */
  tell(): void;
  readonly receivedBytes: number;
}

/** @param begun What is there at first, and what is to come. */
export function createProgress(
  begun: Pick<DownloadProgress, 'receivedBytes' | 'totalBytes' | 'totalFiles'>,
  onProgress: (progress: DownloadProgress) => void,
): Progress {
  let { receivedBytes } = begun;
  let doneFiles = 0;
  const tell = throttled(() => onProgress({ ...begun, receivedBytes, doneFiles }));
  return {
    received: (bytes) => {
      receivedBytes += bytes;
      tell.sometimes();
    },
    filesDone: (files) => {
      doneFiles += files;
      tell.sometimes();
    },
    tell: tell.now,
    get receivedBytes() {
      return receivedBytes;
    },
  };
}
