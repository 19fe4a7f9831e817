import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstat, readFile, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { pythonClient } from '../clients/client.ts';
import { safetensors } from '../unit/weights/weightFiles.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

const MIB = 1024 * 1024;
const model = 'acme/translation';
const WEIGHTS = safetensors({ 'embedding.weight': { dtype: 'F32', shape: [12, 256, 1024] } });
const FILES = {
  '.gitattributes': '*.safetensors filter=lfs diff=lfs merge=lfs -text\n',
  'README.md': '# Translation\n',
  'config.json': '{}\n',
  'model.safetensors': WEIGHTS,
};
const weightsName = createHash('sha256').update(WEIGHTS).digest('hex');

describe('a person downloads into the Hugging Face cache', function () {
  this.timeout(5 * 60_000);

  let window: StageWindow;
  let version: string;

  /** As a Hugging Face client has it in this home. */
  const cacheIn = (folder: string) => join(folder, 'huggingface', 'hub');
  const storage = () => join(cacheIn(window.folder), 'models--acme--translation');

  before(async () => {
    window = await openStageWindow((folder) =>
      Promise.resolve({ environment: { HF_HUB_CACHE: cacheIn(folder), HF_HUB_DISABLE_SYMLINKS: '' } }),
    );
    const { registry } = window.stage;
    version = await registry.addModelVersion(registry.organization, registry.registry, model, FILES);
    const { workbench } = window;
    await workbench.signIn(registry.token);
    await workbench.expand('Acme');
    await workbench.expand('models');
    await workbench.expand(model);
    await workbench.row(short()).waitFor();
  });
  after(async () => {
    await window.workbench.screenshot('end-downloads');
    await window.close();
  });

  const short = () => version.slice(0, 7);
  const agree = async (summary: RegExp) => {
    const { workbench } = window;
    await workbench.chooseFromContextMenu(workbench.row(short()), 'Download to Hugging Face Cache');
    await workbench.dialog.getByText(`Download ${model} at ${short()}?`).waitFor();
    await workbench.dialog.getByText(summary).waitFor();
    await workbench.screenshot('downloads-summary');
    await workbench.dialog.getByRole('button', { name: 'Download', exact: true }).click();
  };
  const underWay = () => window.workbench.notification(`Downloading ${model} at ${short()}`);

  it('and sees how far it is, cancels it in the middle, and reads that what came is kept', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    registry.inject({ path: /\/objects\//, fault: { kind: 'resetAnswer', afterBytes: 5 * MIB } });
    registry.inject({ path: /\/objects\//, fault: { kind: 'hang' }, times: Infinity });
    await agree(/To download: 12\.6 MB of 12\.6 MB/);
    // What was sent before the connection broke, less what was lost with it.
    await underWay()
      .filter({ hasText: /[1-5](?:\.\d+)? MB of 12\.6 MB, 3 of 4 files/ })
      .waitFor();
    await workbench.screenshot('downloads-progress');
    await underWay().getByRole('button', { name: 'Cancel' }).click();
    await workbench.notification('What came so far is kept').waitFor();
    registry.clearFaults();
    assert.deepEqual(
      (await readdir(join(storage(), 'snapshots', version))).sort(),
      Object.keys(FILES)
        .filter((path) => path !== 'model.safetensors')
        .sort(),
    );
    assert.deepEqual(
      (await readdir(join(storage(), 'blobs'))).filter((name) => name === weightsName),
      [],
    );
  });

  it('and does it again, which fetches only the rest', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const from = registry.requests.length;
    await agree(/To download: (?:[7-9]|1[01])(?:\.\d+)? MB of 12\.6 MB/);
    await workbench.notification(`Downloaded ${model} at ${short()}`).waitFor();
    await workbench.screenshot('downloads-done');
    const ranges = registry.requests
      .slice(from)
      .filter(({ path }) => path.includes('/objects/'))
      .map(({ headers }) => String(headers.range));
    assert.equal(ranges.length, 1);
    assert.match(ranges[0] ?? '', /^bytes=[1-9]\d{5,}-$/);
  });

  it('and has it there as Hugging Face’s clients lay it out', async () => {
    const snapshot = join(storage(), 'snapshots', version);
    const blobs = await realpath(join(storage(), 'blobs'));
    for (const [path, content] of Object.entries(FILES)) {
      assert.ok((await readFile(join(snapshot, path))).equals(Buffer.from(content)), path);
      if (process.platform === 'win32') continue;
      assert.ok((await lstat(join(snapshot, path))).isSymbolicLink(), path);
      assert.equal(join(await realpath(join(snapshot, path)), '..'), blobs, path);
    }
    if (process.platform !== 'win32') {
      assert.equal((await readdir(blobs)).length, Object.keys(FILES).length);
      assert.ok((await readdir(blobs)).includes(weightsName));
    }
    assert.equal(await readFile(join(storage(), 'refs', 'main'), 'utf8'), version);
    assert.match(await readFile(join(cacheIn(window.folder), 'CACHEDIR.TAG'), 'utf8'), /^Signature: /);
  });

  it('and finds it among the local models, published', async () => {
    const { workbench } = window;
    await workbench.expand('Hugging Face cache');
    await workbench
      .description(workbench.rowIn('Local Models', model))
      .getByText(`${short()} · published to acme/models · main · 12.6 MB`)
      .waitFor();
    await workbench.screenshot('downloads-local-model');
  });

  it('and again, which says that it is there already', async () => {
    const { workbench } = window;
    await workbench.chooseFromContextMenu(workbench.row(short()), 'Download to Hugging Face Cache');
    await workbench.notification('byte for byte').waitFor();
  });

  it('and uses it with Hugging Face’s own client, offline', async function () {
    const { folder, stage } = window;
    const client = await pythonClient(this, '2.4.0', 'hf');
    const { organization, packagesUrl, registry, token } = stage.registry;
    const from = stage.registry.requests.length;
    const { failed, output } = await client.run(
      { home: folder, endpoint: `${packagesUrl}/${organization}/${registry}/huggingface`, token },
      ['download', model, '--revision', version],
      { HF_HUB_OFFLINE: '1' },
    );
    assert.ok(!failed && output.includes(join(storage(), 'snapshots', version)), output);
    assert.equal(stage.registry.requests.length, from);
  });
});
