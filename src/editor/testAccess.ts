import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceKind } from '../core/hosts/service.ts';
import type { JournalStore } from '../core/publish/journals.ts';
import type { SessionList } from './accounts/sessionList.ts';
import type { LocalModels } from './localModels/localModels.ts';
import type { FollowedBuilds } from './pipelineBuilds/followedBuilds.ts';
import type { Prompts } from './prompts.ts';
import type { PublishesTree } from './publishes/publishesView.ts';
import type { PublishHistory } from './publishService.ts';
import type { RegistriesTree } from './registries/registriesView.ts';
import type { RegistryServices } from './services.ts';
import type { Tools } from './tools/tools.ts';
import type { Waits } from './waits.ts';

/** What `activate` gives to the tests of the editor side, and to nobody else. */
export interface TestAccess {
  readonly sessions: SessionList;
  readonly registryServices: RegistryServices;
  readonly registries: RegistriesTree;
  readonly journals: JournalStore;
  /** Absolute path of the folder that holds them. */
  readonly journalFolder: string;
  readonly localModels: LocalModels;
  readonly history: PublishHistory;
  readonly publishes: PublishesTree;
  readonly tools: Tools;
  /** `dispose` and `resume` are what a window does to the builds that it watches when it goes and comes. */
  readonly builds: FollowedBuilds;
  /** Absolute path of the folder with the log of this window. */
  readonly logFolder: string;
  /** What activation does at its end. */
  offerInterrupted(): Promise<void>;
  /** One more kind of service, until disposed; it is there, and gone, after the next change of a setting. */
  offerServices(kind: ServiceKind): { dispose(): void };
  /** Answers prompts in place of a person until disposed. */
  usePrompts(prompts: Prompts): { dispose(): void };
}

/** The waits before a server is asked again, as tests have them: nobody sits through those of a person. */
export const BRIEF_WAITS: Waits = {
  backoff: { retries: 5, firstMs: 10, longestMs: 100, longestAskedMs: 5 * 60_000 },
  timedRetryMs: 100,
  // A test that asks for rows waits for them.
  loadingRowMs: 60_000,
  pauseOfBuilds: async (ms, signal) => {
    await delay(ms / 40, undefined, { signal });
  },
};

/** Prompts that can be replaced while the extension runs. */
interface ReplaceablePrompts {
  readonly prompts: Prompts;
  readonly replace: TestAccess['usePrompts'];
}

export function replaceablePrompts(original: Prompts): ReplaceablePrompts {
  let current = original;
  return {
    prompts: {
      input: (prompt) => current.input(prompt),
      pick: (prompt) => current.pick(prompt),
      pickMany: (prompt) => current.pickMany(prompt),
      search: (prompt) => current.search(prompt),
      confirm: (prompt) => current.confirm(prompt),
      notify: (notice) => current.notify(notice),
      progress: (options, task) => current.progress(options, task),
      openFolder: (options) => current.openFolder(options),
      saveFile: (options) => current.saveFile(options),
      openExternal: (url) => current.openExternal(url),
      copy: (text) => current.copy(text),
    },
    replace(prompts) {
      current = prompts;
      return {
        dispose: () => {
          current = original;
        },
      };
    },
  };
}
