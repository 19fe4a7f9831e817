import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { Log } from '../../core/log.ts';
import type { BuildState } from '../../core/hosts/pipelines.ts';
import { storedBuild, storedOf, watchedKey, watchedOf, type WatchedBuild } from './watchedBuilds.ts';

/** A build that was watched until it came to rest. */
export interface RestedBuild extends WatchedBuild {
  /** When it was first watched, in milliseconds of the Unix epoch. */
  readonly since: number;
}

/** The builds of this workspace that came to rest, newest first: the history of builds that publish. */
export interface RestedBuilds {
  readonly all: readonly RestedBuild[];
  /** Takes the place of what is kept of the same build. */
  add(rested: RestedBuild): void;
  /** @param key As of {@link watchedKey}. */
  remove(key: string): void;
}

const KEY = 'pipelineBuilds.rested';

/** Builds that are kept; the oldest go first. */
export const KEPT_RESTED = 20;

const restState = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ended'),
    result: z.enum(['passed', 'failed', 'canceled', 'skipped', 'notRun']),
  }),
  z.object({ kind: z.literal('blocked'), last: z.optional(z.enum(['passed', 'failed'])) }),
  z.object({ kind: z.literal('other'), word: z.string(), over: z.boolean() }),
]);
const restedBuild = z.extend(storedBuild, { state: restState });
type StoredRest = z.infer<typeof restedBuild>;

export function createRestedBuilds(memory: vscode.Memento, log: Log): RestedBuilds {
  const read = (): readonly StoredRest[] => {
    const found = memory.get<unknown>(KEY);
    if (!Array.isArray(found)) return [];
    return found.flatMap((one: unknown) => {
      const { data } = restedBuild.safeParse(one);
      return data ? [data] : [];
    });
  };
  const write = (builds: readonly StoredRest[]): void => {
    Promise.resolve(memory.update(KEY, builds.length > 0 ? builds : undefined)).catch((error: unknown) =>
      log.error(`builds that ended: ${String(error)}`),
    );
  };
  const others = (key: string) => read().filter((one) => watchedKey(one) !== key);
  return {
    get all() {
      return read().map(({ state, ...stored }) => ({
        ...watchedOf(stored, asState(state)),
        since: stored.since,
      }));
    },
    add(rested) {
      const { data: state } = restState.safeParse(rested.build.state);
      if (!state) return;
      const kept = [{ ...storedOf(rested, rested.since), state }, ...others(watchedKey(rested))];
      write(kept.sort((a, b) => b.since - a.since).slice(0, KEPT_RESTED));
    },
    remove: (key) => write(others(key)),
  };
}

function asState(state: StoredRest['state']): BuildState {
  return state.kind === 'blocked' ? { kind: 'blocked', last: state.last } : state;
}
