import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeBkProgram, type BkProgram } from '../setup/bkProgram.ts';
import { makeBuildkiteExtension, type BuildkiteExtensionStandIn } from '../setup/buildkiteExtension.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

describe('a person', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  let lender: BuildkiteExtensionStandIn;
  let bk: BkProgram;

  before(async () => {
    window = await openStageWindow(async (folder) => {
      lender = await makeBuildkiteExtension(join(folder, 'buildkite-vscode'));
      bk = await makeBkProgram(join(folder, 'tools'));
      return { extensions: [lender.folder], settings: { 'modelRegistries.bkPath': bk.program } };
    });
  });
  beforeEach(async () => {
    await window.rest();
    await window.workbench.signOut();
    await lender.signOut();
    await bk.logout();
  });
  after(() => window.close());

  /** Is asked for a token at once: nothing is there to be borrowed. */
  const isOfferedNothingElse = async () => {
    const { page, quickInput } = window.workbench;
    await window.workbench.beginSignIn();
    await quickInput.asks(/Paste an API access token/);
    await page.keyboard.press('Escape');
    await quickInput.widget.waitFor({ state: 'detached' });
  };

  describe('who is signed in to Buildkite’s own extension', () => {
    const SESSION = 'Use the session of Buildkite’s extension';

    /** A token as that extension would have it. */
    const newToken = () =>
      window.stage.registry.addToken({
        scopes: ['read_organizations', 'read_registries', 'read_packages'],
        user: { name: 'Ada', email: 'ada@example.com' },
      });
    /** Lends the session of an account that was not lent before: VS Code asks once for each. */
    const lend = async (account: string, token: string) => {
      const { workbench } = window;
      await lender.signIn({ account, token });
      await workbench.beginSignIn();
      await workbench.quickInput.option(SESSION).waitFor();
      await workbench.screenshot('accounts-ways');
      await workbench.quickInput.choose(SESSION);
      await workbench.dialog.getByRole('button', { name: 'Allow' }).click();
      await workbench.row('Acme').waitFor();
    };

    /** The first row below an organization. */
    const firstRegistry = () =>
      window.workbench.registryRows.and(window.workbench.page.locator('[aria-level="2"]')).first();

    it('is offered its session only while it has one', async () => {
      const { stage, workbench } = window;
      await isOfferedNothingElse();
      await lender.signIn({ account: 'offered@example.com', token: stage.registry.token });
      await workbench.beginSignIn();
      await workbench.quickInput.option(SESSION).waitFor();
    });

    it('lends it after VS Code has asked, and sees the registries', async () => {
      await lend('lent@example.com', newToken());
      assert.equal(existsSync(join(lender.folder, 'asked')), false);
    });

    it('goes on when that extension renews its token', async () => {
      const { stage, workbench } = window;
      const account = 'renewed@example.com';
      const token = newToken();
      await lend(account, token);
      stage.registry.revokeToken(token);
      await lender.signIn({ account, token: newToken() });
      const before = stage.registry.requests.length;
      await workbench.runCommand('Model Registries: Refresh');
      await workbench.expand('Acme');
      await firstRegistry().waitFor();
      assert(stage.registry.requests.slice(before).some(({ status }) => status === 200));
    });

    it('is asked to sign in again, in one row, once that extension is signed out, and finds unfolded what was', async () => {
      const { workbench } = window;
      const account = 'gone@example.com';
      await lend(account, newToken());
      await workbench.expand('Acme');
      await firstRegistry().waitFor();
      await window.rest();
      await lender.signOut();
      await workbench.row('Sign in again').waitFor();
      assert.equal(await workbench.registryRows.count(), 1);
      assert.equal(await workbench.page.locator('.notification-toast').count(), 0);
      assert.equal(existsSync(join(lender.folder, 'asked')), false);
      await lender.signIn({ account, token: newToken() });
      await firstRegistry().waitFor();
    });
  });

  describe('who is logged in to bk', () => {
    it('is offered that login only while there is one, and browses with it', async () => {
      const { stage, workbench } = window;
      await isOfferedNothingElse();
      await bk.login('acme', stage.registry.token);
      await workbench.beginSignIn();
      await workbench.quickInput.choose('Use the login of the command line bk');
      await workbench.expand('Acme');
      await workbench.row('models').waitFor();
    });
  });
});
