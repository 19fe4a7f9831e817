import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleHead } from './sampleFiles.ts';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

describe('a person looks into versions', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  const model = 'acme/language-detection';
  /** A version published from another commit, and one from HEAD of the workspace. */
  let older: string;
  let newer: string;

  before(async () => {
    window = await sharedStageWindow();
    const { stage, workbench } = window;
    const { registry } = stage;
    const head = await sampleHead(stage.workspace);
    const publish = (changes: Readonly<Record<string, string>>, message: string) =>
      registry.addModelVersion(
        registry.organization,
        registry.registry,
        model,
        { ...head.files, ...changes },
        message,
      );
    older = await publish({ 'config.json': '{ "num_labels": 53 }\n' }, 'Tell 53 languages apart');
    newer = await publish(
      { 'config.json': '{ "num_labels": 54 }\n', 'notes.txt': 'One more\n' },
      `Tell 54 languages apart\n\nGit-Commit: ${head.commit}`,
    );
    await workbench.signIn(registry.addToken({ scopes, organizations: [registry.organization] }));
    await workbench.expand('models');
    await workbench.expand(model);
  });
  beforeEach(() => window.rest());
  after(() => window.close());

  const scopes = ['read_organizations', 'read_registries', 'read_packages'];
  const version = (sha: string) => window.workbench.row(sha.slice(0, 7));
  const diff = () => window.workbench.page.locator('.part.editor .multiDiffEditor');

  it('and knows the one that is HEAD, by mark and by subject', async () => {
    const { workbench } = window;
    const named = (subject: string, sha: string) => workbench.row(subject).and(version(sha)).waitFor();
    await named('Tell 54 languages apart', newer);
    await named('Tell 53 languages apart', older);
    await workbench
      .description(version(newer))
      .filter({ hasText: /^HEAD · / })
      .waitFor();
    assert.doesNotMatch(await workbench.description(version(older)).innerText(), /HEAD/);
  });

  it('and reads the model card rendered, and a text file that cannot be changed', async () => {
    const { workbench } = window;
    const { page } = workbench;
    await workbench.expand(newer.slice(0, 7));
    await workbench.row('README.md').click();
    await workbench.webview.getByRole('heading', { name: 'Language detection' }).waitFor();
    await workbench.row('config.json').click();
    await page.locator('.editor-instance .view-lines').filter({ hasText: '"num_labels": 54' }).click();
    await page.keyboard.type('x');
    await page
      .locator('.monaco-editor-overlaymessage')
      .filter({ hasText: 'a commit does not change' })
      .waitFor();
    await workbench.screenshot('files-text');
    await workbench.row('group1-shard1of1.bin').click();
    const notice = workbench.notification('“group1-shard1of1.bin” is not a text file');
    await notice.getByRole('button', { name: 'Download…' }).waitFor();
    await workbench.expand(newer.slice(0, 7));
    await workbench.description(version(newer)).filter({ hasText: / kB$/ }).waitFor();
  });

  it('and compares two that are selected, the older one first', async () => {
    const { workbench } = window;
    await workbench.select(version(newer), version(older));
    await workbench.chooseFromContextMenu(version(older), 'Compare with Another Version…');
    await workbench
      .tab(
        `${model}: ${older.slice(0, 7)} “Tell 53 languages apart” ↔ ${newer.slice(0, 7)} “Tell 54 languages apart”`,
      )
      .waitFor();
    await diff().getByText('"num_labels": 53').waitFor();
    await diff().getByText('"num_labels": 54').waitFor();
    await workbench.screenshot('files-compared');
  });

  it('and compares one with HEAD', async () => {
    const { workbench } = window;
    await workbench.select(version(newer));
    await workbench.chooseFromContextMenu(version(newer), 'Compare with HEAD');
    await workbench.tab(`${model}@${newer.slice(0, 7)} ↔ HEAD of language-detection`).waitFor();
    await diff().getByText('"model_type": "guesslang"').waitFor();
  });

  it('and copies what names it', async () => {
    const { workbench } = window;
    await workbench.select(version(older));
    const copied = (entry: string) =>
      workbench.copiedBy(() => workbench.chooseFromContextMenu(version(older), entry));
    assert.equal(await copied('Copy Commit SHA'), older);
    assert.equal(await copied('Copy Model ID'), model);
    assert.match(await copied('Copy Install Command'), new RegExp(`download ${model} .*${older}`, 's'));
  });

  it('and downloads one into a folder that it names', async () => {
    const { workbench, folder } = window;
    const { page, quickInput } = workbench;
    const target = join(folder, 'downloads', 'language-detection');
    await mkdir(target, { recursive: true });
    await workbench.select(version(older));
    await workbench.chooseFromContextMenu(version(older), 'Download to Folder…');
    await quickInput.titled(`Folder for ${model} at ${older.slice(0, 7)}`);
    // The dialog begins with the folder of the workspace, and lists it.
    await quickInput.option('language-detection').waitFor();
    await quickInput.type(`${target}/`);
    await quickInput.option('language-detection').waitFor({ state: 'detached' });
    await quickInput.widget.getByRole('button', { name: 'Download Here' }).click();
    await workbench.dialog.getByText(`Download ${model} at ${older.slice(0, 7)}?`).waitFor();
    await workbench.screenshot('files-download');
    await page.keyboard.press('Enter');
    await workbench.notification(`Downloaded ${model}`).waitFor();
    assert.equal(await readFile(join(target, 'config.json'), 'utf8'), '{ "num_labels": 53 }\n');
    const weights = 'group1-shard1of1.bin';
    assert.deepEqual(
      await readFile(join(target, weights)),
      await readFile(join(window.stage.workspace.model, weights)),
    );
  });
});
