import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { Log } from '../../core/log.ts';
import type { Build, BuildPlace, BuildState } from '../../core/hosts/pipelines.ts';
import type { Registry } from '../../core/hosts/host.ts';

/** A build that is watched, and what it is to publish. */
export interface WatchedBuild {
  readonly accountId: string;
  readonly registry: Registry;
  /** `namespace/name`. */
  readonly model: string;
  readonly build: Build;
}

/** The builds that this workspace watches, kept for when its window is loaded anew. Nothing of a token is kept. */
export interface WatchedBuilds {
  /** In an unknown state: they went on without this window. */
  readonly all: readonly WatchedBuild[];
  /** Nothing happens where it is kept already. Gives when it was first watched, in milliseconds of the Unix epoch. */
  add(watched: WatchedBuild): number;
  /** @param key As of {@link watchedKey}. */
  remove(key: string): void;
}

const KEY = 'pipelineBuilds.watched';

/** Builds that are kept; those watched longest go first. */
export const KEPT_BUILDS = 50;

/** Milliseconds after which nobody waits for a build any more: a week. */
export const LONGEST_WATCH_MS = 7 * 24 * 60 * 60_000;

/** How a build is kept. */
export const storedBuild = z.object({
  /** When it was first watched, in milliseconds of the Unix epoch. */
  since: z.number(),
  accountId: z.string(),
  registry: z.object({
    id: z.string(),
    organization: z.string(),
    slug: z.string(),
    name: z.string(),
    ecosystem: z.string(),
    holdsModels: z.boolean(),
  }),
  model: z.string(),
  build: z.object({
    pipeline: z.object({ organization: z.string(), slug: z.string(), name: z.string() }),
    number: z.int().check(z.positive()),
    commit: z.string(),
    branch: z.string(),
    webUrl: z.url({ protocol: /^https?$/ }),
  }),
});

type StoredBuild = z.infer<typeof storedBuild>;

export function createWatchedBuilds(memory: vscode.Memento, log: Log): WatchedBuilds {
  const read = (): readonly StoredBuild[] => {
    const found = memory.get<unknown>(KEY);
    // Every window asks at its start, nearly always in vain.
    if (!Array.isArray(found)) return [];
    return found.flatMap((one: unknown) => {
      const { data } = storedBuild.safeParse(one);
      return data && Date.now() - data.since < LONGEST_WATCH_MS ? [data] : [];
    });
  };
  const write = (builds: readonly StoredBuild[]): void => {
    Promise.resolve(memory.update(KEY, builds.length > 0 ? builds : undefined)).catch((error: unknown) =>
      log.error(`watched builds: ${String(error)}`),
    );
  };
  return {
    get all() {
      return read().map((one) => watchedOf(one, { kind: 'unknown' }));
    },
    add(added) {
      const builds = read();
      const known = builds.find((one) => watchedKey(one) === watchedKey(added));
      if (known) return known.since;
      const since = Date.now();
      write([storedOf(added, since), ...builds].slice(0, KEPT_BUILDS));
      return since;
    },
    remove: (key) => write(read().filter((one) => watchedKey(one) !== key)),
  };
}

/** Names a build and the account that watches it. */
export function watchedKey({
  accountId,
  build: { pipeline, number },
}: {
  readonly accountId: string;
  readonly build: BuildPlace;
}): string {
  return JSON.stringify([accountId, pipeline.organization, pipeline.slug, number]);
}

/** Without what else comes with a build. @param since When it was first watched, in milliseconds of the Unix epoch. */
export function storedOf({ accountId, registry, model, build }: WatchedBuild, since: number): StoredBuild {
  const { id, organization, slug, name, ecosystem, holdsModels } = registry;
  const { pipeline, number, commit, branch, webUrl } = build;
  return {
    since,
    accountId,
    registry: { id, organization, slug, name, ecosystem, holdsModels },
    model,
    build: {
      pipeline: { organization: pipeline.organization, slug: pipeline.slug, name: pipeline.name },
      number,
      commit,
      branch,
      webUrl: webUrl.href,
    },
  };
}

export function watchedOf(
  { accountId, registry, model, build }: StoredBuild,
  state: BuildState,
): WatchedBuild {
  const unasked = { description: undefined, emoji: undefined, public: undefined, webUrl: undefined };
  return {
    accountId,
    registry: { ...registry, ...unasked },
    model,
    build: {
      ...build,
      webUrl: new URL(build.webUrl),
      state,
      cancelReason: undefined,
      startedAt: undefined,
      finishedAt: undefined,
    },
  };
}
