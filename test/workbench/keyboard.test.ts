import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { until } from '../setup/until.ts';
import { walkFocus } from './focusWalk.ts';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';
import { twice } from './workbench.ts';

/** In a page. */
declare const document: { hasFocus(): boolean };

/** A model of the workspace, and what it is published as. */
const local = 'language-detection';
const published = `acme/${local}`;

/** Models of the registry. */
const model = 'acme/spoken';
const outdated = 'acme/outdated';

describe('a person without a mouse', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  /** The one version of each model. */
  const versions = new Map<string, string>();
  before(async () => {
    window = await sharedStageWindow();
    const { registry } = window.stage;
    for (const name of [model, outdated]) {
      const files = { 'README.md': '# Spoken\n' };
      versions.set(
        name,
        await registry.addModelVersion(registry.organization, registry.registry, name, files),
      );
    }
  });
  beforeEach(async () => {
    const { stage, workbench } = window;
    await window.rest();
    if (await workbench.welcomeButton('Sign in to Buildkite').isVisible())
      await workbench.signIn(stage.registry.token);
    await workbench.row('Acme').waitFor();
  });
  after(() => window.close());

  const press = (key: string) => window.workbench.page.keyboard.press(key);
  const type = (text: string) => window.workbench.page.keyboard.type(text);

  const run = async (command: string) => {
    const { quickInput } = window.workbench;
    await press('F1');
    await quickInput.widget.waitFor();
    await type(command);
    await quickInput.widget.locator('.monaco-list-row.focused').filter({ hasText: command }).waitFor();
    await press('Enter');
  };
  const focusedRow = (view: string) => window.workbench.pane(view).locator('.monaco-list-row.focused');
  /** Goes down in a view that has the focus to the row with that label, which is there or is still being loaded. */
  const goDownTo = async (view: string, label: string) => {
    const { page } = window.workbench;
    const row = window.workbench.rowIn(view, label);
    await row.waitFor();
    await walkFocus(page, 'ArrowDown', focusedRow(view), row.and(page.locator('.focused')));
  };
  /** Goes to the row with that label from the top of a view. */
  const walkTo = async (view: string, label: string) => {
    const list = window.workbench.page.locator(`.part.sidebar .monaco-list:focus[aria-label="${view}"]`);
    await twice(list, async () => {
      await run(`Model Registries: Focus on ${view} View`);
      // VS Code gives the focus to a view that was folded before its rows come, and takes it away with them.
      await window.workbench.rowIn(view, label).waitFor();
    });
    await press('Home');
    await goDownTo(view, label);
  };
  /** Opens the row that has the focus and was not opened before. */
  const unfold = async () => {
    const row = focusedRow('Registries');
    const unfolded = row.and(window.workbench.page.locator('[aria-expanded=true]'));
    if (!(await unfolded.isVisible())) await press('ArrowRight');
    await unfolded.waitFor();
  };
  /** Goes down the tree to a model. */
  const walkToModel = async (name: string) => {
    await walkTo('Registries', 'Acme');
    await unfold();
    await goDownTo('Registries', 'models');
    await unfold();
    await goDownTo('Registries', name);
  };
  /** Goes from a model, which has the focus, to its version. */
  const goToVersion = async (name: string) => {
    const version = window.workbench.row(versions.get(name)!.slice(0, 7));
    await unfold();
    await version.waitFor();
    await press('ArrowRight');
    await version.and(window.workbench.page.locator('.focused')).waitFor();
  };
  const chooseFromMenu = async (entry: string) => {
    const { menu, page } = window.workbench;
    await press('Shift+F10');
    await menu.getByRole('menuitem', { name: entry }).waitFor();
    // It is shown before it has the focus, and until then a key would go to the tree.
    await menu.locator(':focus').first().waitFor();
    const focused = menu.locator('.action-item.focused');
    await walkFocus(page, 'ArrowDown', focused, focused.filter({ hasText: entry }));
    await press('Enter');
  };
  /** The panel that was just opened shows that heading, and has the focus. */
  /** Resolves once the page says so to those who hear it. */
  const announced = (text: RegExp) =>
    window.workbench.webview.locator('.announcements').filter({ hasText: text }).waitFor();
  const opened = async (heading: string) => {
    const { webview } = window.workbench;
    await webview.getByRole('heading', { name: heading }).waitFor();
    await until(
      () => webview.locator('body').evaluate(() => document.hasFocus()),
      `the panel with the heading ${heading} has the focus`,
    );
  };
  /** Goes on in the panel to what is called so. */
  const goTo = async (key: string, target: Locator) => {
    const { page, webview } = window.workbench;
    const focused = webview.locator(':focus');
    await walkFocus(page, key, focused, target.and(focused));
  };

  it('signs in', async () => {
    const { stage, workbench } = window;
    await workbench.signOut();
    await run('Model Registries: Sign In');
    await workbench.quickInput.titled('Sign in to Buildkite');
    await type(stage.registry.token);
    await press('Enter');
    await workbench.quickInput.widget.waitFor({ state: 'detached' });
    await workbench.row('Acme').waitFor();
  });

  it('publishes a local model, opens the log of the publish, and removes it from the history', async () => {
    const { workbench } = window;
    await walkTo('Local Models', local);
    await chooseFromMenu('Publish Model Snapshot');
    await workbench.quickInput.titled('Publish Model Snapshot');
    await workbench.quickInput.option('models').waitFor();
    await type('models');
    await press('Enter');
    await workbench.quickInput.asks('Name of the model in acme/models');
    await press('ControlOrMeta+A');
    await type(published);
    await press('Enter');
    await workbench.dialog.getByText(`Publish ${published} to acme/models?`).waitFor();
    await press('Enter');
    await workbench.notification(`Published ${published}`).waitFor();

    // A publish has unfolded it.
    await workbench.rowIn('Publishes', published).waitFor();
    await walkTo('Publishes', published);
    await chooseFromMenu('Open Publish Log');
    await workbench.tab(/log/i).waitFor();
    await walkTo('Publishes', published);
    await chooseFromMenu('Remove from History');
    await workbench.rowIn('Publishes', published).waitFor({ state: 'detached' });
  });

  it('goes down the tree to a version, and copies how to install it', async () => {
    const { workbench } = window;
    await walkToModel(model);
    await goToVersion(model);
    await chooseFromMenu('Copy Install Command');
    await workbench.page.locator('.part.statusbar').getByText('Copied').waitFor();
    assert.match(await workbench.clipboard(), new RegExp(`hf download ${model}`));
  });

  it('copies a command of another tab of the instructions', async () => {
    const { workbench } = window;
    const { webview } = workbench;
    await walkToModel(model);
    await chooseFromMenu('Install & Publish Commands');
    await opened('Publish a new version');
    await goTo('Tab', webview.getByRole('tab', { name: 'Publish' }));
    const pipeline = webview.getByRole('tab', { name: 'Pipeline' });
    await goTo('ArrowRight', pipeline);
    await press('Enter');
    await pipeline.and(webview.locator('[aria-selected=true]')).waitFor();
    await goTo('Tab', webview.getByRole('button', { name: /^Copy/ }));
    await press('Enter');
    await announced(/copied/i);
    assert.match(await workbench.clipboard(), /buildkite-agent oidc request-token/);
  });

  it('reads the model page, and copies from it', async () => {
    const { webview } = window.workbench;
    await walkToModel(model);
    await chooseFromMenu('Open Model Page');
    await opened(model);
    await goTo('Tab', webview.getByRole('button', { name: /^Copy (?!for)/ }));
    await press('Enter');
    await announced(/copied/i);
  });

  it('deletes the version', async () => {
    const { workbench } = window;
    const { dialog, page } = workbench;
    await walkToModel(outdated);
    await press('Delete');
    await page.locator('.part.statusbar').getByText('Press Enter on a row to select it').waitFor();
    await goToVersion(outdated);
    await press('Enter');
    await press('Delete');
    await dialog.waitFor();
    const focused = dialog.locator(':focus');
    await walkFocus(page, 'Tab', focused, dialog.getByRole('button', { name: 'Delete' }).and(focused));
    await press('Enter');
    await workbench.row(outdated).waitFor({ state: 'detached' });
  });
});
