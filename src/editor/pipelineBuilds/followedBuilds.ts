import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { followBuild, type FollowOptions } from '../../core/hosts/followBuild.ts';
import { isAtRest, type Build } from '../../core/hosts/pipelines.ts';
import { visibleText } from '../../core/visibleText.ts';
import { isAbort } from '../commands.ts';
import { setContextKey } from '../contextKeys.ts';
import { usableSessions } from '../accounts/usableSessions.ts';
import { withBrokenIcons } from '../plainText.ts';
import type { RegistryPlace } from '../places.ts';
import type { Services } from '../services.ts';
import { buildersOf } from './builders.ts';
import { buildName, restSentence, stateWords } from './texts.ts';
import { createWatchedBuilds, watchedKey } from './watchedBuilds.ts';

/** What a build was created for. */
export interface BuildPurpose {
  readonly place: RegistryPlace;
  /** `namespace/name`. */
  readonly model: string;
}

/** The builds that this window watches. They go on at Buildkite when it closes, and are watched again once it is open. */
export interface FollowedBuilds {
  /**
   * Shows what the build does until it is at rest, in a notification and in the status bar, and says how it ended. Resolves then. What
   * goes wrong is told here and never thrown: whoever tried again would build again.
   */
  follow(build: Build, purpose: BuildPurpose): Promise<void>;
  /**
   * Watches again, in the status bar alone, what this workspace's windows watched last, as far as somebody is signed in there and it is
   * not watched now.
   */
  resume(): void;
  /** Offers what can be done with one of the builds: the one of `key`, which its item in the status bar passes, or one that is picked. */
  show(key: unknown): Promise<void>;
  /** Watches nothing any more; what was watched stays to be watched again. */
  dispose(): void;
}

interface Followed extends BuildPurpose {
  readonly key: string;
  build: Build;
  readonly controller: AbortController;
  readonly item: vscode.StatusBarItem;
  /** Says what the notification shows; does nothing once that is gone. */
  report: (message: string) => void;
}

const realPause: FollowOptions['pause'] = async (ms, signal) => {
  await delay(ms, undefined, { signal });
};

