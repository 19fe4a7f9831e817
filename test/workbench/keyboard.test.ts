import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

/** More than any way in a window takes. */
const MOST_PRESSES = 100;

const local = 'language-detection';
const model = `acme/${local}`;

describe('a person without a mouse', function () {
  this.timeout(5 * 60_000);
  this.bail(true);

  let window: StageWindow;
  before(async () => {
    window = await openStageWindow();
  });
  after(async () => {
    await window.workbench.screenshot('end-keyboard');
    await window.close();
  });

  const press = (key: string) => window.workbench.page.keyboard.press(key);
  const type = (text: string) => window.workbench.page.keyboard.type(text);

  /** Milliseconds that a key has to show what it did before the next one is pressed. */
  const soon = { timeout: 300 };
  const comesSoon = (target: Locator) =>
    target.waitFor(soon).then(
      () => true,
      () => false,
    );
  /** Presses `key` until `target` is there, such as an element with the focus. */
  const pressUntil = async (key: string, target: Locator) => {
    for (let presses = 0; !(await comesSoon(target)); presses += 1) {
      assert(presses < MOST_PRESSES, `${key} does not lead to ${target.toString()}`);
      await press(key);
    }
  };
  /** An extension's commands come once its host has started, so an absent one is looked for again. */
  const run = async (command: string) => {
    const { page, quickInput } = window.workbench;
    const found = quickInput.widget.locator('.monaco-list-row.focused').filter({ hasText: command });
    for (;;) {
      await press('F1');
      await quickInput.widget.waitFor();
      await type(command);
      await page.locator('.quick-input-list .monaco-list-row.focused').waitFor();
      if (await found.isVisible()) break;
      await press('Escape');
      await quickInput.widget.waitFor({ state: 'detached' });
    }
    await press('Enter');
    await quickInput.widget.waitFor({ state: 'detached' });
  };
  const focusedRow = (view: string, label: string) =>
    window.workbench.rowIn(view, label).and(window.workbench.page.locator('.focused'));
  /** Goes down from the top of a view to the row with that label, which is there or is still being loaded. */
  const walkTo = async (view: string, label: string) => {
    const { page } = window.workbench;
    const list = page.locator(`.part.sidebar .monaco-list:focus[aria-label="${view}"]`);
    // A view that is shown only now may lose the focus again when its first rows come.
    do await run(`Model Registries: Focus on ${view} View`);
    while (!(await comesSoon(list)));
    await window.workbench.rowIn(view, label).waitFor();
    await press('Home');
    await pressUntil('ArrowDown', focusedRow(view, label));
  };
  const unfold = (label: string) =>
    pressUntil(
      'ArrowRight',
      focusedRow('Registries', label).and(window.workbench.page.locator('[aria-expanded=true]')),
    );
  const chooseFromMenu = async (entry: string) => {
    const menu = window.workbench.menu;
    await press('Shift+F10');
    await menu.waitFor();
    await pressUntil('ArrowDown', menu.locator('.action-item.focused').filter({ hasText: entry }));
    await press('Enter');
  };
  /** Tab by tab to what is called so in the panel that was just opened. */
  const tabTo = (role: 'button' | 'tab', name: string | RegExp) =>
    pressUntil(
      'Tab',
      window.workbench.webview.getByRole(role, { name }).and(window.workbench.webview.locator(':focus')),
    );

  it('signs in', async () => {
    const { stage, workbench } = window;
    await run('Model Registries: Sign In');
    await workbench.quickInput.titled('Sign in to Buildkite');
    await type(stage.registry.token);
    await press('Enter');
    await workbench.quickInput.widget.waitFor({ state: 'detached' });
  });

  it('publishes a local model', async () => {
    const { workbench } = window;
    await walkTo('Local Models', local);
    await chooseFromMenu('Publish Model Snapshot');
    await workbench.quickInput.titled('Publish Model Snapshot');
    await workbench.quickInput.option('models').waitFor();
    await type('models');
    await press('Enter');
    await workbench.quickInput.asks('Name of the model in acme/models');
    await press('ControlOrMeta+A');
    await type(model);
    await press('Enter');
    await workbench.dialog.getByText(`Publish ${model} to acme/models?`).waitFor();
    await press('Enter');
    await workbench.notification(`Published ${model}`).waitFor();
  });

  it('goes down the tree to a version, and copies how to install it', async () => {
    const { workbench } = window;
    for (const label of ['Acme', 'models', model]) {
      await walkTo('Registries', label);
      await unfold(label);
    }
    await press('ArrowRight');
    await chooseFromMenu('Copy Install Command');
    await workbench.page.locator('.part.statusbar').getByText('Copied').waitFor();
    assert.match(await workbench.clipboard(), new RegExp(`hf download ${model}`));
  });

  it('copies a command of another tab of the instructions', async () => {
    const { workbench } = window;
    await walkTo('Registries', model);
    await chooseFromMenu('Show Publish and Install Commands');
    await workbench.webview.getByRole('heading', { name: 'Publish a new version' }).waitFor();
    await tabTo('tab', 'Publish');
    const pipeline = workbench.webview.getByRole('tab', { name: 'Pipeline' });
    await pressUntil('ArrowRight', pipeline.and(workbench.webview.locator(':focus')));
    await press('Enter');
    await pipeline.and(workbench.webview.locator('[aria-selected=true]')).waitFor();
    await tabTo('button', /^Copy/);
    await press('Enter');
    await workbench.webview.getByText('Copied').first().waitFor();
    assert.match(await workbench.clipboard(), /buildkite-agent oidc request-token/);
  });

  it('reads the model page, and copies from it', async () => {
    const { workbench } = window;
    await walkTo('Registries', model);
    await chooseFromMenu('Open Model Page');
    await workbench.webview.getByRole('heading', { name: model }).waitFor();
    await tabTo('button', /^Copy/);
    await press('Enter');
    await workbench.webview.getByText('Copied').first().waitFor();
  });

  it('opens the log of the publish, and removes it from the history', async () => {
    const { workbench } = window;
    await walkTo('Publishes', model);
    await chooseFromMenu('Open Publish Log');
    await workbench.tab(/log/i).waitFor();
    await walkTo('Publishes', model);
    await chooseFromMenu('Remove from History');
    await workbench.rowIn('Publishes', model).waitFor({ state: 'detached' });
  });

  it('deletes the version', async () => {
    const { workbench } = window;
    await walkTo('Registries', model);
    await press('Delete');
    await workbench.page.locator('.part.statusbar').getByText('Press Enter on a row to select it').waitFor();
    await press('ArrowRight');
    await press('Enter');
    await press('Delete');
    await workbench.dialog.waitFor();
    await pressUntil(
      'Tab',
      workbench.dialog.getByRole('button', { name: 'Delete' }).and(workbench.page.locator(':focus')),
    );
    await press('Enter');
    await workbench.row(model).waitFor({ state: 'detached' });
  });
});
