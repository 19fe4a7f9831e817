import assert from 'node:assert/strict';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

const scopes = ['read_organizations', 'read_registries', 'read_packages'];

describe('a person looks at registries', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;

  const signIn = async (token: string) => {
    const { quickInput } = window.workbench;
    await quickInput.titled('Sign in to Buildkite');
    await quickInput.type(token);
    await quickInput.accept();
  };

  beforeEach(async () => {
    window = await openStageWindow();
    await window.workbench.showContainer('Model Registries');
    await window.workbench.beginSignIn();
  });
  afterEach(() => window.close());

  it('and reads odd names letter for letter', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const organization = '$(alert) **bold** [x](command:workbench.action.quit) <b>';
    registry.addOrganization('odd', organization);
    const { slug } = registry.addRegistry('odd', '$(zap) Shelf', 'huggingface');
    registry.addRegistry('odd', '~~Wheels~~ $(sync~spin)', 'python');
    await registry.addModelVersion(
      'odd',
      slug,
      'acme/told',
      { 'README.md': '#' },
      '$(flame) [hot](command:x)',
    );
    await signIn(registry.addToken({ scopes, organizations: ['odd'] }));
    await workbench.row(organization).waitFor();
    await workbench.row('~~Wheels~~ $(sync~spin)').waitFor();
    await workbench.expand('$(zap) Shelf');
    await workbench.expand('acme/told');
    const version = workbench.page
      .locator('.part.sidebar .monaco-list-row')
      .filter({ hasText: '$(flame) [hot](command:x)' });
    await version.waitFor();
    await workbench.screenshot('registries-odd-names');
    const rows = workbench.registryRows;
    const drawn = '.label-name .codicon, .label-description .codicon, .label-name a, .label-description a';
    assert.equal(await rows.locator(drawn).count(), 0);
    await version.hover();
    const hover = workbench.page.locator('.workbench-hover').filter({ hasText: '$(flame) [hot](command:x)' });
    await hover.waitFor();
    assert.equal(await hover.locator('a, .codicon-flame').count(), 0);
  });

  it('and signs in again while registries are being listed', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const user = { name: 'Ada', email: 'ada@example.com' };
    const organizations = [registry.organization];
    const token = registry.addToken({ scopes, user, organizations });
    registry.inject({ path: /\/registries$/, fault: { kind: 'hang' } });
    await signIn(token);
    await workbench.row('Acme').waitFor();
    registry.revokeToken(token);
    await workbench.runCommand('Model Registries: Refresh Registries');
    const again = workbench.row('Sign in again');
    await again.waitFor();
    assert.equal(await workbench.row('Acme').count(), 0);
    await again.click();
    await signIn(registry.addToken({ scopes, user, organizations }));
    await workbench.row('Acme').waitFor();
    await workbench.row(registry.registry).waitFor();
    assert.equal(await again.count(), 0);
  });

  it('and is told in the view that the token belongs to no organization', async () => {
    const { stage, workbench } = window;
    stage.registry.inject({
      path: /^\/v2\/organizations/,
      fault: { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body: '[]' },
      times: Infinity,
    });
    await signIn(stage.registry.addToken({ scopes }));
    await workbench.welcomeButton('Sign in with Another Token').waitFor();
    await workbench.screenshot('registries-no-organization');
    stage.registry.clearFaults();
    await workbench.welcomeButton('Look Again').click();
    await workbench.row('Acme').waitFor();
  });
});
