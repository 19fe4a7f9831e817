import assert from 'node:assert/strict';
import type { Fault } from '../registry/registry.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

/** What a browser has. */
declare const getComputedStyle: (element: unknown) => { readonly color: string };

describe('a person sees in the tree', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  let model: string;
  /** How the server is called in sentences. */
  let host: string;

  before(async () => {
    window = await openStageWindow();
    const { stage, workbench } = window;
    const { registry } = stage;
    host = new URL(registry.apiUrl).host;
    [model = ''] = await registry.addManyVersions('acme', 'models', { models: 1, versions: 40 });
    await workbench.signIn(registry.addToken({ scopes: everything, organizations: ['acme'] }));
    await workbench.row('models').waitFor();
  });
  after(() => window.close());
  afterEach(() => window.stage.registry.clearFaults());

  const everything = [
    ...['read_organizations', 'read_registries', 'read_packages'],
    ...['write_packages', 'write_registries', 'delete_packages', 'delete_registries'],
  ];
  /** Reads the registry of models again and meets the fault; the row that tells of it. */
  const met = async (fault: Fault, label: string) => {
    const { stage, workbench } = window;
    stage.registry.inject({ path: /\/registries\/models\/packages/, fault, times: Infinity });
    await workbench.runCommand('Model Registries: Refresh Registries');
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
    for (let [icon, label] = await colours('Python tools'); icon !== label;) {
      [icon, label] = await colours('Python tools');
    }
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
    await workbench.expand('models');
    await workbench.row(model).click();
    await workbench.rows.filter({ hasText: 'Checkpoint 40 of model 0' }).waitFor();
    await page.keyboard.press('End');
    const more = workbench.row('Load more (30 shown)');
    while (!(await more.and(page.locator('.focused')).isVisible())) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await workbench.rows.filter({ hasText: 'Load more' }).waitFor({ state: 'detached' });
    await workbench.rows.filter({ hasText: 'Checkpoint 10 of model 0' }).waitFor();
    await page.keyboard.press('Home');
    await workbench.row(model).click();
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
    await workbench.runCommand('Model Registries: Refresh Registries');
    const row = workbench.rows.filter({ hasText: `${host} asks to wait until` });
    await row.filter({ hasText: 'Tries again by itself' }).waitFor();
    await workbench.screenshot('registries-rate-limited');
    stage.registry.clearFaults();
    await workbench.row(model).waitFor();
  });

  it('that something is not permitted, in the words of the server', async () => {
    const { workbench } = window;
    const said = 'Your team has no access to this registry';
    const row = await met(status(403, JSON.stringify({ message: said })), 'Not permitted');
    await row.hover();
    await workbench.page.locator('.workbench-hover').filter({ hasText: said }).waitFor();
    await workbench.screenshot('registries-forbidden');
    await workbench.pressIn(row, 'Retry');
    await row.waitFor();
  });

  it('that a server or what stands before it is broken, without a notification', async () => {
    const { workbench } = window;
    const { page } = workbench;
    await met(status(404, JSON.stringify({ message: 'Not Found' })), 'Not found');
    window.stage.registry.clearFaults();
    await met(status(500, 'Oh no'), `An error of ${host}`);
    window.stage.registry.clearFaults();
    await met(
      status(200, '<html>Log in to the network</html>', { 'content-type': 'text/html' }),
      `An answer of ${host} that makes no sense`,
    );
    await workbench.screenshot('registries-broken');
    assert.equal(await page.locator('.notification-toast').count(), 0);
  });
});
