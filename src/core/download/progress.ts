import type { DownloadProgress } from './downloading.ts';

const EVERY_MS = 100;

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
  now: () => number = () => performance.now(),
): Progress {
  let { receivedBytes } = begun;
  let doneFiles = 0;
  let told = -Infinity;
  let later: NodeJS.Timeout | undefined;
  const tell = (): void => {
    clearTimeout(later);
    later = undefined;
    told = now();
    onProgress({ ...begun, receivedBytes, doneFiles });
  };
  const tellSometimes = (): void => {
    if (now() - told >= EVERY_MS) tell();
    else later ??= setTimeout(tell, EVERY_MS);
  };
  return {
    received: (bytes) => {
      receivedBytes += bytes;
      tellSometimes();
    },
    filesDone: (files) => {
      doneFiles += files;
      tellSometimes();
    },
    tell,
    get receivedBytes() {
      return receivedBytes;
    },
  };
}
