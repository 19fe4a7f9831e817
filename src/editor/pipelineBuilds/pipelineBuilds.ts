import * as vscode from 'vscode';
import { asPublishesRow } from '../publishes/rows.ts';
import type { Services } from '../services.ts';
import type { Waits } from '../waits.ts';
import { refuseUntrusted } from '../workspace.ts';
import { FollowedBuilds } from './followedBuilds.ts';

/** Publishing with a pipeline's build: for models that a laptop cannot upload. */
export function registerPipelineBuilds(
  services: Services,
  { pauseOfBuilds }: Waits,
): {
  readonly builds: FollowedBuilds;
  dispose(): void;
} {
  const { commands, sessions } = services;
  const builds = new FollowedBuilds(services, pauseOfBuilds);
  builds.resume();
  const registered = vscode.Disposable.from(
    builds,
    sessions.onDidChange(() => builds.resume()),
    commands.register('modelRegistries.publishWithBuild', async (argument) => {
      if (!vscode.workspace.isTrusted) {
        await refuseUntrusted(services, 'buildPublish.untrusted');
        return;
      }
      const { planBuild, createBuild } = await import('./buildPublish.ts');
      const planned = await planBuild(services, argument);
      const build = planned && (await createBuild(services, planned));
      if (planned && build) await builds.follow(build, planned);
    }),
    commands.register('modelRegistries.showBuild', (key) => builds.show(key)),
    commands.register('modelRegistries.openBuild', async (argument) => {
      const row = asPublishesRow(argument);
      if (row?.kind === 'build') await services.prompts.openExternal(row.build.build.webUrl);
    }),
    commands.register('modelRegistries.cancelBuild', async (argument) => {
      const row = asPublishesRow(argument);
      if (row?.kind === 'build') await builds.cancel(row.build.key);
    }),
    commands.register('modelRegistries.retryBuild', async (argument) => {
      const row = asPublishesRow(argument);
      if (row?.kind !== 'build') return;
      const { retryBuild } = await import('./retryBuild.ts');
      const again = await retryBuild(services, row.build);
      if (again) await builds.follow(again.build, again.purpose);
    }),
  );
  return { builds, dispose: () => void registered.dispose() };
}
