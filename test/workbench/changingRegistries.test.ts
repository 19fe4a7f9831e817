import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

const reading = ['read_organizations', 'read_registries', 'read_packages'];
const everything = [
  ...reading,
  'read_teams',
  'write_packages',
  'write_registries',
  'delete_packages',
  'delete_registries',
];

describe('a person keeps registries in order', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  /** How many requests there had been when the test began. */
  let from: number;

  before(async () => {
    window = await sharedStageWindow();
  });
  const signIn = async (scopes: readonly string[]) => {
    const { stage, workbench } = window;
    await workbench.signIn(stage.registry.addToken({ scopes }));
    await workbench.expand('Rossum Robotics');
  };
  beforeEach(async () => {
    await window.rest();
    await window.workbench.signOut();
    from = window.stage.registry.requests.length;
  });
  after(() => window.close());

  /** The versions of a new model, oldest first. */
  const newModel = async (model: string, checkpoints: readonly string[]) => {
    const { registry } = window.stage;
    const versions: string[] = [];
    for (const checkpoint of checkpoints) {
      const files = { 'README.md': `# ${checkpoint}\n` };
      const message = `The ${checkpoint}`;
      versions.push(await registry.addModelVersion('rossum_robotics', 'perception', model, files, message));
    }
    return versions;
  };
  /** Opens a model in the tree. The rows of its versions. */
  const show = async (model: string, versions: readonly string[]) => {
    const { workbench } = window;
    await signIn(everything);
    await workbench.expand('Perception');
    await workbench.expand(model);
    const rows = versions.map((version) => workbench.row(version.slice(0, 7)));
    for (const row of rows) await row.waitFor();
    return rows;
  };
  const showNewRegistry = async (name: string) => {
    window.stage.registry.addRegistry('rossum_robotics', name, 'huggingface');
    await signIn(everything);
    return window.workbench.row(name);
  };
  const deleted = () =>
    window.stage.registry.requests
      .slice(from)
      .filter(({ method }) => method === 'DELETE')
      .map(({ path }) => path);

  it('creates one, sees it selected, and is shown the way out of its emptiness', async () => {
    const { workbench } = window;
    const { page, quickInput } = workbench;
    await signIn(everything);
    await workbench.pressIn(workbench.header('Registries'), 'Create Registry…');
    await quickInput.titled('Create Registry in Rossum Robotics');
    await page.keyboard.type('front END');
    await quickInput.asks('There is a registry “Front end” already.');
    await quickInput.type('Evaluation');
    await page.keyboard.press('Enter');
    await quickInput.asks('What the registry is for (optional)');
    await page.keyboard.type('Models under test');
    await page.keyboard.press('Enter');
    await quickInput.widget.locator('.monaco-list-row').filter({ hasText: 'Everyone' }).waitFor();
    await page.keyboard.press('Enter');
    const created = workbench.row('Evaluation').and(page.locator('[aria-selected=true]'));
    await created.waitFor();
    await workbench.description(created).filter({ hasText: 'Models under test' }).waitFor();

    await page.keyboard.press('ArrowRight');
    const empty = workbench.row('No models yet');
    await workbench.description(empty).filter({ hasText: 'Publish one' }).waitFor();
    await workbench.screenshot('registries-empty');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await quickInput.asks('Name of the model in rossum_robotics/evaluation');
    await page.keyboard.press('Escape');
    await quickInput.widget.waitFor({ state: 'detached' });
  });

  it('edits what it is for with F2', async () => {
    const { workbench } = window;
    const { page, quickInput } = workbench;
    const registry = await showNewRegistry('Candidates');
    await registry.click();
    await page.keyboard.press('F2');
    await quickInput.titled('Edit Description of Candidates');
    await quickInput.type('Candidates of the week');
    await page.keyboard.press('Enter');
    await workbench.description(registry).filter({ hasText: 'Candidates of the week' }).waitFor();
  });

  it('sees with Refresh what others publish meanwhile, whatever row has the focus', async () => {
    const { workbench } = window;
    const model = 'rossum/ear';
    const [row] = await show(model, await newModel(model, ['first']));
    await row!.click();
    await newModel('rossum/nose', ['first']);
    await workbench.pressIn(workbench.header('Registries'), 'Refresh');
    await workbench.row('rossum/nose').waitFor();
  });

  it('deletes a version with the key, after a question that can be declined', async () => {
    const { workbench } = window;
    const { page } = workbench;
    const model = 'rossum/arm-planner';
    const versions = await newModel(model, ['first', 'second']);
    const [older, newer] = (await show(model, versions)) as [Locator, Locator];
    await newer.click();
    await page.keyboard.press('Delete');
    const question = `Delete ${model} ${versions[1]!.slice(0, 7)} from rossum_robotics/perception?`;
    await workbench.dialog.getByText(question).waitFor();
    await workbench.screenshot('registries-delete');
    await page.keyboard.press('Escape');
    await workbench.dialog.waitFor({ state: 'detached' });
    assert.deepEqual(deleted(), []);

    await newer.click();
    await page.keyboard.press('Delete');
    await workbench.dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await newer.waitFor({ state: 'detached' });
    await older.waitFor();
    assert.equal(deleted().length, 1);
  });

  it('deletes several that are selected, from the menu', async () => {
    const { workbench } = window;
    const model = 'rossum/leg-planner';
    const versions = await newModel(model, ['first', 'second', 'third']);
    const [first, second, third] = (await show(model, versions)) as [Locator, Locator, Locator];
    await workbench.select(first, second);
    await workbench.chooseFromContextMenu(second, 'Delete Version…');
    await workbench.dialog.getByText('Delete 2 model versions?').waitFor();
    await workbench.dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await first.waitFor({ state: 'detached' });
    await second.waitFor({ state: 'detached' });
    await third.waitFor();
    assert.equal(deleted().length, 2);
  });

  it('is shown a model’s name letter for letter meanwhile, and no command that it holds', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const hostile = 'rossum/[Details](command:workbench.action.openSettings)';
    const versions = await newModel('rossum/reader', ['one', 'two']);
    // No server of ours would list such a name.
    const list = '/packages/organizations/rossum_robotics/registries/perception/packages';
    const answer = await fetch(new URL(registry.apiUrl + list), {
      headers: { authorization: `Bearer ${registry.token}` },
    });
    const body = (await answer.text()).replace(/rossum[^"]reader/g, hostile);
    assert.ok(body.includes(hostile), body);
    registry.inject({
      method: 'GET',
      path: /\/registries\/perception\/packages(\?|$)/,
      fault: { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body },
      times: Infinity,
    });
    const [one, two] = (await show(hostile, versions)) as [Locator, Locator];
    registry.inject({ method: 'DELETE', path: /\/packages\//, fault: { kind: 'hang' } });
    await workbench.select(one, two);
    await workbench.chooseFromContextMenu(two, 'Delete Version…');
    await workbench.dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    const notice = workbench.notification('Deleting model versions');
    await notice.getByText('[Details]').waitFor();
    assert.equal(await notice.locator('a[href], a[data-href], .notification-list-item-message a').count(), 0);
    await notice.getByRole('button', { name: 'Cancel' }).click();
    await notice.waitFor({ state: 'detached' });
    registry.clearFaults();
    await workbench.pressIn(workbench.header('Registries'), 'Refresh');
    await workbench.row('rossum/reader').waitFor();
  });

  it('deletes the registry once its name is typed', async () => {
    const { workbench } = window;
    const { page, quickInput } = workbench;
    const registry = await showNewRegistry('Retired');
    await workbench.select(registry);
    await workbench.chooseFromContextMenu(registry, 'Delete Registry…');
    await quickInput.titled('Delete Registry rossum_robotics/retired');
    await quickInput.asks('It is empty. Type “Retired” to confirm.');
    await quickInput.type('Retire');
    await page.keyboard.press('Enter');
    await quickInput.asks('This is not its name: Retired');
    await quickInput.type('Retired');
    await page.keyboard.press('Enter');
    await registry.waitFor({ state: 'detached' });
    await workbench.row('Perception').waitFor();
    assert.match(deleted().at(-1)!, /\/rossum_robotics\/registries\/retired$/);
  });

  it('is offered none of that with a token that only reads', async () => {
    const { workbench } = window;
    const { page, quickInput } = workbench;
    await signIn(reading);
    await workbench.openContextMenu(workbench.row('Perception'), 'Install & Publish Commands');
    const { menu } = workbench;
    for (const entry of ['Delete Registry…', 'Edit Description…', 'Publish Model Snapshot…']) {
      assert.equal(await menu.getByRole('menuitem', { name: entry }).count(), 0, entry);
    }
    await page.keyboard.press('Escape');
    const header = workbench.header('Registries');
    await header.hover();
    assert.equal(await header.getByRole('button', { name: 'Create Registry…' }).count(), 0);
    await workbench.row('Perception').click();
    await page.keyboard.press('F2');
    await page.keyboard.press('Delete');
    await workbench.pressIn(workbench.row('Rossum Robotics'), 'Find Model…');
    await quickInput.titled('Find Model in Rossum Robotics');
    assert.equal(await workbench.dialog.count(), 0);
  });
});
