/** What is remembered of a transfer to tell its rate: long enough to be calm, short enough to follow a stall. */
const WINDOW_MS = 5000;

interface Sample {
  /** Milliseconds on any clock that only goes forward. */
  readonly at: number;
  /** Bytes sent until then. */
  readonly bytes: number;
}

/** The samples of the last seconds, oldest first. */
export type RateSamples = readonly Sample[];

/** `samples` and the newest one, without those that are too old. One older than the window stays, to measure from. */
export function withSample(samples: RateSamples, sample: Sample): RateSamples {
  const all = [...samples, sample];
  const firstYoung = all.findIndex(({ at }) => at > sample.at - WINDOW_MS);
  return all.slice(Math.max(0, firstYoung - 1));
}

/** Bytes a second over the samples; undefined where they tell nothing. Starting over counts as standing still. */
export function bytesPerSecond(samples: RateSamples): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at <= first.at) return undefined;
  return Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.at - first.at));
}

/** How far `done` of `total` goes beyond `reported`, in percent of the whole; never backwards, never beyond it. */
export function percentBeyond(reported: number, done: number, total: number): number {
  if (total <= 0) return 0;
  return Math.max(0, Math.min(100, (done * 100) / total) - reported);
}
