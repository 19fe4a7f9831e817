import assert from 'node:assert/strict';
import { join } from 'node:path';
import { makeBkProgram, type BkProgram } from '../setup/bkProgram.ts';
import { makeSampleWorkspace } from '../setup/sampleModel.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

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
  });
  beforeEach(async () => {
    await window.rest();
    await window.workbench.signOut();
  });
  after(() => window.close());

  it('reads why there are no local models', async () => {
    const { workbench } = window;
    await workbench.page
      .locator('.part.sidebar .welcome-view-content')
      .getByText('models are listed and can be published once you trust this workspace')
      .waitFor();
    await workbench.screenshot('local-models-restricted');
  });

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
    await workbench.signIn(stage.registry.token);
    await workbench.row('Acme').waitFor();
    await workbench.page.keyboard.press('F1');
    await workbench.quickInput.type('>Model Registries: ');
    await workbench.quickInput.option('Model Registries: Refresh').waitFor();
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
