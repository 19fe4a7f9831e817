/**
 * The slowest that a call may be: it is over after `graceMs` milliseconds, and a second later for every
 * `bytesPerSecond` that it moves; of the time that it saved by being faster it keeps one whole grace at most. So nobody
 * holds a call for ever by a byte now and then, which no idle time-out notices, and none that gets on is cut. Only the
 * time in which the server is to act counts: not the waiting that it asks for, nor that for a turn, which has a bound
 * of its own.
 */
export interface Pace {
  readonly graceMs: number;
  readonly bytesPerSecond: number;
}

/**
 * `question`: a short request with an answer that is read whole; all attempts together.
 * `transfer`: content, which may be gigabytes on a slow line in many connections at once, or what a server thinks long
 * about, such as a commit; each attempt for itself, because one that goes on from where another broke off is not to pay
 * for it.
 */
export interface Paces {
  readonly question: Pace;
  readonly transfer: Pace;
}

export const DEFAULT_PACES: Paces = {
  question: { graceMs: 5 * 60_000, bytesPerSecond: 8 * 1024 },
  transfer: { graceMs: 10 * 60_000, bytesPerSecond: 256 },
};
