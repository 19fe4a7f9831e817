import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSampleWorkspace } from '../setup/sampleModel.ts';
import { openRepository, pointerTo, storeObject } from '../unit/snapshot/repositories.ts';
import type { Repository } from '../unit/snapshot/repositories.ts';
import { accessibilityFaultsIn } from './accessibility.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';
import { themes } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const VIEW = 'Publishes';

/** Local models of the workspace. */
const detection = 'language-detection';
const completion = 'code-completion';
const shards = ['model-00001-of-00003', 'model-00002-of-00003', 'model-00003-of-00003'].map(
  (name) => `${name}.safetensors`,
);

describe('a person follows what is published', function () {
  this.timeout(4 * 60_000);

  let window: StageWindow;
  let second: Repository;
  before(async () => {
    window = await openStageWindow(async (folder) => {
      second = await addSecondModel(folder, 100_000);
      return {};
    });
    const { stage, workbench } = window;
    await workbench.signIn(stage.registry.token);
    await workbench.row('Acme').waitFor();
    await workbench.fold('Registries');
    await workbench.unfold(VIEW);
    await workbench.heighten(VIEW, 450);
  });
  afterEach(async () => {
    window.stage.registry.clearFaults();
    await window.workbench.runCommand('Notifications: Clear All Notifications');
  });
  after(async () => {
    await window.workbench.screenshot('end-publishes');
    await window.close();
  });

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
    const focused = workbench.menu.locator('.action-item.focused');
    await workbench.menu.waitFor();
    do await keyboard.press('ArrowDown');
    while (!(await focused.filter({ hasText: 'Cancel Publish' }).isVisible()));
    await keyboard.press('Enter');

    await workbench.notification(`Publishing ${model} was cancelled`).waitFor();
    await says(model, /^acme\/models · cancelled · /);
    await row('Upload').waitFor({ state: 'detached' });
    assert(!stage.registry.requests.some(({ path }) => path.includes('/commit/')));
  });

  it('is heard when a button is held while numbers change', async () => {
    const { workbench } = window;
    hang(Infinity);
    await publish(workbench, completion, 'acme/held');
    await says('Upload', / of .*B\/s/);
    const upload = await row('Upload').innerText();
    await workbench.holdInRow(row('acme/held'), 'Cancel Publish', () =>
      row('Upload').filter({ hasNotText: upload }).waitFor(),
    );
    await says('acme/held', /^acme\/models · cancelled · /);
  });

  it('lets two wait behind another, takes one out, and sees the other go on', async () => {
    const { workbench } = window;
    hang(1);
    await publish(workbench, detection, 'acme/first');
    await says('Upload', / of .* files/);
    await publish(workbench, completion, 'acme/second');
    await says('acme/second', /^acme\/models · waiting for another publish to end$/);
    await publish(workbench, completion, 'acme/third');
    await says('acme/third', /^acme\/models · waiting for another publish to end$/);
    await counts(3);
    await workbench.screenshot('publishes-queue');

    await workbench.pressIn(row('acme/third'), 'Cancel Publish');
    await workbench.notification('Publishing acme/third was cancelled').waitFor();
    await row('acme/third').waitFor({ state: 'detached' });
    await workbench.pressIn(row('acme/first'), 'Cancel Publish');
    await says('acme/first', /^acme\/models · cancelled · /);
    await row('acme/second').and(workbench.page.locator('[aria-expanded]')).waitFor({ state: 'detached' });
    await says(
      'acme/second',
      new RegExp(`^acme/models · ${published('acme/second', 'rev-parse', '--short=7', 'HEAD')} · `),
    );
    await badge().waitFor({ state: 'hidden' });
    await workbench.screenshot('publishes-queue-ended');
  });

  it('is led from the row of a publish to its version, its install command and its log', async () => {
    const { stage, workbench } = window;
    const { keyboard } = workbench.page;
    const version = published('acme/second', 'rev-parse', 'HEAD');
    await workbench.chooseFromContextMenu(row('acme/second'), 'Show in Registries');
    await workbench
      .rowIn('Registries', version.slice(0, 7))
      .and(workbench.page.locator('[aria-selected=true]'))
      .waitFor();

    await workbench.chooseFromContextMenu(row('acme/second'), 'Copy Install Command of Published Version');
    const command = await copied(workbench, /hf download/);
    assert.match(command, new RegExp(`acme/second.*${version}`, 's'));
    assert(!command.includes(stage.registry.token));

    await workbench.chooseFromContextMenu(row('acme/second'), 'Open Publish Log');
    await workbench.tab(`acme-second@${second.git('rev-parse', '--short=7', 'HEAD')}.log`).waitFor();
    await workbench.page.locator('.part.editor .view-lines').click();
    await keyboard.press('ControlOrMeta+A');
    await keyboard.press('ControlOrMeta+C');
    const log = await copied(workbench, /stepStarted upload/);
    assert.match(log, /upload model-00001-of-00003\.safetensors/);
    assert(!log.includes(stage.registry.token));
    await keyboard.type('x');
    await workbench.page.getByText('Cannot edit in read-only editor').first().waitFor();
    await workbench.screenshot('publishes-log');
  });

  it('publishes again, and is asked only to confirm', async () => {
    const { workbench } = window;
    second.write('config.json', '{"model_type":"codegen","n_layer":20}\n');
    second.commit('Fewer layers');
    await workbench.chooseFromContextMenu(row('acme/second'), 'Publish Again');
    await workbench.dialog.getByText('Publish acme/second to acme/models?').waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.notification('Published acme/second').waitFor();
    await says('acme/second', /Fewer layers/);
    assert.equal(published('acme/second', 'log', '-1', '--format=%s'), 'Fewer layers');
  });

  it('looks at the changes first, and then publishes', async () => {
    const { workbench } = window;
    second.write('config.json', '{"model_type":"codegen","n_layer":21}\n');
    second.commit('One more layer');
    await askToPublish(workbench, completion, 'acme/second');
    await workbench.dialog.getByRole('button', { name: 'Show Changes' }).click();
    const diff = workbench.page.locator('.part.editor .multiDiffEditor');
    await diff.getByText('config.json').first().waitFor();
    await diff.getByText('"n_layer":21').first().waitFor();
    const question = workbench.notification('Publish acme/second to acme/models?');
    await question.waitFor();
    await workbench.screenshot('publishes-changes');
    await question.getByRole('button', { name: 'Publish' }).click();
    await workbench.notification('Published acme/second').waitFor();
    assert.equal(published('acme/second', 'log', '-1', '--format=%s'), 'One more layer');
  });

  it('searches the history, removes a record, and clears it all', async () => {
    const { workbench } = window;
    const { dialog, quickInput } = workbench;
    await workbench.pressIn(workbench.header(VIEW), 'Search Publish History…');
    await quickInput.titled('Search Publish History');
    await quickInput.type('nothing of the kind');
    await quickInput.option('No publish with “nothing of the kind”').waitFor();
    await quickInput.type('CANCELLED first');
    await quickInput.option('acme/first').waitFor();
    assert.equal(await quickInput.widget.getByRole('option').count(), 1);
    await workbench.screenshot('publishes-search');
    await quickInput.choose('acme/first');
    await workbench.tab(/^acme-first@/).waitFor();

    await workbench.chooseFromContextMenu(row('acme/first'), 'Remove from History');
    await row('acme/first').waitFor({ state: 'detached' });

    await workbench.pressIn(workbench.header(VIEW), 'More Actions');
    await workbench.chooseMenuEntry('Clear Publish History…');
    await dialog.getByText('Clear the history of publishes of this workspace?').waitFor();
    await workbench.screenshot('publishes-clear');
    await dialog.getByRole('button', { name: 'Clear History' }).click();
    await workbench.pane(VIEW).getByText('What you publish from this workspace is followed here').waitFor();
  });
});

