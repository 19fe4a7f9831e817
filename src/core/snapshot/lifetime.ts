import { once, setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';

/** What is open because a snapshot is. */
export interface Lifetime {
  /** Aborted when the snapshot's signal is, and when the snapshot is disposed of. */
  readonly signal: AbortSignal;
  /** `stream`, destroyed with the signal's reason when the lifetime ends. */
  adopt(stream: Readable): Readable;
  /** Ends it for another reason than that of the signal. */
  readonly stop: (reason: unknown) => void;
  /** Ends it; resolves when all streams are closed. */
  end(): Promise<void>;
}

export function lifetimeOf(signal: AbortSignal): Lifetime {
  const controller = new AbortController();
  // One listener for each process: their number is bounded by those who open files.
  setMaxListeners(0, controller.signal);
  const streams = new Set<Readable>();

  function stop(reason: unknown): void {
    signal.removeEventListener('abort', abort);
    controller.abort(reason);
    for (const stream of streams) {
      destroy(stream, controller.signal);
    }
  }
  function abort(): void {
    stop(signal.reason);
  }
  // An abort that came before is told to nobody again.
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });

  return {
    signal: controller.signal,
    stop,
    adopt(stream) {
      // Its reader may be gone already when the lifetime ends, and nobody else would listen.
      stream.on('error', () => undefined);
      streams.add(stream);
      stream.on('close', () => streams.delete(stream));
      if (controller.signal.aborted) {
        destroy(stream, controller.signal);
      }
      return stream;
    },
    async end() {
      abort();
      await Promise.all([...streams].map((stream) => once(stream, 'close').catch(() => undefined)));
    },
  };
}

/**
 * The snapshot that `open` makes, which ends the lifetime when it is disposed of. Where it makes none, or `signal` is
 * aborted meanwhile, the lifetime ends here.
 */
export async function withLifetime<T>(
  signal: AbortSignal,
  open: (lifetime: Lifetime) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const lifetime = lifetimeOf(signal);
  try {
    const snapshot = await open(lifetime);
    lifetime.signal.throwIfAborted();
    return snapshot;
  } catch (error) {
    await lifetime.end();
    throw error;
  }
}

function destroy(stream: Readable, { reason }: AbortSignal): void {
  stream.destroy(reason instanceof Error ? reason : new Error(String(reason)));
}
