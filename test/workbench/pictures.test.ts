import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { projectFolder } from '../setup/project.ts';
import { environmentWithHf } from '../setup/python.ts';
import type { SampleWorkspace } from '../setup/sampleModel.ts';
import { until } from '../setup/until.ts';
import { addCompletionModel, completion, detection, publish, shards } from './completionModel.ts';
import { Film } from './film.ts';
import { sampleHead } from './sampleFiles.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';
import { pictureFile, themes } from './workbench.ts';

const HOUR_MS = 3_600_000;

/** Of the film. Smaller, so that it can be read where it is shown smaller. */
const SCREEN = { width: 1040, height: 680 };

const COMMANDS = 'Install & Publish Commands';

/** Where vsce lets the pictures of the README be loaded from. */
const PICTURES = 'https://github.com/model-registries/model-registries-for-buildkite/raw/HEAD/';

/** Run where pictures are kept: all that these walks meet is looked at by other tests, too. */
describe('a person sees', function () {
  this.timeout(4 * 60_000);

  let window: StageWindow;
  before(async () => {
    window = await openStageWindow(async (folder) => {
      await addCompletionModel(folder, 30_000_000);
      // A prompt that tells nothing of this machine.
      const home = join(folder, 'home');
      await mkdir(home);
      await writeFile(join(home, '.bashrc'), "PS1='$ '\n");
      return { environment: { ...(await environmentWithHf('2.4.0')), HOME: home }, rootHub: {} };
    });
  });
  beforeEach(async () => {
    const { workbench } = window;
    await window.rest();
    await workbench.page.setViewportSize({ width: 1200, height: 720 });
    await workbench.showContainer('Model Registries');
    await workbench.widenSideBar(600);
  });
  afterEach(() => window.workbench.signOut());
  after(() => window.close());

  it('the way from a right-click to an installed model, as a film', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const { page, quickInput } = workbench;
    // Installed beside the model's own folder.
    const name = 'guesslang';
    const model = `acme/${name}`;
    await workbench.signIn(registry.token);
    await workbench.row('Acme').waitFor();
    await workbench.fold('Local Models');
    await workbench.fold('Publishes');
    await workbench.chooseTheme('Dark Modern', 'dark');
    await page.setViewportSize(SCREEN);
    await workbench.widenSideBar(330);
    await workbench.showContainer('Explorer');
    await workbench.row(detection).waitFor();
    registry.inject({
      ...{ method: 'PUT', path: /^\/uploads\//, times: Infinity },
      fault: { kind: 'slow', bytesPerSecond: 200_000 },
    });

    const film = await Film.of(page);
    await film.show(600);
    await film.click(workbench.row(detection), 'right');
    const publishEntry = workbench.menu.getByRole('menuitem', { name: 'Publish Model Snapshot…' });
    await film.pointAt(publishEntry);
    await film.show(900);
    await workbench.chooseMenuEntry('Publish Model Snapshot…');
    await quickInput.titled('Publish Model Snapshot');
    await film.click(quickInput.option('models'));
    await quickInput.asks('Name of the model in acme/models');
    await film.show(400);
    await quickInput.type('');
    await film.type(model);
    await film.show(500);
    await quickInput.accept();
    await workbench.dialog.getByText(`Publish ${model} to acme/models?`).waitFor();
    await film.show(2000);
    await film.click(workbench.dialog.getByRole('button', { name: 'Publish', exact: true }));

    const published = workbench.notification(`Published ${model}`);
    await film.until(() => published.isVisible());
    await film.show(800);
    await film.click(published.getByRole('button', { name: 'Show in Registries' }));
    const version = workbench.row(await registryHead(window, model));
    await version.waitFor();
    await film.settle(700);
    await film.click(version, 'right');
    const commands = workbench.menu.getByRole('menuitem', { name: COMMANDS });
    await film.pointAt(commands);
    await film.show(900);
    await workbench.chooseMenuEntry(COMMANDS);
    const run = workbench.webview.getByRole('button', { name: 'Run in Terminal: Install this version' });
    await run.waitFor();
    await film.settle(1200);
    await film.click(run);
    const installed = join(stage.workspace.folder, name, 'config.json');
    await film.until(() => existsSync(installed));
    await film.settle(400);
    await workbench.showContainer('Explorer');
    await film.click(workbench.row(name));
    await workbench.row('config.json').waitFor();
    await film.settle(2000);
    await film.end(await pictureFile('publish-and-install'));
  });

  it('the tree with a model card beside it, in dark, high contrast and light', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const organization = 'tyrell-research';
    const model = 'tyrell/language-detection';
    const newest = await publishVersions(stage.workspace, (files, message, at) =>
      registry.addModelVersion(organization, 'language-models', model, files, message, at),
    );
    const scopes = ['read_organizations', 'read_registries', 'read_packages', 'write_packages'];
    await workbench.unfold('Registries');
    await workbench.fold('Local Models');
    await workbench.fold('Publishes');
    await workbench.signIn(registry.addToken({ scopes, organizations: [organization] }));
    await workbench.expand('🤗 Language models');
    await workbench.expand(model);
    await workbench.expand(newest.slice(0, 7));
    await workbench.row('README.md').click();
    await workbench.webview.getByRole('heading', { name: 'Language detection' }).waitFor();
    await workbench
      .description(workbench.row(newest.slice(0, 7)))
      .filter({ hasText: /^HEAD · [0-9a-f]{7} \(Git [0-9a-f]{7}\) · 3 hours ago/ })
      .waitFor();
    for (const { name, kind, picture } of themes) {
      await workbench.chooseTheme(name, kind);
      await workbench.themed(kind);
      await workbench.quickInput.widget.waitFor({ state: 'detached' });
      await workbench.row('README.md').waitFor();
      await workbench.picture(`registries-${picture}`);
    }
  });

  it('a Hub in the same tree, in dark and light', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const { quickInput } = workbench;
    assert(registry.rootHub);
    const model = 'acme/code-language';
    const newest = await publishVersions(stage.workspace, (files, message, at) =>
      registry.addModelVersion(registry.organization, registry.registry, model, files, message, at),
    );
    await workbench.welcomeButton('Sign in to a Hub').click();
    await quickInput.choose('Paste an access token');
    await quickInput.titled(/^Sign in to/);
    await quickInput.type(registry.rootHub.token);
    await quickInput.accept();
    await workbench.expand('Hugging Face');
    await workbench.row('rossum_robotics').waitFor();
    // Rows that are drawn anew once more after signing in lose what was unfolded meanwhile.
    const folded = workbench.row('acme').and(workbench.page.locator('[aria-expanded=false]'));
    await until(async () => {
      if (await folded.isVisible()) await folded.click();
      return workbench.row(model).isVisible();
    }, 'the models of acme are listed');
    await workbench.expand(model);
    await workbench.expand(newest.slice(0, 7));
    await workbench.row('README.md').click();
    await workbench.webview.getByRole('heading', { name: 'Language detection' }).waitFor();
    for (const { name, kind, picture } of themes.filter(({ kind }) => !kind.startsWith('high'))) {
      await workbench.chooseTheme(name, kind);
      await workbench.themed(kind);
      await workbench.quickInput.widget.waitFor({ state: 'detached' });
      await workbench.row('README.md').waitFor();
      await workbench.picture(`hub-${picture}`);
    }
  });

  it('the Details page of the extension with its pictures, in dark and light', async () => {
    const { workbench } = window;
    const { page } = workbench;
    const asked: string[] = [];
    await page.context().route(`${PICTURES}**`, async (route) => {
      const path = route.request().url().slice(PICTURES.length);
      asked.push(path);
      await route.fulfill({ path: join(projectFolder, path) });
    });
    await workbench.runCommand('Extensions: Show Installed Extensions');
    await workbench.widenSideBar(300);
    await page.locator('.extensions-list .monaco-list-row', { hasText: 'Model Registries' }).first().click();
    await workbench.webview.getByRole('heading', { name: 'In detail' }).waitFor();
    const pictures = workbench.webview.getByRole('img');
    await until(
      async () =>
        pictures.evaluateAll((images) =>
          images.every((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0),
        ),
      'every picture is loaded',
    );
    assert.equal(await pictures.count(), asked.length);
    for (const { name, kind, picture } of themes.filter(({ kind }) => !kind.startsWith('high'))) {
      await workbench.chooseTheme(name, kind);
      await workbench.themed(kind);
      await workbench.quickInput.widget.waitFor({ state: 'detached' });
      await workbench.screenshot(`details-${picture}`);
    }
  });

  it('the Publishes view while files are on their way, another publish waits and others have ended, in every theme', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const view = 'Publishes';
    const row = (label: string) => workbench.rowIn(view, label);
    const uploads = { method: 'PUT', path: /^\/uploads\//, times: Infinity } as const;
    await workbench.signIn(registry.token);
    await workbench.row('Acme').waitFor();
    await workbench.fold('Registries');
    await workbench.unfold('Local Models');
    await workbench.unfold(view);
    await workbench.heighten(view, 450);

    await publish(workbench, detection, `acme/${detection}`);
    await workbench.notification(`Published acme/${detection}`).waitFor();
    registry.inject({ ...uploads, fault: { kind: 'hang' } });
    await publish(workbench, completion, `acme/${completion}`);
    await row(shards[0]!).waitFor();
    await workbench.pressIn(row(`acme/${completion}`), 'Cancel Publish');
    await workbench.notification(`Publishing acme/${completion} was cancelled`).waitFor();
    await window.rest();

    registry.inject({ ...uploads, fault: { kind: 'slow', bytesPerSecond: 300_000 } });
    await publish(workbench, completion, `acme/${completion}`);
    for (const shard of shards) await row(shard).waitFor();
    await workbench.page.keyboard.press('ControlOrMeta+P');
    await workbench.quickInput.type(`${completion}/README.md`);
    await workbench.quickInput.choose('README.md');
    await workbench.tab('README.md').waitFor();
    await publish(workbench, detection, 'acme/language-detection-next');
    await row('acme/language-detection-next').waitFor();
    await workbench.notification('Publishing acme/language-detection-next').waitFor();
    await workbench.hideNotifications();
    for (const { name, kind, picture } of themes) {
      await workbench.chooseTheme(name, kind);
      await workbench.quickInput.widget.waitFor({ state: 'detached' });
      for (const shard of shards) await row(shard).waitFor();
      await workbench.picture(`publishes-${picture}`);
    }
    await workbench.pressIn(row('acme/language-detection-next'), 'Cancel Publish');
    await row('acme/language-detection-next').waitFor({ state: 'detached' });
    const underWay = row(`acme/${completion}`).and(workbench.page.locator('[aria-expanded=true]'));
    await workbench.pressIn(underWay, 'Cancel Publish');
    await underWay.waitFor({ state: 'detached' });
  });
});

/** The abbreviated commit of that model's newest version in the registry. */
async function registryHead({ stage }: StageWindow, model: string): Promise<string> {
  const { registry } = stage;
  const repository = registry.gitDirectory(registry.organization, registry.registry, model);
  return (await execa('git', ['rev-parse', 'HEAD'], { cwd: repository })).stdout.slice(0, 7);
}

/** Three versions of the sample model, the newest of HEAD; its SHA. */
async function publishVersions(
  workspace: SampleWorkspace,
  publishVersion: (
    files: Readonly<Record<string, string | Buffer>>,
    message: string,
    at: Date,
  ) => Promise<string>,
): Promise<string> {
  const head = await sampleHead(workspace);
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
  const older = { ...head.files, 'config.json': '{ "num_labels": 30 }\n' };
  await publishVersion(older, 'Tell 30 programming languages apart', hoursAgo(22 * 24));
  await publishVersion({ ...head.files, LICENSE: 'MIT\n' }, 'Add 24 languages', hoursAgo(6 * 24));
  return publishVersion(
    head.files,
    `Tell 54 programming languages apart\n\nGit-Commit: ${head.commit}`,
    hoursAgo(3),
  );
}
