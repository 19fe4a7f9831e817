import { setTimeout as delay } from 'node:timers/promises';
import { Lanes } from '../async/lanes.ts';
import type { Log } from '../log.ts';
import { createAgents, type Agents } from './agents.ts';
import { askingOf, receivingOf } from './asking.ts';
import type { Clock, Shared } from './attempts.ts';
import type { HttpClient } from './client.ts';
import { DEFAULT_PACES, type Paces } from './pace.ts';
import { answered, type Backoff } from './retries.ts';

const DEFAULT_IDLE_MS = 60_000;
/** Of each lane. */
const MOST_EXCHANGES_PER_ORIGIN = 24;

export interface HttpClientOptions {
  /** The `User-Agent` of every request. */
  readonly userAgent: string;
  /** Redacts already. */
  readonly log: Log;
  readonly backoff?: Backoff;
  readonly clock?: Clock;
  /** How long an exchange may stand still unless its request says otherwise, in milliseconds. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** How slow a request may be unless it says otherwise. */
  readonly paces?: Paces;
  /** The connections. Without: those of `node:http`, which VS Code equips with the person's proxy and certificates. */
  readonly agents?: Agents;
}

const DEFAULT_BACKOFF: Backoff = { retries: 5, firstMs: 500, longestMs: 8000, longestAskedMs: 5 * 60_000 };
const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};

/** The HTTP client of the engine. */
export function createHttpClient({
  userAgent,
  log,
  backoff = DEFAULT_BACKOFF,
  clock = SYSTEM_CLOCK,
  idleTimeoutMs = DEFAULT_IDLE_MS,
  paces = DEFAULT_PACES,
  agents = createAgents(),
}: HttpClientOptions): HttpClient {
  const defaults = { idleTimeoutMs, paces };
  const shared: Shared = { userAgent, log, clock, agents, lanes: new Lanes(MOST_EXCHANGES_PER_ORIGIN) };
  return {
    send: (request) => answered(askingOf(request, defaults), shared, backoff),
    async receive(request) {
      await answered(receivingOf(request, defaults), shared, backoff);
    },
    dispose: () => agents.closeIdle(),
  };
}
