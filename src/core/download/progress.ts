import { steady } from '../progress/throttle.ts';
import type { DownloadProgress } from './downloading.ts';

/** Counts what has come, and tells at most every 100 ms and every second at least. */
export interface Progress {
  received(bytes: number): void;
  filesDone(files: number): void;
  /** Tells the final numbers, and has no timer left. */
  end(): void;
  readonly receivedBytes: number;
}

/** @param begun What is there at first, and what is to come. */
export function createProgress(
  begun: Pick<DownloadProgress, 'receivedBytes' | 'totalBytes' | 'totalFiles'>,
  onProgress: (progress: DownloadProgress) => void,
): Progress {
  let { receivedBytes } = begun;
  let doneFiles = 0;
  const tell = steady(() => onProgress({ ...begun, receivedBytes, doneFiles }));
  return {
    received: (bytes) => {
      receivedBytes += bytes;
      tell.sometimes();
    },
    filesDone: (files) => {
      doneFiles += files;
      tell.sometimes();
    },
    end: tell.end,
    get receivedBytes() {
      return receivedBytes;
    },
  };
}
