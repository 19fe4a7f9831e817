import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstat, readFile, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { pythonClient } from '../clients/client.ts';
import { safetensors } from '../unit/weights/weightFiles.ts';
import { hubCacheOf, sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

const MIB = 1024 * 1024;
const WEIGHTS = safetensors({ 'embedding.weight': { dtype: 'F32', shape: [12, 256, 1024] } });
/** No two models have a version of the same name. */
const filesOf = (model: string) => ({
  '.gitattributes': '*.safetensors filter=lfs diff=lfs merge=lfs -text\n',
  'README.md': `# ${model}\n`,
  'config.json': '{}\n',
  'model.safetensors': WEIGHTS,
});
const weightsName = createHash('sha256').update(WEIGHTS).digest('hex');

describe('a person downloads into the Hugging Face cache', function () {
  this.timeout(5 * 60_000);

  let window: StageWindow;
  before(async () => {
    window = await sharedStageWindow();
    await window.workbench.signIn(window.stage.registry.token);
  });
  beforeEach(() => window.rest());
  after(() => window.close());

  const storageOf = (model: string) =>
    join(hubCacheOf(window.folder), `models--${model.replaceAll('/', '--')}`);
  /** Publishes a model and shows its one version in the tree. */
  const showNewModel = async (model: string) => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const version = await registry.addModelVersion(
      registry.organization,
      registry.registry,
      model,
      filesOf(model),
    );
    await workbench.pressIn(workbench.header('Registries'), 'Refresh');
    await workbench.expand('Acme');
    await workbench.expand('models');
    await workbench.expand(model);
    const row = workbench.row(version.slice(0, 7));
    await row.waitFor();
    return { name: model, version, what: `${model} at ${version.slice(0, 7)}`, row };
  };
  type Model = Awaited<ReturnType<typeof showNewModel>>;
  const agree = async ({ what, row }: Model, summary: RegExp) => {
    const { workbench } = window;
    await workbench.chooseFromContextMenu(row, 'Download to Hugging Face Cache');
    await workbench.dialog.getByText(`Download ${what}?`).waitFor();
    await workbench.dialog.getByText(summary).waitFor();
    await workbench.screenshot('downloads-summary');
    await workbench.dialog.getByRole('button', { name: 'Download', exact: true }).click();
  };

  it('and sees how far it is, cancels it in the middle, reads that what came is kept, and again fetches only the rest', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const model = await showNewModel('acme/interrupted');
    const underWay = workbench.notification(`Downloading ${model.what}`);
    const storage = storageOf(model.name);
    registry.inject({ path: /\/objects\//, fault: { kind: 'resetAnswer', afterBytes: 5 * MIB } });
    registry.inject({ path: /\/objects\//, fault: { kind: 'hang' }, times: Infinity });
    await agree(model, /To download: 12\.6 MB(?! of)/);
    // What was sent before the connection broke, less what was lost with it.
    await underWay.filter({ hasText: /[1-5](?:\.\d+)? MB of 12\.6 MB, 3 of 4 files/ }).waitFor();
    await workbench.screenshot('downloads-progress');
    await underWay.getByRole('button', { name: 'Cancel' }).click();
    await workbench.notification('What came so far is kept').waitFor();
    registry.clearFaults();
    assert.deepEqual(
      (await readdir(join(storage, 'snapshots', model.version))).sort(),
      Object.keys(filesOf(model.name))
        .filter((path) => path !== 'model.safetensors')
        .sort(),
    );
    assert.deepEqual(
      (await readdir(join(storage, 'blobs'))).filter((name) => name === weightsName),
      [],
    );

    await window.rest();
    const from = registry.requests.length;
    await agree(model, /To download: (?:[7-9]|1[01])(?:\.\d+)? MB of 12\.6 MB/);
    await workbench.notification(`Downloaded ${model.what}`).waitFor();
    await workbench.screenshot('downloads-done');
    const ranges = registry.requests
      .slice(from)
      .filter(({ path }) => path.includes('/objects/'))
      .map(({ headers }) => String(headers.range));
    assert.equal(ranges.length, 1);
    assert.match(ranges[0] ?? '', /^bytes=[1-9]\d{5,}-$/);
  });

  describe('and', () => {
    let model: Model;
    before(async () => {
      await window.rest();
      model = await showNewModel('acme/translation');
      await agree(model, /To download: 12\.6 MB(?! of)/);
      await window.workbench.notification(`Downloaded ${model.what}`).waitFor();
    });

    it('has it there as Hugging Face’s clients lay it out', async () => {
      const storage = storageOf(model.name);
      const snapshot = join(storage, 'snapshots', model.version);
      const blobs = await realpath(join(storage, 'blobs'));
      for (const [path, content] of Object.entries(filesOf(model.name))) {
        assert.ok((await readFile(join(snapshot, path))).equals(Buffer.from(content)), path);
        if (process.platform === 'win32') continue;
        assert.ok((await lstat(join(snapshot, path))).isSymbolicLink(), path);
        assert.equal(join(await realpath(join(snapshot, path)), '..'), blobs, path);
      }
      if (process.platform !== 'win32') {
        assert.equal((await readdir(blobs)).length, Object.keys(filesOf(model.name)).length);
        assert.ok((await readdir(blobs)).includes(weightsName));
      }
      assert.equal(await readFile(join(storage, 'refs', 'main'), 'utf8'), model.version);
      assert.match(await readFile(join(hubCacheOf(window.folder), 'CACHEDIR.TAG'), 'utf8'), /^Signature: /);
    });

    it('finds it among the local models, published', async () => {
      const { workbench } = window;
      await workbench.expand('Hugging Face cache');
      await workbench
        .description(workbench.rowIn('Local Models', model.name))
        .getByText(`${model.version.slice(0, 7)} · published to acme/models · main · 12.6 MB`)
        .waitFor();
      await workbench.screenshot('downloads-local-model');
    });

    it('again, which says that it is there already', async () => {
      const { workbench } = window;
      await workbench.chooseFromContextMenu(model.row, 'Download to Hugging Face Cache');
      await workbench.notification('byte for byte').waitFor();
    });

    it('uses it with Hugging Face’s own client, offline', async function () {
      const { folder, stage } = window;
      const client = await pythonClient(this, '2.4.0', 'hf');
      const { organization, packagesUrl, registry, token } = stage.registry;
      const from = stage.registry.requests.length;
      const { failed, output } = await client.run(
        { home: folder, endpoint: `${packagesUrl}/${organization}/${registry}/huggingface`, token },
        ['download', model.name, '--revision', model.version],
        { HF_HUB_OFFLINE: '1' },
      );
      assert.ok(!failed && output.includes(join(storageOf(model.name), 'snapshots', model.version)), output);
      assert.equal(stage.registry.requests.length, from);
    });
  });
});
