import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeBkProgram, type BkProgram } from '../setup/bkProgram.ts';
import { makeBuildkiteExtension, type BuildkiteExtensionStandIn } from '../setup/buildkiteExtension.ts';
import { makeSampleWorkspace } from '../setup/sampleModel.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

describe('a person who is signed in to Buildkite’s own extension', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  let lender: BuildkiteExtensionStandIn;
  const SESSION = 'Use the session of Buildkite’s extension';

  before(async () => {
    window = await openStageWindow(async (folder) => {
      lender = await makeBuildkiteExtension(join(folder, 'buildkite-vscode'));
      return { extensions: [lender.folder] };
    });
    await window.workbench.showContainer('Model Registries');
  });
  after(() => window.close());

  it('is offered its session only while it has one', async () => {
    const { workbench } = window;
    await workbench.beginSignIn();
    await workbench.quickInput.asks(/Paste an API access token/);
    await workbench.page.keyboard.press('Escape');
    await workbench.quickInput.widget.waitFor({ state: 'detached' });
  });

  it('lends it after VS Code has asked, and sees the registries', async () => {
    const { stage, workbench } = window;
    await lender.signIn({ account: 'ada@example.com', token: stage.registry.token });
    await workbench.beginSignIn();
    await workbench.quickInput.option(SESSION).waitFor();
    await workbench.screenshot('accounts-ways');
    await workbench.quickInput.choose(SESSION);
    await workbench.dialog.getByRole('button', { name: 'Allow' }).click();
    await workbench.row('Acme').waitFor();
    assert.equal(existsSync(join(lender.folder, 'asked')), false);
  });

  it('goes on when that extension renews its token', async () => {
    const { stage, workbench } = window;
    const renewed = stage.registry.readOnlyToken;
    stage.registry.revokeToken(stage.registry.token);
    await lender.signIn({ account: 'ada@example.com', token: renewed });
    const before = stage.registry.requests.length;
    await workbench.runCommand('Model Registries: Refresh Registries');
    await workbench.row('Acme').waitFor();
    await workbench.expand('Acme');
    await workbench.registryRows.and(workbench.page.locator('[aria-level="2"]')).first().waitFor();
    assert(stage.registry.requests.slice(before).some(({ status }) => status === 200));
  });

  it('is asked to sign in again, in one row, once that extension is signed out', async () => {
    const { workbench } = window;
    await lender.signOut();
    await workbench.row('Sign in again').waitFor();
    assert.equal(await workbench.registryRows.count(), 1);
    assert.equal(await workbench.page.locator('.notification-toast').count(), 0);
    assert.equal(existsSync(join(lender.folder, 'asked')), false);
  });
});

describe('a person who is logged in to bk', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  let bk: BkProgram;
  const LOGIN = 'Use the login of the command line bk';

  before(async () => {
    window = await openStageWindow(async (folder) => {
      bk = await makeBkProgram(join(folder, 'tools'));
      return { settings: { 'modelRegistries.bkPath': bk.program } };
    });
    await window.workbench.showContainer('Model Registries');
  });
  after(() => window.close());

  it('is offered that login only while there is one, and browses with it', async () => {
    const { stage, workbench } = window;
    const { page, quickInput } = workbench;
    await workbench.beginSignIn();
    await quickInput.asks(/Paste an API access token/);
    await page.keyboard.press('Escape');
    await quickInput.widget.waitFor({ state: 'detached' });

    await bk.login('acme', stage.registry.token);
    await workbench.beginSignIn();
    await quickInput.choose(LOGIN);
    await workbench.expand('Acme');
    await workbench.row('models').waitFor();
  });
});

describe('a person in Restricted Mode', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  let bk: BkProgram;

  before(async () => {
    window = await openStageWindow(async (folder) => {
      const opened = await makeSampleWorkspace(join(folder, 'acme'));
      bk = await makeBkProgram(join(opened.folder, 'tools'));
      return {
        restricted: true,
        settings: { 'modelRegistries.bkPath': bk.program },
        // No menu offers publishing there; a shortcut still reaches the command.
        keybindings: [{ key: 'ctrl+alt+p', command: 'modelRegistries.publish' }],
      };
    });
    await bk.login('acme', window.stage.registry.token);
    await window.workbench.showContainer('Model Registries');
  });
  after(() => window.close());

  it('signs in and browses, and no program of the folder runs', async () => {
    const { stage, workbench } = window;
    await workbench.beginSignIn();
    await workbench.quickInput.asks(/Paste an API access token/);
    await workbench.quickInput.type(stage.registry.token);
    await workbench.quickInput.accept();
    await workbench.row('Acme').waitFor();
    assert.deepEqual(await bk.calls(), []);
  });

  it('is not offered to publish, and told why where a shortcut asks for it, before anything is sent', async () => {
    const { stage, workbench } = window;
    await workbench.page.keyboard.press('F1');
    await workbench.quickInput.type('>Model Registries: ');
    await workbench.quickInput.option('Model Registries: Refresh Registries').waitFor();
    assert.equal(await workbench.quickInput.option(/^Model Registries: Publish Model/).count(), 0);
    await workbench.page.keyboard.press('Escape');
    await workbench.quickInput.widget.waitFor({ state: 'detached' });
    const before = stage.registry.requests.length;
    await workbench.page.keyboard.press('Control+Alt+p');
    const notice = workbench.notification('This workspace is not trusted');
    await notice.waitFor();
    await workbench.screenshot('accounts-restricted');
    assert.deepEqual(stage.registry.requests.slice(before), []);
    await notice.getByRole('button', { name: 'Manage Trust' }).click();
    await workbench.page.locator('.workspace-trust-editor').waitFor();
  });
});