describe('a person sees the Publishes view', function () {
  this.timeout(4 * 60_000);

  let window: StageWindow;
  before(async () => {
    window = await openStageWindow(async (folder) => {
      await addSecondModel(folder, 30_000_000);
      return {};
    });
    const { stage, workbench } = window;
    await workbench.page.setViewportSize({ width: 1200, height: 720 });
    await workbench.signIn(stage.registry.token);
    await workbench.row('Acme').waitFor();
    await workbench.widenSideBar(600);
    await workbench.fold('Registries');
    await workbench.unfold(VIEW);
    await workbench.heighten(VIEW, 450);
  });
  after(async () => {
    await window.workbench.screenshot('end-publishes-pictures');
    await window.close();
  });

  const uploads = { method: 'PUT', path: /^\/uploads\//, times: Infinity } as const;

  it('while files are on their way, another publish waits and others have ended, in every theme', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const local = openRepository(stage.workspace.model);
    await publish(workbench, detection, `acme/${detection}`);
    await workbench.notification(`Published acme/${detection}`).waitFor();
    registry.inject({ ...uploads, fault: { kind: 'hang' } });
    await publish(workbench, completion, `acme/${completion}`);
    await workbench.rowIn(VIEW, shards[0]!).waitFor();
    await workbench.pressIn(workbench.rowIn(VIEW, `acme/${completion}`), 'Cancel Publish');
    await workbench.notification(`Publishing acme/${completion} was cancelled`).waitFor();
    registry.clearFaults();
    await workbench.runCommand('Notifications: Clear All Notifications');

    registry.inject({ ...uploads, fault: { kind: 'slow', bytesPerSecond: 300_000 } });
    await publish(workbench, completion, `acme/${completion}`);
    for (const shard of shards) await workbench.rowIn(VIEW, shard).waitFor();
    await workbench.page.keyboard.press('ControlOrMeta+P');
    await workbench.quickInput.type(`${completion}/README.md`);
    await workbench.quickInput.choose('README.md');
    await workbench.tab('README.md').waitFor();
    local.write('notes.txt', 'Candidate of the week\n');
    local.commit('Candidate of the week');
    const committed = local.git('rev-parse', '--short=7', 'HEAD');
    await workbench.rowIn('Local Models', detection).filter({ hasText: committed }).waitFor();
    await publish(workbench, detection, 'acme/language-detection-next');
    await workbench.rowIn(VIEW, 'acme/language-detection-next').waitFor();
    await workbench.notification('Publishing acme/language-detection-next').waitFor();
    await workbench.hideNotifications();
    for (const { name, kind, picture } of themes) {
      await workbench.chooseTheme(name, kind);
      await workbench.quickInput.widget.waitFor({ state: 'detached' });
      for (const shard of shards) await workbench.rowIn(VIEW, shard).waitFor();
      await workbench.picture(`publishes-${picture}`);
      assert.deepEqual(await accessibilityFaultsIn(workbench.pane(VIEW)), [], name);
    }
  });
});

