import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { followBuild, type FollowOptions } from '../../core/hosts/followBuild.ts';
import { isAtRest, type Build, type PipelineHost } from '../../core/hosts/pipelines.ts';
import { sessionOf } from '../accounts/sessions.ts';
import { usableSessions } from '../accounts/usableSessions.ts';
import { isAbort } from '../commands.ts';
import { setContextKey } from '../contextKeys.ts';
import type { PublishingBuild, PublishingBuilds } from '../publishService.ts';
import type { Services } from '../services.ts';
import { buildersOf } from './builders.ts';
import {
  agreesToCancel,
  pickAction,
  pickBuild,
  showProgress,
  tellLost,
  tellNotCancelled,
  tellRest,
} from './buildNotices.ts';
import { FollowedBuild, type BuildPurpose } from './followedBuild.ts';
import { createRestedBuilds, type RestedBuilds } from './restedBuilds.ts';
import { buildName, stateWords } from './texts.ts';
import { createWatchedBuilds, watchedKey, type WatchedBuilds } from './watchedBuilds.ts';

type Until = (build: Build) => boolean;

/** How a watch ended: the build came to rest, it was left, or it was lost. */
type Ending = 'rest' | 'left' | Failure;

const realPause: FollowOptions['pause'] = async (ms, signal) => {
  await delay(ms, undefined, { signal });
};

/** The builds that this window watches. They go on when it closes, and are watched again once it is open. */
export class FollowedBuilds implements PublishingBuilds {
  readonly #services: Services;
  readonly #pause: FollowOptions['pause'];
  readonly #watched: WatchedBuilds;
  readonly #rested: RestedBuilds;
  readonly #followed = new Map<string, FollowedBuild>();
  readonly #changed = new vscode.EventEmitter<PublishingBuild | undefined>();
  readonly onDidChange = this.#changed.event;

  /** @param pause Between two looks at a build. */
  constructor(services: Services, pause: FollowOptions['pause'] = realPause) {
    this.#services = services;
    this.#pause = pause;
    this.#watched = createWatchedBuilds(services.workspaceMemory, services.log);
    this.#rested = createRestedBuilds(services.workspaceMemory, services.log);
  }

