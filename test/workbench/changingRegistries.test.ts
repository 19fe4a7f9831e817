import assert from 'node:assert/strict';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

describe('a person keeps registries in order', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  const model = 'rossum/arm-planner';
  const versions: string[] = [];

  before(async () => {
    window = await openStageWindow();
    const { stage, workbench } = window;
    const { registry } = stage;
    for (const checkpoint of ['first', 'second', 'third', 'fourth']) {
      const files = { 'README.md': `# ${checkpoint}\n` };
      versions.push(
        await registry.addModelVersion('rossum_robotics', 'perception', model, files, `The ${checkpoint}`),
      );
    }
    await workbench.signIn(registry.token);
    await workbench.expand('Rossum Robotics');
  });
  after(() => window.close());

  const versionRow = (index: number) => window.workbench.row(versions.at(index)!.slice(0, 7));
  const paths = (method: string) =>
    window.stage.registry.requests.filter((request) => request.method === method).map(({ path }) => path);

  it('creates one, sees it selected, and is shown the way out of its emptiness', async () => {
    const { workbench } = window;
    const { page, quickInput } = workbench;
    await workbench.pressIn(workbench.header('Registries'), 'Create Registry…');
    await quickInput.titled('Create Registry in Rossum Robotics');
    await page.keyboard.type('front END');
    await quickInput.asks('There is a registry “Front end” already.');
    await quickInput.type('Evaluation');
    await page.keyboard.press('Enter');
    await quickInput.asks('What the registry is for; may stay empty');
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
    await workbench.row('Evaluation').click();
    await page.keyboard.press('F2');
    await quickInput.titled('Edit Description of Evaluation');
    await quickInput.type('Candidates of the week');
    await page.keyboard.press('Enter');
    await workbench
      .description(workbench.row('Evaluation'))
      .filter({ hasText: 'Candidates of the week' })
      .waitFor();
  });

  it('deletes a version with the key, after a question that can be declined', async () => {
    const { workbench } = window;
    const { page } = workbench;
    await workbench.expand('Perception');
    await workbench.expand(model);
    await versionRow(-1).click();
    await page.keyboard.press('Delete');
    const question = `Delete ${model} ${versions.at(-1)!.slice(0, 7)} from rossum_robotics/perception?`;
    await workbench.dialog.getByText(question).waitFor();
    await workbench.screenshot('registries-delete');
    await page.keyboard.press('Escape');
    await workbench.dialog.waitFor({ state: 'detached' });
    assert.deepEqual(paths('DELETE'), []);

    await versionRow(-1).click();
    await page.keyboard.press('Delete');
    await workbench.dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await versionRow(-1).waitFor({ state: 'detached' });
    await versionRow(-2).waitFor();
    assert.equal(paths('DELETE').length, 1);
  });

  it('deletes several that are selected, from the menu', async () => {
    const { workbench } = window;
    await workbench.select(versionRow(0), versionRow(1));
    await workbench.chooseFromContextMenu(versionRow(1), 'Delete Version…');
    await workbench.dialog.getByText('Delete 2 model versions?').waitFor();
    await workbench.dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await versionRow(0).waitFor({ state: 'detached' });
    await versionRow(1).waitFor({ state: 'detached' });
    await versionRow(2).waitFor();
    assert.equal(paths('DELETE').length, 3);
  });

  it('is shown a model’s name letter for letter meanwhile, and no command that it holds', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const hostile = 'rossum/[Details](command:workbench.action.openSettings)';
    const shas: string[] = [];
    for (const text of ['one', 'two']) {
      const files = { 'README.md': `# ${text}\n` };
      shas.push(await registry.addModelVersion('rossum_robotics', 'perception', 'rossum/reader', files));
    }
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
    await workbench.pressIn(workbench.header('Registries'), 'Refresh');
    await workbench.expand(hostile);
    const rows = shas.map((sha) => workbench.row(sha.slice(0, 7)));
    registry.inject({ method: 'DELETE', path: /\/packages\//, fault: { kind: 'hang' } });
    await workbench.select(rows[0]!, rows[1]!);
    await workbench.chooseFromContextMenu(rows[1]!, 'Delete Version…');
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
    await workbench.select(workbench.row('Evaluation'));
    await workbench.chooseFromContextMenu(workbench.row('Evaluation'), 'Delete Registry…');
    await quickInput.titled('Delete Registry rossum_robotics/evaluation');
    await quickInput.asks('It is empty. Type Evaluation to delete the registry.');
    await quickInput.type('Evaluatio');
    await page.keyboard.press('Enter');
    await quickInput.asks('This is not its name: Evaluation');
    await quickInput.type('Evaluation');
    await page.keyboard.press('Enter');
    await workbench.row('Evaluation').waitFor({ state: 'detached' });
    await workbench.row('Perception').waitFor();
    assert.match(paths('DELETE').at(-1)!, /\/rossum_robotics\/registries\/evaluation$/);
  });

  it('is offered none of that with a token that only reads', async () => {
    const { stage, workbench } = window;
    const { page, quickInput } = workbench;
    await workbench.chooseFromAccountsMenu('grace@example.com (Buildkite (Model Registries))', 'Sign Out');
    await workbench.dialog.getByRole('button', { name: 'Sign Out' }).click();
    await workbench.signIn(stage.registry.readOnlyToken);
    await workbench.expand('Rossum Robotics');
    await workbench.openContextMenu(workbench.row('Perception'), 'Show Publish and Install Commands');
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
