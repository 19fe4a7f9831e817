import assert from 'node:assert/strict';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

describe('a person', function () {
  this.timeout(3 * 60_000);

  const scopes = ['read_organizations', 'read_registries', 'read_packages'];
  const ada = { name: 'Ada', email: 'ada@example.com' };
  const kay = { name: 'Kay', email: 'kay@example.com' };

  let window: StageWindow;
  before(async () => {
    window = await sharedStageWindow();
  });
  beforeEach(async () => {
    await window.rest();
    await window.workbench.signOut();
  });
  after(() => window.close());

  describe('signs in, is refused, and signs out', () => {
    beforeEach(async () => {
      await window.workbench.beginSignIn();
      await window.workbench.quickInput.titled('Sign in to Buildkite');
    });

    it('reads in the box why a token is refused, and can correct it there', async () => {
      const { workbench } = window;
      const { quickInput } = workbench;
      await quickInput.type('bkua_unknown');
      await quickInput.accept();
      await quickInput.asks(/rejected this token/);
      await workbench.screenshot('accounts-refused');
      assert.equal(await quickInput.widget.locator('input[type=password]').inputValue(), 'bkua_unknown');
      assert.equal(await workbench.page.locator('.notification-toast').count(), 0);
      await quickInput.type('bkpt_of-a-registry');
      await quickInput.asks(/Paste an API access token\. Need one\? Create a token/);
      await quickInput.accept();
      await quickInput.asks(/registry token/);
      await workbench.page.keyboard.press('Escape');
      await quickInput.widget.waitFor({ state: 'detached' });
    });

    it('stops the check with Escape', async () => {
      const { stage, workbench } = window;
      const { quickInput } = workbench;
      stage.registry.inject({ path: /access-token/, fault: { kind: 'hang' } });
      const before = stage.registry.requests.length;
      await quickInput.type(stage.registry.token);
      await quickInput.accept();
      await quickInput.widget.locator('.monaco-progress-container.active').waitFor();
      await workbench.page.keyboard.press('Escape');
      await quickInput.widget.waitFor({ state: 'detached' });
      await workbench.welcomeButton('Sign in to Buildkite').waitFor();
      assert.deepEqual(
        stage.registry.requests.slice(before).map(({ status }) => status),
        [undefined],
      );
      assert.equal(await workbench.page.locator('.notification-toast').count(), 0);
    });

    it('finds the account in the Accounts menu, is told in one row when the token is refused, and signs out', async () => {
      const { stage, workbench } = window;
      const { quickInput } = workbench;
      const token = stage.registry.addToken({ scopes, user: ada });
      await quickInput.type(token);
      await quickInput.accept();
      await workbench.notification('it needs the scope write_packages').waitFor();
      await workbench.row('Acme').waitFor();

      stage.registry.revokeToken(token);
      await workbench.row('Acme').click();
      const again = workbench.row('Sign in again');
      await again.waitFor();
      await workbench.screenshot('accounts-sign-in-again');
      assert.equal(await workbench.registryRows.count(), 1);
      await again.click();
      await quickInput.titled('Sign in to Buildkite');
      await quickInput.type(stage.registry.addToken({ scopes, user: ada }));
      await quickInput.accept();
      await workbench.row('Acme').waitFor();

      await workbench.chooseFromAccountsMenu('ada@example.com (Model Registries)', 'Sign Out');
      await workbench.dialog.waitFor();
      await workbench.dialog.getByRole('button', { name: 'Sign Out' }).click();
      await workbench.welcomeButton('Sign in to Buildkite').waitFor();
    });
  });

  it('with two accounts sees which organization is whose, and goes on with one when the other is refused and signed out', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const { quickInput } = workbench;
    const all = [...scopes, 'write_packages'];
    const token = registry.addToken({ scopes: all, user: ada, organizations: ['acme'] });
    await workbench.signIn(token);
    await workbench.row('Acme').waitFor();
    await workbench.runCommand('Model Registries: Sign In…');
    await quickInput.titled('Sign in to Buildkite');
    await quickInput.type(
      registry.addToken({ scopes: all, user: kay, organizations: ['tyrell-research', 'rossum_robotics'] }),
    );
    await quickInput.accept();
    await workbench.description(workbench.row('Tyrell Research')).filter({ hasText: kay.email }).waitFor();
    await workbench.description(workbench.row('Rossum Robotics')).filter({ hasText: kay.email }).waitFor();
    await workbench.description(workbench.row('Acme')).filter({ hasText: ada.email }).waitFor();
    await workbench.screenshot('accounts-two');

    registry.revokeToken(token);
    await workbench.runCommand('Model Registries: Refresh');
    const again = workbench.row('Sign in again');
    await workbench.description(again).filter({ hasText: ada.email }).waitFor();
    assert.equal(await workbench.row('Acme').count(), 0);
    await workbench.expand('Rossum Robotics');
    await workbench.row('Perception').waitFor();

    await workbench.chooseFromContextMenu(again, 'Sign Out…');
    await workbench.dialog.getByRole('button', { name: 'Sign Out' }).click();
    await again.waitFor({ state: 'detached' });
    await workbench.row('Perception').waitFor();
    assert.equal(await workbench.row('Acme').count(), 0);
  });
});
