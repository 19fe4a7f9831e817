import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import type { Waits } from '../waits.ts';
import { refuseUntrusted } from '../workspace.ts';
import { FollowedBuilds } from './followedBuilds.ts';

/** Publishing with a build: for models that a laptop cannot upload. */
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
  );
  return { builds, dispose: () => void registered.dispose() };
}
