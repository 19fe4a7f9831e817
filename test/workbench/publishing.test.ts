import assert from 'node:assert/strict';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { hfClientOrSkip } from '../setup/python.ts';
import { until } from '../setup/until.ts';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

/** Themes that every supported VS Code has, by kind. */
const themes = [
  ['dark', 'Dark (Visual Studio)'],
  ['high-contrast', 'Dark High Contrast'],
  ['light', 'Light (Visual Studio)'],
] as const;

const model = 'acme/language-detection';

describe('a person', function () {
  this.timeout(5 * 60_000);

  let window: StageWindow;
  before(async () => {
    window = await sharedStageWindow();
  });
  after(async () => {
    await window.workbench.screenshot('end-publishing');
    await window.close();
  });

  describe('signs in, publishes a model and copies its install command', () => {
    /** SHA of HEAD of the sample model, and of the version that the registry made of it. */
    let head: string;
    let published: string;
    /** What the copy button of the install command copied. */
    let copied: string;

    before('signs in and browses', async () => {
      const { stage, workbench } = window;
      const { quickInput } = workbench;
      await window.rest();
      await workbench.signOut();
      await workbench.beginSignIn();
      await workbench.screenshot('1-welcome');
      await quickInput.titled('Sign in to Buildkite');
      await quickInput.type(stage.registry.token);
      await workbench.screenshot('2-sign-in');
      await quickInput.accept();
      await workbench.expand('Acme');
      await workbench.expand('models');
      await workbench.row('acme/sentiment-small').waitFor();
      await workbench.screenshot('3-browse');
    });

    before('publishes the model folder', async () => {
      const { workbench } = window;
      const { quickInput } = workbench;
      await workbench.showContainer('Explorer');
      await workbench.openContextMenu(workbench.row('language-detection'), 'Publish Model Snapshot…');
      // Its folder looks like a model's.
      await workbench.menu
        .getByRole('menuitem')
        .first()
        .and(workbench.menu.getByRole('menuitem', { name: 'Publish Model Snapshot…' }))
        .waitFor();
      await workbench.screenshot('4-explorer-menu');
      await workbench.chooseMenuEntry('Publish Model Snapshot…');
      await quickInput.titled('Publish Model Snapshot');
      await quickInput.option('models').waitFor();
      await workbench.screenshot('5-registry');
      await quickInput.choose('models');
      await quickInput.asks('Name of the model in acme/models');
      await quickInput.type(model);
      await workbench.screenshot('6-model-name');
      await quickInput.accept();
      await workbench.dialog.getByText(`Publish ${model} to acme/models?`).waitFor();
      await workbench.screenshot('7-summary');
      await workbench.dialog.getByRole('button', { name: 'Publish', exact: true }).click();
      await workbench.notification(`Published ${model}`).waitFor();
    });

    before('opens the commands of the new version and copies the one that installs it', async () => {
      const { stage, workbench } = window;
      head = await git(stage.workspace.model, 'rev-parse', 'HEAD');
      published = await git(publishedRepository(), 'rev-parse', 'HEAD');
      await workbench
        .notification(`Published ${model}`)
        .getByRole('button', { name: 'Show in Registries' })
        .click();
      const version = workbench.row(published.slice(0, 7));
      await version.waitFor();
      await workbench.chooseFromContextMenu(version, 'Install & Publish Commands');
      const copy = workbench.webview.getByRole('button', { name: 'Copy install command' });
      await copy.waitFor();
      await workbench.screenshot('8-commands');
      await copy.click();
      await workbench.webview.getByText('Install command copied').waitFor({ state: 'attached' });
      copied = await workbench.clipboard();
    });

    const publishedRepository = () => {
      const { registry } = window.stage;
      return registry.gitDirectory(registry.organization, registry.registry, model);
    };

    it('shows the new version and its files in the tree', async () => {
      const { workbench } = window;
      await workbench.showContainer('Model Registries');
      await workbench.expand(published.slice(0, 7));
      for (const file of [
        '.gitattributes',
        'README.md',
        'config.json',
        'group1-shard1of1.bin',
        'model.json',
      ]) {
        await workbench.row(file).waitFor();
      }
      await workbench.picture('published');
    });

    it('follows the theme: dark, high contrast and light', async () => {
      const { workbench } = window;
      for (const [kind, theme] of themes) {
        await workbench.chooseTheme(theme, kind);
        await workbench.themed(kind);
        await workbench.webview.getByRole('button', { name: 'Copy install command' }).waitFor();
        await workbench.screenshot(`10-${kind}`);
      }
    });

    it('leaves the token in no file of VS Code and in no copied command', async () => {
      const { stage, folder } = window;
      const data = join(folder, 'data');
      const files = (await readdir(data, { recursive: true, withFileTypes: true })).filter((entry) =>
        entry.isFile(),
      );
      assert.notEqual(files.length, 0);
      for (const { parentPath, name } of files) {
        const content = await readFile(join(parentPath, name));
        assert(!content.includes(stage.registry.token), join(parentPath, name));
      }
      assert(!copied.includes(stage.registry.token));
    });

    it('keeps the tree of HEAD in the registry, LFS pointers included, and names the commit it came from', async () => {
      const { stage, folder } = window;
      const clone = join(folder, 'clone');
      await git(folder, 'clone', '--quiet', publishedRepository(), clone);
      const tree = (repository: string) => git(repository, 'ls-tree', '-r', 'HEAD');
      assert.equal(await tree(clone), await tree(stage.workspace.model));
      assert.match(await git(clone, 'log', '-1', '--format=%B'), new RegExp(`^Git-Commit: ${head}$`, 'm'));
    });

    it('copies a command with which hf installs exactly the files of HEAD', async function () {
      const { stage, folder } = window;
      const { bin } = await hfClientOrSkip(this, '2.4.0');
      const where = join(folder, 'installed');
      await mkdir(where);
      const command = copied.replace('<your-token>', stage.registry.readOnlyToken);
      assert.notEqual(command, copied, 'the command has a place for the token');
      await execa(command, {
        shell: true,
        cwd: where,
        env: { PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`, HF_HOME: join(folder, 'hf-home') },
      });
      const installed = join(where, 'language-detection');
      const paths = (await git(stage.workspace.model, 'ls-tree', '-r', '--name-only', 'HEAD')).split('\n');
      const downloaded = (await readdir(installed)).filter((name) => name !== '.cache').sort();
      assert.deepEqual(downloaded, [...paths].sort());
      for (const path of paths) {
        assert.deepEqual(
          await readFile(join(installed, path)),
          await contentAt(stage.workspace.model, path),
          path,
        );
      }
    });
  });

  describe('whose window is loaded anew in the middle of a publish', () => {
    const cutShort = 'acme/cut-short';

    before(async () => {
      const { workbench } = window;
      await window.rest();
      await workbench.signOut();
    });

    it('is offered to resume, without having opened anything, and then has published', async () => {
      const { stage, workbench } = window;
      const { registry } = stage;
      const { quickInput } = workbench;
      await workbench.signIn(registry.token);
      await workbench.row('Acme').waitFor();
      await workbench.showContainer('Explorer');

      registry.inject({ method: 'POST', path: /\/commit\//, fault: { kind: 'hang' }, times: Infinity });
      const asked = registry.requests.length;
      await workbench.chooseFromContextMenu(workbench.row('language-detection'), 'Publish Model Snapshot…');
      await quickInput.titled('Publish Model Snapshot');
      await quickInput.choose('models');
      await quickInput.asks('Name of the model in acme/models');
      await quickInput.type(cutShort);
      await quickInput.accept();
      await confirm();
      await workbench.notification(`Publishing ${cutShort}`).waitFor();
      await until(
        () => registry.requests.slice(asked).some(({ path }) => path.includes('/commit/')),
        'the registry is asked to commit',
      );
      await workbench.load(stage.url);
      registry.clearFaults();

      const offer = workbench
        .notification(`Publishing ${cutShort} to`)
        .filter({ hasText: 'was interrupted' });
      await offer.waitFor();
      await workbench.screenshot('reload-offer');
      await offer.getByRole('button', { name: 'Resume' }).click();
      // A VS Code in the browser, without a keychain, keeps secrets no longer than its page.
      await workbench.dialog.getByRole('button', { name: 'Sign In' }).click();
      await quickInput.titled('Sign in to Buildkite');
      await quickInput.type(registry.token);
      await quickInput.accept();
      await summarized();
      await workbench.dialog.getByRole('button', { name: 'Show Changes' }).click();
      // The button in the diff's title, which is there as long as the diff is.
      const publish = workbench.page
        .locator('.editor-actions')
        .getByRole('button', { name: 'Publish', exact: true });
      await publish.waitFor();
      await workbench.screenshot('planned-changes');
      await publish.click();
      await workbench.notification(`Published ${cutShort}`).waitFor();
      const repository = registry.gitDirectory(registry.organization, registry.registry, cutShort);
      assert.equal(await git(repository, 'rev-list', '--count', 'main'), '1');

      async function summarized(): Promise<void> {
        await workbench.dialog.getByText(`Publish ${cutShort} to acme/models?`).waitFor();
      }

      async function confirm(): Promise<void> {
        await summarized();
        await workbench.dialog.getByRole('button', { name: 'Publish', exact: true }).click();
      }
    });
  });
});

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  return (await execa('git', [...args], { cwd })).stdout;
}

/** The file's bytes at HEAD: what `git show HEAD:path` prints, or the LFS object that it points to. */
async function contentAt(repository: string, path: string): Promise<Buffer> {
  const { stdout } = await execa('git', ['show', `HEAD:${path}`], {
    cwd: repository,
    encoding: 'buffer',
    stripFinalNewline: false,
  });
  const shown = Buffer.from(stdout);
  const sha256 = /^version https:\/\/git-lfs[^\n]*\noid sha256:([0-9a-f]{64})\n/.exec(shown.toString())?.[1];
  if (sha256 === undefined) return shown;
  return readFile(join(repository, '.git', 'lfs', 'objects', sha256.slice(0, 2), sha256.slice(2, 4), sha256));
}
