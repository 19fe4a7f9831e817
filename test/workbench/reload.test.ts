import assert from 'node:assert/strict';
import { execa } from 'execa';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

const model = 'acme/cut-short';

describe('a person whose window is loaded anew in the middle of a publish', function () {
  this.timeout(5 * 60_000);

  let window: StageWindow;
  before(async () => {
    window = await openStageWindow();
  });
  after(async () => {
    await window.workbench.screenshot('end-reload');
    await window.close();
  });

  it('is offered to publish again, without having opened anything, and then has published', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const { quickInput } = workbench;
    await workbench.showContainer('Model Registries');
    await workbench.beginSignIn();
    await signIn();
    await workbench.row('Acme').waitFor();
    await workbench.showContainer('Explorer');

    registry.inject({ method: 'PUT', path: /^\/uploads\//, fault: { kind: 'hang' }, times: Infinity });
    await workbench.chooseFromContextMenu(workbench.row('language-detection'), 'Publish Model Snapshot…');
    await quickInput.titled('Publish Model Snapshot');
    await quickInput.choose('models');
    await quickInput.asks('Name of the model in acme/models');
    await quickInput.type(model);
    await quickInput.accept();
    await confirm();
    await workbench.notification(`Publishing ${model}`).waitFor();
    await until(() => registry.requests.some(({ method }) => method === 'PUT'));
    await workbench.load(stage.url);
    registry.clearFaults();

    const offer = workbench.notification(`Publishing ${model} to`).filter({ hasText: 'did not finish' });
    await offer.waitFor();
    await workbench.screenshot('reload-offer');
    await offer.getByRole('button', { name: 'Publish Again' }).click();
    // A VS Code in the browser, without a keychain, keeps secrets no longer than its page.
    await workbench.dialog.getByRole('button', { name: 'Sign In' }).click();
    await signIn();
    await confirm();
    await workbench.notification(`Published ${model}`).waitFor();
    const git = registry.gitDirectory(registry.organization, registry.registry, model);
    const { stdout } = await execa('git', ['--git-dir', git, 'rev-list', '--count', 'main']);
    assert.equal(stdout, '1');

    async function signIn(): Promise<void> {
      await quickInput.titled('Sign in to Buildkite');
      await quickInput.type(registry.token);
      await quickInput.accept();
    }

    async function confirm(): Promise<void> {
      await workbench.dialog.getByText(`Publish ${model} to acme/models?`).waitFor();
      await workbench.dialog.getByRole('button', { name: 'Publish', exact: true }).click();
    }
  });
});

/** Resolves once `condition` holds; looks again from time to time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}
