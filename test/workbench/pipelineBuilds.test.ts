import assert from 'node:assert/strict';
import { join } from 'node:path';
import { execa } from 'execa';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

const model = 'acme/language-detection';
const pipeline = 'Train and publish';
const slug = 'train-and-publish';

describe('a person publishes on Buildkite', function () {
  this.timeout(5 * 60_000);

  let window: StageWindow;

  before(async () => {
    window = await openStageWindow();
    const { stage, workbench, folder } = window;
    const remote = join(folder, 'language-detection.git');
    const git = async (...args: readonly string[]) => execa('git', [...args], { cwd: stage.workspace.model });
    await git('init', '--quiet', '--bare', remote);
    await git('remote', 'add', 'origin', remote);
    await git('push', '--quiet', '--set-upstream', 'origin', 'main');
    stage.registry.addPipeline(stage.registry.organization, { name: pipeline, repository: remote });
    await workbench.signIn(stage.registry.token);
    await workbench.row('Acme').waitFor();
  });
  after(async () => {
    await window.workbench.screenshot('end-pipeline-builds');
    await window.close();
  });

  /** What an agent does with a build. */
  const agent = (number: number, state: 'running' | 'passed' | 'failed' | 'canceled') => {
    const { registry } = window.stage;
    registry.builds.setState(registry.organization, slug, number, state);
  };
  const status = (text: string | RegExp) =>
    window.workbench.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text });
  const progressOf = (number: number) =>
    window.workbench.notification(`Publishing ${model} with build ${number} of ${pipeline}`);

  /** Answers everything up to the question before the build with what is proposed. */
  const askForBuild = async () => {
    const { workbench } = window;
    const { quickInput } = workbench;
    await workbench.showContainer('Explorer');
    await workbench.chooseFromContextMenu(workbench.row('language-detection'), 'Publish on Buildkite…');
    await quickInput.titled('Publish on Buildkite');
    await quickInput.choose('models');
    await quickInput.asks('Name of the model in acme/models');
    await quickInput.type(model);
    await quickInput.accept();
    await quickInput.option(pipeline).waitFor();
  };
  const createBuild = async () => {
    const { workbench } = window;
    await workbench.quickInput.choose(pipeline);
    await workbench.dialog.getByText(`Publish ${model} with a build of ${pipeline}?`).waitFor();
    await workbench.screenshot('builds-summary');
    await workbench.dialog.getByRole('button', { name: 'Create Build' }).click();
  };

  it('and sees the build wait, run and pass, and what it published', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    await askForBuild();
    await workbench.screenshot('builds-pipeline');
    await createBuild();
    await progressOf(1).filter({ hasText: 'Waiting for an agent' }).waitFor();
    await status('Build 1: Waiting for an agent').waitFor();
    await workbench.screenshot('builds-waiting');

    agent(1, 'running');
    await progressOf(1).filter({ hasText: 'Running' }).waitFor();
    await status('Build 1: Running').waitFor();
    await workbench.screenshot('builds-running');

    await registry.addModelVersion(registry.organization, registry.registry, model, {
      'README.md': '# It\n',
    });
    agent(1, 'passed');
    const end = workbench.notification(`Build 1 of ${pipeline} passed`);
    await end.waitFor();
    await status('Build 1').waitFor({ state: 'detached' });
    await workbench.screenshot('builds-passed');
    await end.getByRole('button', { name: 'Show in Registries' }).click();
    await workbench.row(model).and(workbench.page.locator('.selected')).waitFor();
    await workbench.screenshot('builds-shown');
  });

  it('and cancels a build from the status bar by keyboard', async () => {
    const { workbench } = window;
    const { page, quickInput } = workbench;
    await askForBuild();
    await createBuild();
    await progressOf(2).waitFor();
    agent(2, 'running');
    await status('Build 2: Running').waitFor();

    await workbench.runCommand('View: Focus Status Bar');
    const focused = page.locator('.part.statusbar .statusbar-item:focus-within');
    while (!(await focused.filter({ hasText: 'Build 2' }).isVisible()))
      await page.keyboard.press('ArrowRight');
    await workbench.screenshot('builds-status-focused');
    await page.keyboard.press('Enter');
    await quickInput.titled(`Build 2 of ${pipeline}`);
    await workbench.screenshot('builds-actions');
    await page.keyboard.press('ArrowDown');
    await quickInput.widget.locator('.monaco-list-row.focused').filter({ hasText: 'Cancel Build' }).waitFor();
    await page.keyboard.press('Enter');
    await workbench.dialog.getByText(`Cancel build 2 of ${pipeline}?`).waitFor();
    await workbench.screenshot('builds-cancel');
    await page.keyboard.press('Enter');
    await status('Build 2: Canceling').waitFor();
    agent(2, 'canceled');
    await workbench.notification(`Build 2 of ${pipeline} was canceled`).waitFor();
    await workbench.screenshot('builds-canceled');
    await status('Build 2').waitFor({ state: 'detached' });
  });

  it('and is told the end of builds in the middle of which the window was loaded anew', async () => {
    const { stage, workbench } = window;
    for (const number of [3, 4]) {
      await askForBuild();
      await createBuild();
      await progressOf(number).waitFor();
      agent(number, 'running');
      await status(`Build ${number}: Running`).waitFor();
    }

    await workbench.open(stage.url);
    // A VS Code in the browser, without a keychain, keeps secrets no longer than its page.
    await workbench.signIn(stage.registry.token);
    for (const number of [3, 4]) await status(`Build ${number}`).waitFor();
    await workbench.screenshot('builds-reloaded');
    for (const number of [3, 4]) await status(`Build ${number}: Running`).waitFor();
    assert.equal(await workbench.notification(/./).count(), 0);

    agent(3, 'failed');
    const end = workbench.notification(`Build 3 of ${pipeline} failed`);
    await end.getByRole('button', { name: 'Open in Browser' }).waitFor();
    await status('Build 3').waitFor({ state: 'detached' });
    await status('Build 4: Running').waitFor();
    await workbench.screenshot('builds-failed');
  });
});