const card = `---
license: mit
pipeline_tag: text-generation
tags:
  - code
---

# Code completion

Goes on with what was begun in 12 programming languages.
`;

/** A second model beside the sample: weights in three objects of Git LFS, each of that many bytes. */
async function addSecondModel(folder: string, size: number): Promise<Repository> {
  const workspace = await makeSampleWorkspace(join(folder, 'acme'));
  const path = join(workspace.folder, completion);
  await mkdir(path);
  const repository = openRepository(path);
  repository.git('init', '--quiet', '--initial-branch=main');
  repository.git('config', 'user.name', 'Ada');
  repository.git('config', 'user.email', 'ada@example.com');
  repository.git('config', 'commit.gpgsign', 'false');
  // The files are pointers already.
  repository.git('config', 'filter.lfs.clean', 'cat');
  repository.write('.gitattributes', '*.safetensors filter=lfs diff=lfs merge=lfs -text\n');
  repository.write('README.md', card);
  repository.write('config.json', '{"model_type":"codegen","n_layer":24}\n');
  for (const shard of shards) {
    const content = Buffer.alloc(size, shard);
    repository.write(shard, pointerTo(content));
    storeObject(join(path, '.git', 'lfs'), content);
  }
  repository.commit('Complete code in 12 languages');
  return repository;
}

/** As far as the question before a publish. */
async function askToPublish(workbench: Workbench, local: string, model: string): Promise<void> {
  const { quickInput } = workbench;
  await workbench.chooseFromContextMenu(workbench.rowIn('Local Models', local), 'Publish Model Snapshot…');
  await quickInput.titled('Publish Model Snapshot');
  await quickInput.choose('models');
  await quickInput.asks('Name of the model in acme/models');
  await quickInput.type(model);
  await quickInput.accept();
  await workbench.dialog.getByText(`Publish ${model} to acme/models?`).waitFor();
}

async function publish(workbench: Workbench, local: string, model: string): Promise<void> {
  await askToPublish(workbench, local, model);
  await workbench.dialog.getByRole('button', { name: 'Publish', exact: true }).click();
}

/** What the clipboard holds once it is that. */
async function copied(workbench: Workbench, what: RegExp): Promise<string> {
  for (;;) {
    const text = await workbench.clipboard();
    if (what.test(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
