import assert from 'node:assert/strict';
import { join } from 'node:path';
import { execa } from 'execa';
import { until } from '../setup/until.ts';
import { walkFocus } from './focusWalk.ts';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

const model = 'acme/language-detection';
const pipeline = 'Train and publish';
const slug = 'train-and-publish';

describe('a person publishes with a build', function () {
  this.timeout(5 * 60_000);

  let window: StageWindow;

  before(async () => {
    window = await sharedStageWindow();
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
  beforeEach(() => window.rest());
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
    await workbench.chooseFromContextMenu(
      workbench.row('language-detection'),
      'Publish with a Buildkite Pipeline…',
    );
    await quickInput.titled('Publish with a Buildkite Pipeline');
    await quickInput.choose('models');
    await quickInput.asks('Name of the model in acme/models');
    await quickInput.type(model);
    await quickInput.accept();
    await quickInput.option(pipeline).waitFor();
  };
  /** Its number. */
  const createBuild = async (): Promise<number> => {
    const { stage, workbench } = window;
    const { builds, organization } = stage.registry;
    const before = builds.of(organization, slug).length;
    await workbench.quickInput.choose(pipeline);
    await workbench.dialog.getByText(`Publish ${model} with the pipeline ${pipeline}?`).waitFor();
    await workbench.screenshot('builds-summary');
    await workbench.dialog.getByRole('button', { name: 'Create Build' }).click();
    await until(() => builds.of(organization, slug).length > before, 'a build is created');
    return builds.of(organization, slug)[0]!.number;
  };

  const createRunningBuild = async (): Promise<number> => {
    await askForBuild();
    const number = await createBuild();
    await progressOf(number).waitFor();
    agent(number, 'running');
    await status(`Build ${number}: Running`).waitFor();
    return number;
  };

  it('and sees the build wait, run and pass, and what it published', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    await askForBuild();
    await workbench.screenshot('builds-pipeline');
    const number = await createBuild();
    await progressOf(number).filter({ hasText: 'Waiting for an agent' }).waitFor();
    await status(`Build ${number}: Waiting for an agent`).waitFor();
    await workbench.screenshot('builds-waiting');

    agent(number, 'running');
    await progressOf(number).filter({ hasText: 'Running' }).waitFor();
    await status(`Build ${number}: Running`).waitFor();
    await workbench.screenshot('builds-running');

    await registry.addModelVersion(registry.organization, registry.registry, model, {
      'README.md': '# It\n',
    });
    agent(number, 'passed');
    const end = workbench.notification(`Build ${number} of ${pipeline} passed`);
    await end.waitFor();
    await status(`Build ${number}`).waitFor({ state: 'detached' });
    await workbench.screenshot('builds-passed');
    await end.getByRole('button', { name: 'Show in Registries' }).click();
    await workbench.row(model).and(workbench.page.locator('.selected')).waitFor();
    await workbench.screenshot('builds-shown');
  });

  it('and cancels a build from the status bar by keyboard', async () => {
    const { workbench } = window;
    const { page, quickInput } = workbench;
    const number = await createRunningBuild();

    await workbench.runCommand('View: Focus Status Bar');
    const focused = page.locator('.part.statusbar .statusbar-item:focus-within');
    await walkFocus(page, 'ArrowRight', focused, focused.filter({ hasText: `Build ${number}` }));
    await workbench.screenshot('builds-status-focused');
    await page.keyboard.press('Enter');
    await quickInput.titled(`Build ${number} of ${pipeline}`);
    await workbench.screenshot('builds-actions');
    await page.keyboard.press('ArrowDown');
    await quickInput.widget.locator('.monaco-list-row.focused').filter({ hasText: 'Cancel Build' }).waitFor();
    await page.keyboard.press('Enter');
    await workbench.dialog.getByText(`Cancel build ${number} of ${pipeline}?`).waitFor();
    await workbench.dialog.getByRole('button', { name: 'Keep Running' }).waitFor();
    await workbench.screenshot('builds-cancel');
    await page.keyboard.press('Enter');
    await status(`Build ${number}: Canceling`).waitFor();
    agent(number, 'canceled');
    await workbench.notification(`Build ${number} of ${pipeline} was cancelled`).waitFor();
    await workbench.screenshot('builds-canceled');
    await status(`Build ${number}`).waitFor({ state: 'detached' });
  });

  it('and is told the end of builds in the middle of which the window was loaded anew', async () => {
    const { stage, workbench } = window;
    const failing = await createRunningBuild();
    const lasting = await createRunningBuild();

    await workbench.load(stage.url);
    // A VS Code in the browser, without a keychain, keeps secrets no longer than its page.
    await workbench.signIn(stage.registry.token);
    for (const number of [failing, lasting]) await status(`Build ${number}`).waitFor();
    await workbench.screenshot('builds-reloaded');
    for (const number of [failing, lasting]) await status(`Build ${number}: Running`).waitFor();
    assert.equal(await workbench.notification(/./).count(), 0);

    agent(failing, 'failed');
    const end = workbench.notification(`Build ${failing} of ${pipeline} failed`);
    await end.getByRole('button', { name: 'Open in Browser' }).waitFor();
    await status(`Build ${failing}`).waitFor({ state: 'detached' });
    await status(`Build ${lasting}: Running`).waitFor();
    await workbench.screenshot('builds-failed');
  });
});
