import { Reports } from '../progress/meter.ts';

/** What happens to a file that is hashed or sent by itself. Every file that starts finishes, however its work ended. */
export type FileEvent =
  | {
      readonly kind: 'fileStarted';
      readonly path: string;
      /** Bytes. */
      readonly size: number;
      readonly doing: 'hash' | 'upload';
    }
  /** Bytes of it that are on the server; fewer than before where they are sent again. At most every 100 ms. */
  | { readonly kind: 'fileProgress'; readonly path: string; readonly sentBytes: number }
  | { readonly kind: 'fileFinished'; readonly path: string };

/** Tells of one file. Without a listener it costs nothing. */
interface FileWatch {
  /** Bytes left, or, where negative, are sent again. */
  sent(bytes: number): void;
  finished(): void;
}

const UNWATCHED: FileWatch = { sent: () => undefined, finished: () => undefined };

/** Tells that work at a file begins. */
export function watchFile(
  onFile: ((event: FileEvent) => void) | undefined,
  { path, size }: { readonly path: string; readonly size: number },
  doing: 'hash' | 'upload',
): FileWatch {
  if (onFile === undefined) return UNWATCHED;
  onFile({ kind: 'fileStarted', path, size, doing });
  let sentBytes = 0;
  const reports = new Reports(() => onFile({ kind: 'fileProgress', path, sentBytes }));
  return {
    sent(bytes) {
      sentBytes += bytes;
      reports.soon();
    },
    finished: () => {
      reports.stop();
      onFile({ kind: 'fileFinished', path });
    },
  };
}
