import { Failure, type FailureKind } from '../failure.ts';
import { isAtRest, type Build } from './pipelines.ts';

/** Milliseconds between two looks at a build: the first, how much longer each one is, and the longest. */
const FIRST_PAUSE_MS = 2000;
const GROWTH = 1.4;
const LONGEST_PAUSE_MS = 15_000;
/** Node takes no longer delay: it would not wait at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What passes: the build goes on meanwhile. */
const PASSING: readonly FailureKind[] = ['network', 'timeout', 'server', 'rateLimit'];

export interface FollowOptions {
  /** What the build is doing now. */
  readonly read: (signal: AbortSignal) => Promise<Build>;
  /** Called with every answer, and with what kept one from coming when it is tried again. */
  readonly onBuild: (build: Build) => void;
  readonly onTrouble: (failure: Failure) => void;
  /** When to stop looking. Default: when the build is at rest. */
  readonly until?: (build: Build) => boolean;
  readonly signal: AbortSignal;
  /** Resolves after that many milliseconds, and rejects with the signal's reason. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Looks at a build until it is at rest, less often the longer it takes: a service's requests a minute are shared with everything else
 * that the person does. Where it is not to be reached, or asks to wait, that is
 * waited for. Throws any other `Failure`, and the signal's reason.
 */
export async function followBuild(first: Build, options: FollowOptions): Promise<Build> {
  const { read, onBuild, onTrouble, until = isAtRest, signal, pause } = options;
  let build = first;
  let pauseMs = FIRST_PAUSE_MS;
  while (!until(build)) {
    await pause(pauseMs, signal);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * GROWTH);
    try {
      build = await read(signal);
      onBuild(build);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Failure) || !PASSING.includes(error.kind)) throw error;
      onTrouble(error);
      pauseMs = Math.max(pauseMs, Math.min(error.retryAfterMs ?? 0, LONGEST_TIMER_MS));
    }
  }
  return build;
}
