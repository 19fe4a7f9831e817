import assert from 'node:assert/strict';
import { pointerTo, scratch, storeObject, type Repository } from '../snapshot/repositories.ts';
import { join } from 'node:path';
import { safetensors } from '../weights/weightFiles.ts';
import { MODEL, startDownloads, type Downloads } from '../download/downloads.ts';
import { assertEnded, createCli, eventsOf, type Cli, type Ended } from './builtCli.ts';

const NESTED_CARD = `---
widget:
- text: Hello
loop: &loop [*loop]
model-index:
- name: tiny
  results:
  - task: { type: text-generation }
    metrics: [{ type: accuracy, value: 0.5 }]
---
`;
const CARD = '---\nlicense: mit\ntags:\n- tiny\n- test\n---\n# A model\n';

describe('what a terminal tells of a registry', () => {
  const folders = scratch();
  let cli: Cli;
  let downloads: Downloads;
  let hub: string;
  let first: string;
  let second: string;
  const weights = safetensors({ a: { dtype: 'F16', shape: [2, 3] }, b: { dtype: 'F32', shape: [4] } });
  before(async () => {
    cli = await createCli();
    downloads = await startDownloads();
    const { packagesUrl, organization, registry } = downloads.registry;
    hub = `${packagesUrl}/${organization}/${registry}/huggingface`;
    ({ commit: first } = await downloads.version({ 'README.md': CARD, 'old.txt': 'old' }));
    ({ commit: second } = await downloads.version({
      'README.md': `${CARD}More.\n`,
      'model.safetensors': weights,
    }));
    await downloads.version({ 'README.md': '# Another one\n' }, 'acme/other');
    await downloads.version({ 'README.md': NESTED_CARD }, 'acme/nested');
  });
  after(async () => {
    await downloads.stop();
    await cli.remove();
  });

  const run = (args: readonly string[], token = downloads.registry.token): Promise<Ended> =>
    cli.run([...args, '--hub', hub], { env: { HF_TOKEN: token } });
  const api = (): string[] => ['--api', downloads.registry.apiUrl];
  const events = async (...args: readonly string[]) => {
    const ended = await run([...args, '--json']);
    assertEnded(ended, 0);
    return eventsOf(ended.stdout);
  };

  describe('as a list of', () => {
    it('registries', async () => {
      const { organization, registry } = downloads.registry;
      const ended = await run(['list', 'registries', ...api()]);
      assertEnded(ended, 0);
      assert.ok(ended.stdout.split('\n').includes(`${organization}/${registry}`), ended.stdout);
      const listed = await events('list', 'registries', ...api());
      assert.ok(listed.some(({ slug, holdsModels }) => slug === registry && holdsModels === true));
    });

    it('models, each once, and those whose names hold a text', async () => {
      const models = await events('list', 'models', ...api());
      assert.deepEqual(models.map(({ model }) => model).sort(), ['acme/nested', 'acme/other', MODEL]);
      assert.equal(models.find(({ model }) => model === MODEL)?.commit, second);
      const named = await events('list', 'models', '--name', 'other', ...api());
      assert.deepEqual(
        named.map(({ model }) => model),
        ['acme/other'],
      );
    });

    it('versions, the newest first, and no more than are wanted', async () => {
      const versions = await events('list', 'versions', MODEL, ...api());
      assert.deepEqual(
        versions.map(({ commit }) => commit),
        [second, first],
      );
      const one = await run(['list', 'versions', MODEL, '--limit', '1', ...api()]);
      assertEnded(one, 0);
      assert.ok(one.stdout.startsWith(second));
      assert.match(one.stderr, /more than 1/);
      const ofBranch = await run(['list', 'versions', `${MODEL}@dev`, ...api()]);
      assertEnded(ofBranch, 1);
      assert.equal(ofBranch.stdout, '');
      assert.match(ofBranch.stderr, /Leave out “@dev”/);
    });

    it('files, without the REST API', async () => {
      const files = await events('list', 'files', `${MODEL}@${first}`);
      assert.deepEqual(files.map(({ path }) => path).sort(), ['README.md', 'old.txt']);
      const text = await run(['list', 'files', MODEL]);
      assert.match(text.stdout, /B {2}model\.safetensors/);
    });

    it('nothing without the address of the REST API, a token that may, or a model that is there', async () => {
      const unknown = await run(['list', 'models']);
      assertEnded(unknown, 1);
      assert.match(unknown.stderr, /--api/);
      const refused = await run(['list', 'models', ...api()], 'not-a-token');
      assertEnded(refused, 1);
      assert.match(refused.stderr, /read_organizations, read_registries and read_packages/);
      const missing = await run(['list', 'files', 'acme/missing', '--json']);
      assertEnded(missing, 1);
      assert.deepEqual(
        eventsOf(missing.stdout).map(({ kind, failure }) => [kind, failure]),
        [['failed', 'notFound']],
      );
    });
  });

  it('as one version: its card and its weights', async () => {
    const [version] = await events('show', MODEL);
    assert.equal(version?.commit, second);
    assert.equal(version.files, 4);
    assert.deepEqual(version.card, { license: 'mit', tags: ['tiny', 'test'] });
    const [set] = version.weights as readonly Record<string, unknown>[];
    assert.equal(set?.path, 'model.safetensors');
    assert.equal(set.parameters, 10);
    const text = await run(['show', MODEL]);
    assertEnded(text, 0);
    assert.match(text.stdout, /^license: mit$/m);
    assert.match(text.stdout, /^tags: tiny, test$/m);
    assert.match(text.stdout, /^model\.safetensors: .*10 parameters, F16 \+ F32$/m);
  });

  it('as one version whose card has mappings in it', async () => {
    const [version] = await events('show', 'acme/nested');
    const results = [{ task: { type: 'text-generation' }, metrics: [{ type: 'accuracy', value: '0.5' }] }];
    assert.deepEqual(version?.card, {
      widget: [{ text: 'Hello' }],
      loop: [null],
      'model-index': [{ name: 'tiny', results }],
    });
    const text = await run(['show', 'acme/nested']);
    assertEnded(text, 0);
    assert.match(text.stdout, /^widget: \[\{"text":"Hello"\}\]$/m);
  });

  describe('as a comparison of', () => {
    it('two versions', async () => {
      const changes = await events('compare', `${MODEL}@${first}`, `@${second}`);
      assert.deepEqual(
        changes.map(({ kind, change, path }) => [kind, change, path]),
        [
          ['file', 'new', '.gitattributes'],
          ['file', 'changed', 'README.md'],
          ['file', 'new', 'model.safetensors'],
          ['weights', 'new', undefined],
          ['compared', undefined, undefined],
        ],
      );
      assert.deepEqual(changes.at(-1), {
        kind: 'compared',
        ...{ before: first, after: second, new: 2, changed: 1, deleted: 0 },
      });
      const text = await run(['compare', `${MODEL}@${first}`, MODEL]);
      assertEnded(text, 0);
      assert.match(text.stdout, /^~ README\.md \(\d+ B → \d+ B\)$/m);
      assert.match(text.stdout, /^2 new, 1 changed, 0 deleted files/m);
    });

    it('a version and HEAD of a folder, either way round', async () => {
      const repository: Repository = folders.repository();
      repository.write('.gitattributes', '*.safetensors filter=lfs diff=lfs merge=lfs -text\n');
      repository.write('README.md', `${CARD}More.\n`);
      repository.write('model.safetensors', pointerTo(weights));
      storeObject(join(repository.path, '.git/lfs'), weights);
      repository.write('new.txt', 'new\n');
      const head = repository.commit('First');
      const changes = await events('compare', MODEL, repository.path);
      assert.deepEqual(
        changes.filter(({ path }) => path !== '.gitattributes').map(({ change, path }) => [change, path]),
        [
          ['new', 'new.txt'],
          ['deleted', 'old.txt'],
          [undefined, undefined],
        ],
      );
      assert.equal(changes.at(-1)?.after, head);
      const back = await events('compare', repository.path, MODEL);
      assert.deepEqual(
        back.filter(({ path }) => path === 'new.txt').map(({ change }) => change),
        ['deleted'],
      );
      assert.equal(back.at(-1)?.before, head);
    });

    it('weights: of versions and of HEAD by their headers, of two files byte by byte', async () => {
      const model = 'acme/other';
      const before = safetensors({ a: { dtype: 'F16', shape: [2, 3] }, b: { dtype: 'F32', shape: [4] } });
      const after = safetensors({ a: { dtype: 'BF16', shape: [2, 3] }, c: { dtype: 'F32', shape: [1] } });
      const { commit } = await downloads.version({ 'model.safetensors': before }, model);
      await downloads.version({ 'model.safetensors': after }, model);
      const ofWeights = (all: Awaited<ReturnType<typeof events>>) =>
        all.filter(({ kind }) => kind === 'tensor').map(({ change, name }) => [change, name]);
      const changes = await events('compare', `${model}@${commit}`, '@main');
      const expected = [
        ['type', 'a'],
        ['deleted', 'b'],
        ['new', 'c'],
      ];
      assert.deepEqual(ofWeights(changes), expected);
      const { before: from, after: to, ...set } = changes.find(({ kind }) => kind === 'weights') ?? {};
      assert.deepEqual(set, {
        ...{
          kind: 'weights',
          weights: 'model.safetensors',
          change: 'changed',
          alike: 0,
          compared: 'headers',
        },
      });
      assert.deepEqual(
        [from, to].map((side) => (side as { parameters: number }).parameters),
        [10, 7],
      );

      const repository: Repository = folders.repository();
      repository.write('.gitattributes', '*.safetensors filter=lfs diff=lfs merge=lfs -text\n');
      repository.write('model.safetensors', pointerTo(after));
      storeObject(join(repository.path, '.git/lfs'), after);
      repository.commit('First');
      assert.deepEqual(ofWeights(await events('compare', `${model}@${commit}`, repository.path)), expected);

      const [old, changed] = [
        join(repository.path, 'old.safetensors'),
        join(repository.path, 'new.safetensors'),
      ];
      const bytes = Buffer.from(before);
      bytes[bytes.length - 1] = 1;
      repository.write('old.safetensors', before);
      repository.write('new.safetensors', bytes);
      const local = await cli.run(['compare', old, changed, '--json']);
      assertEnded(local, 0);
      assert.deepEqual(ofWeights(eventsOf(local.stdout)), [['content', 'b']]);
      const text = await cli.run(['compare', old, changed]);
      assertEnded(text, 0);
      assert.match(text.stdout, /^~ b {2}F32 \[4\], other values$/m);
      const missing = await cli.run(['compare', old, './none.gguf']);
      assertEnded(missing, 1);
      assert.match(missing.stderr, /none\.gguf” is not there/);
    });

    it('nothing else', async () => {
      for (const sides of [
        ['./model.safetensors', MODEL],
        ['.', 'model.gguf'],
        ['.', './other'],
        ['.', '@main'],
        ['acme', MODEL],
      ]) {
        assertEnded(await run(['compare', ...sides]), 2);
      }
    });
  });
});
