import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

const name = 'language-detection';

describe('a person keeps an eye on local models', function () {
  this.timeout(4 * 60_000);

  let window: StageWindow;

  before(async () => {
    window = await sharedStageWindow();
    await window.workbench.signIn(window.stage.registry.token);
  });
  beforeEach(async () => {
    const { workbench } = window;
    await window.rest();
    await workbench.showContainer('Model Registries');
    await workbench.expand('Acme');
    await workbench.row('models').waitFor();
    // Whatever ran before, HEAD is not published, nor are its files.
    await writeFile(join(window.stage.workspace.model, 'number.txt'), `${Math.random()}\n`);
    await git('add', 'number.txt');
    await git('commit', '--quiet', '--message', 'A number');
    await status(`${await head()}, not published`).waitFor();
  });
  after(() => window.close());

  const says = (text: string | RegExp) => {
    const { workbench } = window;
    return workbench.description(workbench.row(name)).getByText(text).waitFor();
  };
  const status = (text: string) =>
    window.workbench.page.locator(`.statusbar-item[aria-label^="${name}: commit ${text}"]`);
  const git = async (...args: string[]) => {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    const { stdout } = await execa('git', [...identity, ...args], { cwd: window.stage.workspace.model });
    return stdout;
  };
  const head = async () => (await git('rev-parse', 'HEAD')).slice(0, 7);

  const dragOntoRegistry = async () => {
    const { quickInput } = window.workbench;
    await window.workbench.row(name).dragTo(window.workbench.row('models'));
    await quickInput.asks('Name of the model in acme/models');
    await quickInput.type(`acme/${name}`);
    await quickInput.accept();
    await window.workbench.dialog.getByRole('button', { name: 'Publish', exact: true }).click();
    await status(`${await head()}, published`).waitFor();
  };

  it('drags one onto a registry, and sees everywhere that it is published', async () => {
    const { workbench } = window;
    await says(/ · not published · main · /);
    await workbench.screenshot('local-models');
    await dragOntoRegistry();
    await says(/ · published to acme\/models as [0-9a-f]{7} · main/);
    await workbench.expand(name);
    await workbench.page.locator('.part.sidebar').getByText(`HEAD · acme/models`).waitFor();
    await workbench.screenshot('local-models-published');
  });

  it('commits, and publishes again from the status bar by keyboard', async () => {
    const { stage, workbench } = window;
    await dragOntoRegistry();
    const before = await head();
    await writeFile(join(stage.workspace.model, 'notes.txt'), 'Better\n');
    await status(`${before}, published`)
      .filter({ hasText: `${name}*: published` })
      .waitFor();
    await git('add', 'notes.txt');
    await git('commit', '--quiet', '--message', 'Notes');
    await status(`${await head()}, not published`).waitFor();
    assert.notEqual(await head(), before);
    await workbench.runCommand('Model Registries: Show Model Status');
    await workbench.quickInput.option('Publish Again').waitFor();
    await workbench.screenshot('local-models-head');
    await workbench.quickInput.choose('Publish Again');
    await workbench.dialog.getByText(`Publish acme/${name} to acme/models?`).waitFor();
    await workbench.page.keyboard.press('Enter');
    await status(`${await head()}, published`).waitFor();
  });

  it('sees in the Explorer which model is not published', async () => {
    const { workbench } = window;
    const folder = workbench.page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ hasText: name });
    await dragOntoRegistry();
    await workbench.showContainer('Explorer');
    await folder.waitFor();
    await folder.locator('[class*="monaco-decoration-badge"]').waitFor({ state: 'detached' });
    await git('commit', '--quiet', '--allow-empty', '--message', 'Once more');
    await workbench.page
      .locator('.explorer-folders-view')
      .getByLabel(/HEAD is not published/)
      .waitFor();
    await workbench.screenshot('local-models-explorer');
  });
});
