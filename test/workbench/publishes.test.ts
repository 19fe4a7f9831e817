import assert from 'node:assert/strict';
import { openRepository } from '../unit/snapshot/repositories.ts';
import type { Repository } from '../unit/snapshot/repositories.ts';
import {
  addCompletionModel,
  askToPublish,
  completion,
  detection,
  learnAnew,
  publish,
} from './completionModel.ts';
import { walkFocus } from './focusWalk.ts';
import { accessibilityFaultsIn, colourFaultsIn } from './accessibility.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';
import { themes } from './workbench.ts';

const VIEW = 'Publishes';

/** Of each file of weights. */
const BYTES = 100_000;

describe('a person follows what is published', function () {
  this.timeout(4 * 60_000);

  let window: StageWindow;
  let second: Repository;
  before(async () => {
    window = await openStageWindow(async (folder) => {
      second = await addCompletionModel(folder, BYTES);
      return {};
    });
    const { stage, workbench } = window;
    await workbench.signIn(stage.registry.token);
    await workbench.row('Acme').waitFor();
  });
  beforeEach(async () => {
    const { workbench } = window;
    await window.rest();
    await workbench.fold('Registries');
    await workbench.unfold(VIEW);
    await workbench.heighten(VIEW, 450);
    // Of the other model, no test lets the weights through.
    learnAnew(second, BYTES);
    await localShowsHead();
  });
  after(async () => {
    await window.workbench.screenshot('end-publishes');
    await window.close();
  });

  /** Resolves once the second model's row knows its last commit, and so is not drawn anew when its menu is open. */
  const localShowsHead = () =>
    window.workbench
      .rowIn('Local Models', completion)
      .filter({ hasText: second.head().slice(0, 7) })
      .waitFor();
  const row = (label: string) => window.workbench.rowIn(VIEW, label);
  /** Resolves once the row says so besides its label. */
  const says = (label: string, text: RegExp) =>
    row(label)
      .filter({ has: window.workbench.page.locator('.label-description').getByText(text) })
      .waitFor();
  /** The first `times` files never come through. */
  const hang = (times: number) =>
    window.stage.registry.inject({ method: 'PUT', path: /^\/uploads\//, fault: { kind: 'hang' }, times });
  const published = (model: string, ...args: readonly string[]) => {
    const { registry } = window.stage;
    return openRepository(registry.gitDirectory(registry.organization, registry.registry, model)).git(
      ...args,
    );
  };
  /** Publishes the second model, until the row says that; the version's SHA. */
  const publishToTheEnd = async (model: string) => {
    const { workbench } = window;
    await publish(workbench, completion, model);
    await workbench.notification(`Published ${model}`).waitFor();
    const version = published(model, 'rev-parse', 'HEAD');
    await says(model, new RegExp(`^acme/models · ${version.slice(0, 7)} · `));
    return version;
  };
  const badge = () =>
    window.workbench.page
      .locator('.part.activitybar')
      .getByRole('tab', { name: /^Model Registries/ })
      .locator('.badge');
  const counts = (publishes: number) => badge().getByText(String(publishes), { exact: true }).waitFor();

  it('sees stages and the file on its way, hides the notification, and cancels from the row by keyboard', async () => {
    const { stage, workbench } = window;
    const { keyboard } = workbench.page;
    const model = `acme/${detection}`;
    const from = stage.registry.requests.length;
    hang(Infinity);
    await publish(workbench, detection, model);
    await says(model, /^acme\/models · Upload$/);
    for (const stageName of ['Plan', 'Hash', 'Commit', 'Verify']) await row(stageName).waitFor();
    // A stall is told, too.
    await says('Upload', /, 0 B\/s$/);
    await says('Upload', / of .*, \d of \d files/);
    await says('group1-shard1of1.bin', / of /);
    await counts(1);
    await workbench.notification(`Publishing ${model}`).waitFor();
    await workbench.screenshot('publishes-under-way');

    await workbench.hideNotifications();
    await says('group1-shard1of1.bin', / of /);
    await workbench.runCommand('Model Registries: Focus on Publishes View');
    await keyboard.press('Home');
    await row(model).and(workbench.page.locator('.focused')).waitFor();
    await keyboard.press('Shift+F10');
    await workbench.menu.waitFor();
    const focused = workbench.menu.locator('.action-item.focused');
    await walkFocus(workbench.page, 'ArrowDown', focused, focused.filter({ hasText: 'Cancel Publish' }));
    await keyboard.press('Enter');

    await workbench.notification(`Publishing ${model} was cancelled`).waitFor();
    await says(model, /^acme\/models · cancelled · /);
    await row('Upload').waitFor({ state: 'detached' });
    assert(!stage.registry.requests.slice(from).some(({ path }) => path.includes('/commit/')));
  });

  it('is heard when a button is held while numbers change', async () => {
    const { workbench } = window;
    hang(Infinity);
    await publish(workbench, completion, 'acme/held');
    await says('Upload', / of .*B\/s/);
    const change = async () => {
      const upload = await row('Upload').innerText();
      await row('Upload').filter({ hasNotText: upload }).waitFor();
    };
    // The row is drawn anew where a stage begins, which may be seen after the stage's first numbers.
    await change();
    await workbench.holdInRow(row('acme/held'), 'Cancel Publish', change);
    await says('acme/held', /^acme\/models · cancelled · /);
  });

  it('lets two wait behind another, which axe-core objects to in no theme, takes one out, and sees the other go on', async () => {
    const { workbench } = window;
    hang(1);
    await publish(workbench, detection, 'acme/first');
    await says('Upload', / of .* files/);
    await publish(workbench, completion, 'acme/second');
    await says('acme/second', /^acme\/models · waiting for another publish to end$/);
    await publish(workbench, completion, 'acme/third');
    await says('acme/third', /^acme\/models · waiting for another publish to end$/);
    await counts(3);
    await workbench.hideNotifications();
    for (const [index, { name, kind, picture }] of themes.entries()) {
      await workbench.chooseTheme(name, kind);
      await workbench.quickInput.widget.waitFor({ state: 'detached' });
      const faults = index === 0 ? accessibilityFaultsIn : colourFaultsIn;
      assert.deepEqual(await faults(workbench.pane(VIEW)), [], name);
      await workbench.screenshot(`publishes-queue-${picture}`);
    }

    await workbench.pressIn(row('acme/third'), 'Cancel Publish');
    await workbench.notification('Publishing acme/third was cancelled').waitFor();
    await row('acme/third').waitFor({ state: 'detached' });
    await workbench.pressIn(row('acme/first'), 'Cancel Publish');
    await says('acme/first', /^acme\/models · cancelled · /);
    await row('acme/second').and(workbench.page.locator('[aria-expanded]')).waitFor({ state: 'detached' });
    const version = published('acme/second', 'rev-parse', '--short=7', 'HEAD');
    await says('acme/second', new RegExp(`^acme/models · ${version} · `));
    await badge().waitFor({ state: 'hidden' });
    await workbench.screenshot('publishes-queue-ended');
  });

  it('is led from the row of a publish to its version, its install command and its log', async () => {
    const { stage, workbench } = window;
    const { keyboard } = workbench.page;
    const model = 'acme/led';
    const version = await publishToTheEnd(model);
    await workbench.chooseFromContextMenu(row(model), 'Show in Registries');
    await workbench
      .rowIn('Registries', version.slice(0, 7))
      .and(workbench.page.locator('[aria-selected=true]'))
      .waitFor();

    const command = await workbench.copiedBy(() =>
      workbench.chooseFromContextMenu(row(model), 'Copy Install Command'),
    );
    assert.match(command, new RegExp(`hf download.*${model}.*${version}`, 's'));
    assert(!command.includes(stage.registry.token));

    await workbench.chooseFromContextMenu(row(model), 'Open Publish Log');
    await workbench.tab(`acme-led@${second.head().slice(0, 7)}.log`).waitFor();
    const lines = workbench.page.locator('.part.editor .view-lines');
    await lines.filter({ hasText: /\S/ }).click();
    const log = await workbench.copiedBy(async () => {
      await keyboard.press('ControlOrMeta+A');
      await keyboard.press('ControlOrMeta+C');
    });
    assert.match(log, /stepStarted upload/);
    assert.match(log, /upload model-00001-of-00003\.safetensors/);
    assert(!log.includes(stage.registry.token));
    await keyboard.type('x');
    await workbench.page.getByText('Cannot edit in read-only editor').first().waitFor();
    await workbench.screenshot('publishes-log');
  });

  it('publishes again, and is asked only to confirm', async () => {
    const { workbench } = window;
    const model = 'acme/again';
    await publishToTheEnd(model);
    await window.rest();
    second.write('config.json', '{"model_type":"codegen","n_layer":20}\n');
    second.commit('Fewer layers');
    await workbench.chooseFromContextMenu(row(model), 'Publish Again');
    await workbench.dialog.getByText(`Publish ${model} to acme/models?`).waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.notification(`Published ${model}`).waitFor();
    await says(model, /Fewer layers/);
    assert.equal(published(model, 'log', '-1', '--format=%s'), 'Fewer layers');
  });

  it('looks at the changes first, and then publishes', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const model = 'acme/looked-at';
    const files = { 'config.json': '{"model_type":"codegen","n_layer":2}\n' };
    await registry.addModelVersion(registry.organization, registry.registry, model, files);
    second.write('config.json', '{"model_type":"codegen","n_layer":21}\n');
    second.commit('Many more layers');
    await localShowsHead();
    await askToPublish(workbench, completion, model);
    await workbench.dialog.getByRole('button', { name: 'Show Changes' }).click();
    const diff = workbench.page.locator('.part.editor .multiDiffEditor');
    await diff.getByText('config.json').first().waitFor();
    await diff.getByText('"n_layer":21').first().waitFor();
    await workbench.screenshot('publishes-changes');
    await workbench.page
      .locator('.editor-actions')
      .getByRole('button', { name: 'Publish', exact: true })
      .click();
    await workbench.notification(`Published ${model}`).waitFor();
    assert.equal(published(model, 'log', '-1', '--format=%s'), 'Many more layers');
  });

  it('searches the history, removes a record, and clears it all', async () => {
    const { workbench } = window;
    const { dialog, quickInput } = workbench;
    const model = 'acme/sought';
    hang(Infinity);
    await publish(workbench, detection, model);
    await says('Upload', / of .* files/);
    await workbench.pressIn(row(model), 'Cancel Publish');
    await says(model, /^acme\/models · cancelled · /);
    window.stage.registry.clearFaults();

    await workbench.pressIn(workbench.header(VIEW), 'Search Publish History…');
    await quickInput.titled('Search Publish History');
    await quickInput.type('nothing of the kind');
    await quickInput.option('No publish with “nothing of the kind”').waitFor();
    await quickInput.type('CANCELLED sought');
    await quickInput.option(model).waitFor();
    assert.equal(await quickInput.widget.getByRole('option').count(), 1);
    await workbench.screenshot('publishes-search');
    await quickInput.choose(model);
    await workbench.tab(/^acme-sought@/).waitFor();

    await workbench.chooseFromContextMenu(row(model), 'Remove from History');
    await row(model).waitFor({ state: 'detached' });

    await publishToTheEnd('acme/forgotten');
    await workbench.pressIn(workbench.header(VIEW), 'More Actions');
    await workbench.chooseMenuEntry('Clear Publish History…');
    await dialog.getByText('Clear the publish history of this workspace?').waitFor();
    await workbench.screenshot('publishes-clear');
    await dialog.getByRole('button', { name: 'Clear History' }).click();
    await workbench.pane(VIEW).getByText('What you publish from this workspace is shown here').waitFor();
  });
});