  get all(): readonly PublishingBuild[] {
    const watched = [...this.#followed.values()].sort((a, b) => b.since - a.since);
    const rested = this.#rested.all.map((one): PublishingBuild => ({
      ...one,
      key: watchedKey(one),
      isWatched: false,
      words: stateWords(one.build.state),
    }));
    return [...watched, ...rested.filter(({ key }) => !this.#followed.has(key))];
  }

  forget(key: string): void {
    this.#rested.remove(key);
    this.#changed.fire(undefined);
  }

  /** Cancels a watched build, after asking. Nothing happens where it is not watched any more. */
  async cancel(key: string): Promise<void> {
    const one = this.#followed.get(key);
    if (one) await this.#cancel(one);
  }

  /**
   * Shows what the build does until it is at rest, in a notification and in the status bar, and says how it ended.
   * Resolves then. What goes wrong is told here and never thrown: whoever tried again would build again.
   */
  follow(build: Build, purpose: BuildPurpose, until: Until = isAtRest): Promise<void> {
    return this.#follow(build, purpose, until, (one, over) => this.#notify(one, over));
  }

  /**
   * Watches again, in the status bar alone, what this workspace's windows watched last, as far as somebody is signed in
   * there, maybe with another token, and it is not watched now.
   */
  resume(): void {
    const { sessions, log } = this.#services;
    const usable = usableSessions(sessions);
    for (const one of this.#watched.all.toReversed()) {
      const session = sessionOf(usable, one.accountId);
      if (!session) continue;
      const now = { ...one, accountId: session.accountId };
      if ([one, now].some((known) => this.#followed.has(watchedKey(known)))) continue;
      // From now on it is kept as a build of that account.
      if (now.accountId !== one.accountId) this.#watched.remove(watchedKey(one));
      log.info(`${buildName(one.build)}: watched again`);
      const purpose = { place: { session, registry: one.registry }, model: one.model };
      this.#follow(one.build, purpose, isAtRest, () => Promise.resolve()).catch((error: unknown) =>
        log.error(`${buildName(one.build)}: ${String(error)}`),
      );
    }
  }

  /** Offers what can be done with a build: that of `key`, which its status bar item passes, or one that is picked. */
  async show(key: unknown): Promise<void> {
    const { prompts } = this.#services;
    const named = typeof key === 'string' ? this.#followed.get(key) : undefined;
    const one = named ?? (await pickBuild(prompts, [...this.#followed.values()]));
    if (!one) return;
    switch (await pickAction(prompts, one.build)) {
      case 'open':
        await prompts.openExternal(one.build.webUrl);
        return;
      case 'cancel':
        return this.#cancel(one);
      case 'leave':
        this.#watched.remove(one.key);
        one.leave();
        return;
      case undefined:
        return;
    }
  }

  /** Watches nothing any more; what was watched stays to be watched again. */
  dispose(): void {
    for (const one of [...this.#followed.values()]) one.leave();
  }

  /** @param announce Shows the build besides the status bar until `over` resolves. */
  async #follow(
    build: Build,
    purpose: BuildPurpose,
    until: Until,
    announce: (one: FollowedBuild, over: Promise<void>) => Promise<void>,
  ): Promise<void> {
    const { session, registry } = purpose.place;
    const { accountId } = session;
    if (this.#followed.has(watchedKey({ accountId, build }))) return;
    const since = this.#watched.add({ accountId, registry, model: purpose.model, build });
    const one = new FollowedBuild(build, purpose, since, (now) => this.#changed.fire(now));
    this.#followed.set(one.key, one);
    this.#project();
    const watching = this.#watch(one, until);
    const shown = announce(one, settled(watching)).catch((error: unknown) =>
      this.#services.log.error(`${buildName(build)}: ${String(error)}`),
    );
    let ending: Ending;
    try {
      ending = await watching;
      if (ending === 'rest') this.#rested.add(one);
    } finally {
      this.#followed.delete(one.key);
      one.dispose();
      this.#project();
    }
    if (ending === 'rest') await shown;
    await this.#end(one, ending);
  }

  async #watch(one: FollowedBuild, until: Until): Promise<Ending> {
    const { log } = this.#services;
    try {
      await followBuild(one.build, {
        read: (signal) => this.#builders(one).build(one.build, signal),
        onBuild: (build) => one.seen(build),
        onTrouble: (failure) => {
          log.warn(`${buildName(one.build)}: ${failure.kind}: ${failure.message}`);
          one.say(
            failure.kind === 'rateLimit'
              ? vscode.l10n.t('The server asks to wait')
              : vscode.l10n.t('No connection to the server, trying again'),
          );
        },
        until,
        signal: one.signal,
        pause: this.#pause,
      });
      return 'rest';
    } catch (error) {
      if (error instanceof Failure) return error;
      if (isAbort(error)) return 'left';
      throw error;
    }
  }

  /** What follows from how the watch ended. */
  async #end(one: FollowedBuild, ending: Ending): Promise<void> {
    if (ending === 'left') return;
    const { log, prompts, registriesView } = this.#services;
    const { place, build, model } = one;
    // Without the account it is not over: it is watched again once somebody signs in with it.
    if (ending === 'rest' || ending.kind !== 'auth') this.#watched.remove(one.key);
    if (ending === 'rest') {
      // A build may have published before it failed or was cancelled.
      registriesView.versionsChanged(place.session, place.registry, model);
      if (await tellRest(this.#services, one)) {
        await this.follow(build, one, (now) => isAtRest(now) && now.state.kind !== 'blocked');
      }
      return;
    }
    log.warn(`${buildName(build)}: ${ending.kind}: ${ending.message}`);
    // It went while no window watched it.
    if (ending.kind === 'notFound' && build.state.kind === 'unknown') return;
    if (await tellLost(prompts, build, ending)) await this.follow(build, one);
  }

  /** The notification, until `over` resolves. Its Cancel asks whether that is meant for the build. */
  async #notify(one: FollowedBuild, over: Promise<void>): Promise<void> {
    const cancelled = await showProgress(this.#services.prompts, one, over);
    one.reportTo(undefined);
    if (cancelled && this.#isFollowed(one)) await this.#cancel(one);
  }

  async #cancel(one: FollowedBuild): Promise<void> {
    const { prompts, log } = this.#services;
    if (!(await agreesToCancel(prompts, one.build)) || !this.#isFollowed(one)) return;
    try {
      const build = await this.#builders(one).cancelBuild(one.build, one.signal);
      if (this.#isFollowed(one)) one.seen(build);
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof Failure)) throw error;
      log.warn(`${buildName(one.build)}: ${error.message}`);
      await tellNotCancelled(prompts, one.build, error);
    }
  }

  #isFollowed({ key }: FollowedBuild): boolean {
    return this.#followed.has(key);
  }

  #builders({ place: { session }, build }: FollowedBuild): PipelineHost {
    const host = buildersOf(this.#services, session.accountId);
    if (host) return host;
    throw new Failure(
      'auth',
      vscode.l10n.t(
        'Nobody is signed in as {0} any more, so {1} is not watched. The build goes on.',
        session.label,
        buildName(build),
      ),
    );
  }

  /** To the menus, and to whoever shows the builds. */
  #project(): void {
    this.#changed.fire(undefined);
    setContextKey('modelRegistries.followsBuild', this.#followed.size > 0).catch((error: unknown) =>
      this.#services.log.error(`builds: ${String(error)}`),
    );
  }
}

function settled(task: Promise<unknown>): Promise<void> {
  return task.then(
    () => undefined,
    () => undefined,
  );
}
