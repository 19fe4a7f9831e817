import assert from 'node:assert/strict';
import { walkFocus } from './focusWalk.ts';
import { Keyboard } from './keyboard.ts';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

/** A model of the workspace, and what it is published as. */
const local = 'language-detection';
const published = `acme/${local}`;

/** Models of the registry. */
const model = 'acme/spoken';
const outdated = 'acme/outdated';

describe('a person without a mouse', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  let keyboard: Keyboard;
  /** The one version of each model. */
  const versions = new Map<string, string>();
  before(async () => {
    window = await sharedStageWindow();
    keyboard = new Keyboard(window.workbench);
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

  /** Goes down the tree to a model. */
  const walkToModel = (name: string) => keyboard.walkDown('Acme', 'models', name);
  /** Goes from a model, which has the focus, to its version. */
  const goToVersion = (name: string) => keyboard.goToVersion(versions.get(name)!.slice(0, 7));
  /** Resolves once the page says so to those who hear it. */
  const announced = (text: RegExp) =>
    window.workbench.webview.locator('.announcements').filter({ hasText: text }).waitFor();

  it('signs in', async () => {
    const { stage, workbench } = window;
    await workbench.signOut();
    await keyboard.run('Model Registries: Sign In');
    await workbench.quickInput.titled('Sign in to Buildkite');
    await keyboard.type(stage.registry.token);
    await keyboard.press('Enter');
    await workbench.quickInput.widget.waitFor({ state: 'detached' });
    await workbench.row('Acme').waitFor();
  });

  it('publishes a local model, opens the log of the publish, and removes it from the history', async () => {
    const { workbench } = window;
    await keyboard.walkTo('Local Models', local);
    await keyboard.chooseFromMenu('Publish Model Snapshot');
    await workbench.quickInput.titled('Publish Model Snapshot');
    await keyboard.pick('models');
    await keyboard.answer('Name of the model in acme/models', published);
    await keyboard.agree(`Publish ${published} to acme/models?`, 'Publish');
    await workbench.notification(`Published ${published}`).waitFor();

    // A publish has unfolded it.
    await workbench.rowIn('Publishes', published).waitFor();
    await keyboard.walkTo('Publishes', published);
    await keyboard.chooseFromMenu('Open Publish Log');
    await workbench.tab(/log/i).waitFor();
    await keyboard.walkTo('Publishes', published);
    await keyboard.chooseFromMenu('Remove from History');
    await workbench.rowIn('Publishes', published).waitFor({ state: 'detached' });
  });

  it('goes down the tree to a version, and copies how to install it', async () => {
    const { workbench } = window;
    await walkToModel(model);
    await goToVersion(model);
    await keyboard.chooseFromMenu('Copy Install Command');
    await workbench.page.locator('.part.statusbar').getByText('Copied').waitFor();
    assert.match(await workbench.clipboard(), new RegExp(`hf download ${model}`));
  });

  it('copies a command of another tab of the instructions', async () => {
    const { workbench } = window;
    const { webview } = workbench;
    await walkToModel(model);
    await keyboard.chooseFromMenu('Install & Publish Commands');
    await keyboard.opened('Publish a new version');
    await keyboard.goTo('Tab', webview.getByRole('tab', { name: 'Publish' }));
    const pipeline = webview.getByRole('tab', { name: 'Pipeline' });
    await keyboard.goTo('ArrowRight', pipeline);
    await keyboard.press('Enter');
    await pipeline.and(webview.locator('[aria-selected=true]')).waitFor();
    await keyboard.goTo('Tab', webview.getByRole('button', { name: /^Copy/ }));
    await keyboard.press('Enter');
    await announced(/copied/i);
    assert.match(await workbench.clipboard(), /buildkite-agent oidc request-token/);
  });

  it('reads the model page, and copies from it', async () => {
    const { webview } = window.workbench;
    await walkToModel(model);
    await keyboard.chooseFromMenu('Open Model Page');
    await keyboard.opened(model);
    await keyboard.goTo('Tab', webview.getByRole('button', { name: /^Copy (?!for)/ }));
    await keyboard.press('Enter');
    await announced(/copied/i);
  });

  it('deletes the version', async () => {
    const { workbench } = window;
    const { dialog, page } = workbench;
    await walkToModel(outdated);
    await keyboard.press('Delete');
    await page.locator('.part.statusbar').getByText('Press Enter on a row to select it').waitFor();
    await goToVersion(outdated);
    await keyboard.press('Enter');
    await keyboard.press('Delete');
    await dialog.waitFor();
    const focused = dialog.locator(':focus');
    await walkFocus(page, 'Tab', focused, dialog.getByRole('button', { name: 'Delete' }).and(focused));
    await keyboard.press('Enter');
    await workbench.row(outdated).waitFor({ state: 'detached' });
  });
});