/** @param pause Between two looks at a build. */
export function createFollowedBuilds(
  services: Services,
  pause: FollowOptions['pause'] = realPause,
): FollowedBuilds {
  const { prompts, log } = services;
  const followed = new Map<string, Followed>();
  const watched = createWatchedBuilds(services.workspaceMemory, log);

  const project = () => {
    setContextKey('modelRegistries.followsBuild', followed.size > 0).catch((error: unknown) =>
      log.error(`builds: ${String(error)}`),
    );
  };

  function builders({ place: { session }, build }: Pick<Followed, 'place' | 'build'>) {
    const host = buildersOf(services, session.accountId);
    if (host) return host;
    throw new Failure(
      'auth',
      vscode.l10n.t(
        'Nobody is signed in as {0} any more, so {1} is not watched. It goes on at Buildkite.',
        session.label,
        buildName(build),
      ),
    );
  }

  function show(one: Followed, words: string): void {
    const { item, build } = one;
    item.text = `$(sync~spin) ${vscode.l10n.t('Build {0}: {1}', build.number, withBrokenIcons(words))}`;
    one.report(words);
  }

  async function watch(one: Followed, until: (build: Build) => boolean): Promise<Build> {
    const { controller } = one;
    return followBuild(one.build, {
      read: (signal) => builders(one).build(one.build, signal),
      onBuild: (build) => {
        one.build = build;
        show(one, stateWords(build.state));
      },
      onTrouble: (failure) => {
        log.warn(`${buildName(one.build)}: ${failure.kind}: ${failure.message}`);
        show(
          one,
          failure.kind === 'rateLimit'
            ? vscode.l10n.t('Buildkite asks to wait')
            : vscode.l10n.t('No connection to Buildkite, trying again'),
        );
      },
      until,
      signal: controller.signal,
      pause,
    });
  }

  /** The notification, until `watching` ends. Its Cancel asks whether that is meant for the build; the status bar stays in any case. */
  async function notification(one: Followed, watching: Promise<unknown>): Promise<void> {
    const cancelled = await prompts.progress(
      {
        id: 'build.progress',
        title: vscode.l10n.t('Publishing {0} with {1}', one.model, buildName(one.build)),
        cancellable: true,
      },
      async (report, signal) => {
        const label = vscode.l10n.t('Open in Browser');
        one.report = (message) => report({ message, link: { label, url: one.build.webUrl } });
        show(one, stateWords(one.build.state));
        const left = new Promise<true>((resolve) => {
          signal.addEventListener('abort', () => resolve(true), { once: true });
          if (signal.aborted) resolve(true);
        });
        const over = watching.then(
          () => false,
          () => false,
        );
        return Promise.race([left, over]);
      },
    );
    one.report = () => undefined;
    if (cancelled && followed.has(one.key)) await cancel(one);
  }

  async function cancel(one: Followed): Promise<void> {
    const agreed = await prompts.confirm({
      id: 'build.cancel',
      message: vscode.l10n.t('Cancel {0}?', buildName(one.build)),
      detail: vscode.l10n.t(
        'It stops for everybody who waits for it. If you leave this question, it goes on, and the status bar shows what it does.',
      ),
      action: vscode.l10n.t('Cancel Build'),
      severity: 'warning',
    });
    if (!agreed || !followed.has(one.key)) return;
    try {
      const build = await builders(one).cancelBuild(one.build, one.controller.signal);
      if (!followed.has(one.key)) return;
      one.build = build;
      show(one, stateWords(build.state));
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof Failure)) throw error;
      log.warn(`${buildName(one.build)}: ${error.message}`);
      await prompts.notify({
        id: 'build.notCanceled',
        severity: 'error',
        message: vscode.l10n.t('{0} was not canceled. {1}', capitalized(buildName(one.build)), error.message),
      });
    }
  }

  async function tellRest(one: Followed): Promise<'watchOn' | undefined> {
    const { build, place, model } = one;
    const { state } = build;
    const published = state.kind === 'ended' && state.result === 'passed';
    // A build may have published before it failed or was canceled.
    services.registriesView.versionsChanged(place.session, place.registry, model);
    const chosen = await prompts.notify({
      id: `build.${state.kind === 'ended' ? state.result : state.kind}`,
      severity: published
        ? 'information'
        : state.kind === 'ended' && state.result === 'failed'
          ? 'error'
          : 'warning',
      message: restSentence(build, model),
      actions: [
        ...(published ? [{ id: 'show', label: vscode.l10n.t('Show in Registries') }] : []),
        { id: 'openInBrowser', label: vscode.l10n.t('Open in Browser') },
        ...(state.kind === 'blocked' ? [{ id: 'watchOn', label: vscode.l10n.t('Keep Watching') }] : []),
      ],
    });
    if (chosen === 'show') await services.registriesView.revealModel(place.session, place.registry, model);
    if (chosen === 'openInBrowser') await prompts.openExternal(build.webUrl);
    return chosen === 'watchOn' ? 'watchOn' : undefined;
  }

  async function tellLost(one: Followed, failure: Failure): Promise<void> {
    log.warn(`${buildName(one.build)}: ${failure.kind}: ${failure.message}`);
    // It went while no window watched it.
    if (failure.kind === 'notFound' && one.build.state.kind === 'unknown') return;
    const chosen = await prompts.notify({
      id: 'build.lost',
      severity: 'error',
      message: vscode.l10n.t(
        'How {0} ends is not known here. It goes on at Buildkite. {1}',
        buildName(one.build),
        failure.message,
      ),
      actions: [
        { id: 'openInBrowser', label: vscode.l10n.t('Open in Browser') },
        { id: 'watchOn', label: vscode.l10n.t('Keep Watching') },
        ...(failure.kind === 'auth' ? [{ id: 'signIn', label: vscode.l10n.t('Sign In Again') }] : []),
      ],
    });
    if (chosen === 'openInBrowser') await prompts.openExternal(one.build.webUrl);
    if (chosen === 'signIn') await vscode.commands.executeCommand('modelRegistries.signIn');
    if (chosen === 'signIn' || chosen === 'watchOn') await follow(one.build, one);
  }

  async function follow(
    build: Build,
    purpose: BuildPurpose,
    { until = isAtRest, announce = notification } = {},
  ): Promise<void> {
    const { session, registry } = purpose.place;
    const { accountId } = session;
    const key = watchedKey({ accountId, build });
    if (followed.has(key)) return;
    watched.add({ accountId, registry, model: purpose.model, build });
    // Items of the same id would be one and the same.
    const item = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Left);
    item.name = vscode.l10n.t('Build on Buildkite');
    item.tooltip = visibleText(vscode.l10n.t('Publishing {0} with {1}', purpose.model, buildName(build)));
    item.command = { command: 'modelRegistries.showBuild', title: item.name, arguments: [key] };
    const one: Followed = {
      key,
      build,
      place: purpose.place,
      model: purpose.model,
      controller: new AbortController(),
      item,
      report: () => undefined,
    };
    followed.set(key, one);
    project();
    show(one, stateWords(build.state));
    item.show();
    let ended: Failure | 'left' | 'rest' = 'rest';
    try {
      const watching = watch(one, until);
      const shown = announce(one, watching).catch((error: unknown) =>
        log.error(`${buildName(build)}: ${String(error)}`),
      );
      one.build = await watching;
      leave(one);
      await shown;
    } catch (error) {
      if (!(error instanceof Failure) && !isAbort(error)) throw error;
      ended = error instanceof Failure ? error : 'left';
    } finally {
      leave(one);
    }
    if (ended === 'left') return;
    // Without the account it is not over: it is watched again once somebody signs in with it.
    if (ended === 'rest' || ended.kind !== 'auth') watched.remove(key);
    if (ended !== 'rest') await tellLost(one, ended);
    else if ((await tellRest(one)) === 'watchOn') {
      await follow(one.build, one, { until: (now) => isAtRest(now) && now.state.kind !== 'blocked' });
    }
  }

  function leave({ key, item }: Followed): void {
    followed.delete(key);
    item.dispose();
    project();
  }

  async function pick(): Promise<Followed | undefined> {
    const all = [...followed.values()];
    if (all.length <= 1) return all[0];
    return prompts.pick<Followed>({
      id: 'build.pick',
      title: vscode.l10n.t('Builds on Buildkite'),
      choices: all.map((one) => ({
        label: one.model,
        description: capitalized(buildName(one.build)),
        detail: stateWords(one.build.state),
        icon: 'rocket',
        value: one,
      })),
    });
  }

  return {
    follow: (build, purpose) => follow(build, purpose),
    resume() {
      const usable = usableSessions(services.sessions);
      for (const one of watched.all.toReversed()) {
        const session = usable.find(({ accountId }) => accountId === one.accountId);
        if (!session || followed.has(watchedKey(one))) continue;
        log.info(`${buildName(one.build)}: watched again`);
        const purpose = { place: { session, registry: one.registry }, model: one.model };
        follow(one.build, purpose, { announce: () => Promise.resolve() }).catch((error: unknown) =>
          log.error(`${buildName(one.build)}: ${String(error)}`),
        );
      }
    },
    async show(key) {
      const one = (typeof key === 'string' ? followed.get(key) : undefined) ?? (await pick());
      if (!one) return;
      const chosen = await prompts.pick<'open' | 'cancel' | 'leave'>({
        id: 'build.actions',
        title: capitalized(buildName(one.build)),
        placeholder: stateWords(one.build.state),
        choices: [
          { label: vscode.l10n.t('Open in Browser'), icon: 'link-external', value: 'open' },
          { label: vscode.l10n.t('Cancel Build'), icon: 'debug-stop', value: 'cancel' },
          {
            label: vscode.l10n.t('Stop Watching'),
            description: vscode.l10n.t('The build goes on'),
            icon: 'eye-closed',
            value: 'leave',
          },
        ],
      });
      if (chosen === 'open') await prompts.openExternal(one.build.webUrl);
      if (chosen === 'cancel') await cancel(one);
      if (chosen === 'leave') {
        watched.remove(one.key);
        one.controller.abort();
      }
    },
    dispose: () => {
      for (const { controller } of [...followed.values()]) controller.abort();
    },
  };
}

function capitalized(text: string): string {
  return text.charAt(0).toLocaleUpperCase(vscode.env.language) + text.slice(1);
}
