import assert from 'node:assert/strict';
import type { Fault } from '../registry/registry.ts';
import { until } from '../setup/until.ts';
import { walkFocus } from './focusWalk.ts';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

/** What a browser has. */
declare const getComputedStyle: (element: unknown) => { readonly color: string };

const reading = ['read_organizations', 'read_registries', 'read_packages'];
const everything = [...reading, 'write_packages', 'write_registries', 'delete_packages', 'delete_registries'];

describe('a person', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  before(async () => {
    window = await sharedStageWindow();
    await window.workbench.showContainer('Model Registries');
  });
  beforeEach(() => window.rest());
  afterEach(() => window.workbench.signOut());
  after(() => window.close());

  describe('looks at registries', () => {
    const signIn = async (token: string) => {
      const { quickInput } = window.workbench;
      await quickInput.titled('Sign in to Buildkite');
      await quickInput.type(token);
      await quickInput.accept();
    };

    beforeEach(() => window.workbench.beginSignIn());

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
      await signIn(registry.addToken({ scopes: reading, organizations: ['odd'] }));
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
      const hover = (await workbench.hoverOf(version)).filter({ hasText: '$(flame) [hot](command:x)' });
      await hover.waitFor();
      assert.equal(await hover.locator('a, .codicon-flame').count(), 0);
    });

    it('and signs in again while registries are being listed', async () => {
      const { stage, workbench } = window;
      const { registry } = stage;
      const user = { name: 'Ada', email: 'ada@example.com' };
      const organizations = [registry.organization];
      const token = registry.addToken({ scopes: reading, user, organizations });
      registry.inject({ path: /\/registries$/, fault: { kind: 'hang' } });
      await signIn(token);
      await workbench.row('Acme').waitFor();
      registry.revokeToken(token);
      await workbench.runCommand('Model Registries: Refresh');
      const again = workbench.row('Sign in again');
      await again.waitFor();
      assert.equal(await workbench.row('Acme').count(), 0);
      await again.click();
      await signIn(registry.addToken({ scopes: reading, user, organizations }));
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
      await signIn(stage.registry.addToken({ scopes: reading }));
      await workbench.welcomeButton('Sign in with Another Token').waitFor();
      await workbench.screenshot('registries-no-organization');
      stage.registry.clearFaults();
      await workbench.welcomeButton('Look Again').click();
      await workbench.row('Acme').waitFor();
    });
  });

  describe('sees in the tree', () => {
    /** Has forty versions. */
    let model: string;
    /** How the server is called in sentences. */
    let host: string;

    before(async () => {
      const { registry } = window.stage;
      host = new URL(registry.apiUrl).host;
      [model = ''] = await registry.addManyVersions('acme', 'models', { models: 1, versions: 40 });
    });
    beforeEach(async function () {
      const { stage, workbench } = window;
      // Somebody else each time: a person may ask Buildkite only so often in a minute.
      const email = `${this.currentTest?.title.replaceAll(/\W/g, '')}@example.com`;
      const user = { name: 'Ada', email };
      await workbench.signIn(stage.registry.addToken({ scopes: everything, user, organizations: ['acme'] }));
      await workbench.expand('models');
      await workbench.row(model).waitFor();
    });

    /** Reads the registry of models again and meets the fault; the row that tells of it. */
    const met = async (fault: Fault, label: string) => {
      const { stage, workbench } = window;
      stage.registry.clearFaults();
      stage.registry.inject({ path: /\/registries\/models\/packages/, fault, times: Infinity });
      await workbench.runCommand('Model Registries: Refresh');
      const row = workbench.row(label);
      await row.waitFor();
      return row;
    };
    const status = (code: number, body: string, headers: Record<string, string> = {}): Fault => ({
      kind: 'status',
      status: code,
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

    it('registries of other ecosystems greyed and closed, with a way to the browser', async () => {
      const { stage, workbench } = window;
      const other = workbench.row('Python tools');
      await other.waitFor();
      assert.equal(await other.getAttribute('aria-expanded'), null);
      const colours = (label: string) =>
        Promise.all(
          ['.custom-view-tree-node-item-icon', '.label-name'].map((part) =>
            workbench
              .row(label)
              .locator(part)
              .evaluate((element: unknown) => getComputedStyle(element).color),
          ),
        );
      // The label follows once the editor has asked for its decoration.
      await until(async () => {
        const [icon, label] = await colours('Python tools');
        return icon === label;
      }, 'the name of a registry of another ecosystem has the colour of its icon');
      const [grey] = await colours('Python tools');
      assert((await colours('models')).every((colour) => colour !== grey));
      // The server of the workbench stands between, and in VS Code 1.105 keeps nothing of an address but its port.
      const { port } = new URL(stage.registry.webUrl);
      const opening = workbench.page.waitForEvent('popup');
      await workbench.pressIn(other, 'Open in Browser');
      const opened = await opening;
      await opened.waitForURL(new RegExp(`/${port}/(web/.*/python-tools)?$`));
      await opened.close();
    });

    it('thirty versions, and the others when asked for by keyboard', async () => {
      const { workbench } = window;
      const { page } = workbench;
      await workbench.expand(model);
      await workbench.rows.filter({ hasText: 'Checkpoint 40 of model 0' }).waitFor();
      const focused = workbench.registryRows.and(page.locator('.focused'));
      const more = workbench.row('Load more (30 shown)');
      await page.keyboard.press('End');
      await focused.filter({ hasNotText: model }).waitFor();
      await walkFocus(page, 'ArrowUp', focused, more.and(focused));
      await page.keyboard.press('Enter');
      await workbench.rows.filter({ hasText: 'Load more' }).waitFor({ state: 'detached' });
      await workbench.rows.filter({ hasText: 'Checkpoint 10 of model 0' }).waitFor();
    });

    it('that there is no connection, until there is one', async () => {
      const { stage, workbench } = window;
      const row = await met({ kind: 'resetRequest', afterBytes: 0 }, `No connection to ${host}`);
      await workbench.description(row).filter({ hasText: 'Try again' }).waitFor();
      await workbench.screenshot('registries-offline');
      stage.registry.clearFaults();
      await row.click();
      await row.waitFor({ state: 'detached' });
      await workbench.row(model).waitFor();
    });

    it('that the server asks to wait, and the rows once it does not', async () => {
      const { stage, workbench } = window;
      const body = JSON.stringify({ message: 'You have exceeded your API rate limit.' });
      stage.registry.inject({
        path: /\/registries\/models\/packages/,
        fault: status(429, body, { 'retry-after': '5' }),
        times: Infinity,
      });
      await workbench.runCommand('Model Registries: Refresh');
      const row = workbench.rows.filter({ hasText: `${host} asks to wait until` });
      await row.filter({ hasText: 'Retries by itself' }).waitFor();
      await workbench.screenshot('registries-rate-limited');
      stage.registry.clearFaults();
      await row.waitFor({ state: 'detached' });
      await workbench.row(model).waitFor();
    });

    it('that something is not permitted, in the words of the server', async () => {
      const { workbench } = window;
      const said = 'Your team has no access to this registry';
      const row = await met(status(403, JSON.stringify({ message: said })), 'Not permitted');
      const hover = await workbench.hoverOf(row);
      await hover.filter({ hasText: said }).waitFor();
      await workbench.screenshot('registries-forbidden');
      await workbench.pressIn(row, 'Retry');
      await row.waitFor();
    });

    it('that a server or what stands before it is broken, without a notification', async () => {
      const { workbench } = window;
      const { page } = workbench;
      await met(status(404, JSON.stringify({ message: 'Not Found' })), 'Not found');
      await met(status(500, 'Oh no'), `Error on ${host}`);
      await met(
        status(200, '<html>Log in to the network</html>', { 'content-type': 'text/html' }),
        `Unexpected answer from ${host}`,
      );
      await workbench.screenshot('registries-broken');
      assert.equal(await page.locator('.notification-toast').count(), 0);
    });
  });
});
