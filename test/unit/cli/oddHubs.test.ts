import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startOddHub, type Habits, type OddHub } from '../publish/oddHub.ts';
import { pointerTo, scratch, storeObject, type Repository } from '../snapshot/repositories.ts';
import { assertEnded, createCli, type Cli, type Ended } from './builtCli.ts';

interface Odd {
  readonly name: string;
  readonly habits: Partial<Habits>;
  /** Whether the hub shows by what its files differ, so that nothing new can be told. */
  readonly tells: boolean;
}

const HUBS: readonly Odd[] = [
  {
    name: 'lists what is no file',
    habits: {
      otherEntries: [
        { type: '', path: '', oid: '', size: 0 },
        { type: 'folder', path: 'data', size: 0 },
        { type: 'commit', path: 'submodule', oid: 'a'.repeat(40) },
        { path: 'nameless', size: 1 },
        { type: 'file', path: 'trailing/', size: 0 },
        { type: 'file' },
      ],
    },
    tells: true,
  },
  {
    name: 'names its commits by SHA-256',
    habits: { names: (count) => String(count).padStart(64, 'c') },
    tells: true,
  },
  { name: 'names its commits by numbers', habits: { names: (count) => String(count) }, tells: true },
  {
    name: 'calls every commit by its revision, and lists no files',
    habits: { names: (_, revision) => revision, listsFiles: false },
    tells: false,
  },
  {
    name: 'leaves out of a batch what it has',
    habits: { leavesOut: true },
    tells: true,
  },
];

describe('publishing from a terminal to a hub that', () => {
  const folders = scratch();
  let cli: Cli;
  let hub: OddHub;
  let repository: Repository;
  before(async () => (cli = await createCli()));
  after(() => cli.remove());
  afterEach(() => hub.stop());

  const weights = (path: string): void => {
    const content = randomBytes(3_000);
    repository.write(path, pointerTo(content));
    storeObject(join(repository.path, '.git/lfs'), content);
  };
  const publish = (...more: readonly string[]): Promise<Ended> =>
    cli.run(['publish', repository.path, '--hub', hub.endpoint.href, '--model', 'acme/model', ...more], {
      env: { HF_TOKEN: 'hub-token' },
    });
  it('has no namespaces', async () => {
    hub = await startOddHub({ branches: 'needed' });
    repository = folders.repository();
    repository.write('README.md', '# A model\n');
    repository.commit('First');
    for (const more of [[], ['--revision', 'v1']]) {
      const args = ['publish', repository.path, '--hub', hub.endpoint.href, '--model', 'demo', ...more];
      const ended = await cli.run(args, { env: { HF_TOKEN: 'hub-token' } });
      assertEnded(ended, 0);
      assert.match(ended.stdout, /demo/);
    }
    assert.deepEqual(hub.paths(), ['README.md']);
    assert.ok(hub.requests.includes('POST /api/models/demo/commit/main'), hub.requests.join('\n'));
    assert.deepEqual(hub.created[0], { name: 'demo', organization: null, type: 'model' });
  });

  const tracked = (): string[] => repository.git('ls-files').split('\n').sort();

  for (const { name, habits, tells } of HUBS) {
    it(`${name}: first, unchanged, changed, deletion`, async () => {
      hub = await startOddHub(habits);
      repository = folders.repository();
      repository.write('.gitattributes', '*.safetensors filter=lfs diff=lfs merge=lfs -text\n');
      repository.write('README.md', '# A model\n');
      repository.write('data/a.txt', 'a\n');
      repository.write('plain.bin', randomBytes(500).toString('hex'));
      weights('model.safetensors');
      repository.commit('First');
      const first = await publish();
      assertEnded(first, 0);
      assert.match(first.stdout, /^Published acme\/model to .* as /);
      assert.deepEqual(hub.paths(), tracked());

      const again = await publish('--dry-run');
      assertEnded(again, 0);
      if (tells) assert.match(again.stdout, /^Files: 5 unchanged$/m);
      const second = await publish();
      assertEnded(second, 0);
      assert.match(second.stdout, tells ? /already/ : /^Published/);
      assert.deepEqual(hub.paths(), tracked());
      const before = hub.commits().length;
      assert.equal(before, tells ? 1 : 2);

      repository.write('data/a.txt', 'b\n');
      repository.write('plain.bin', randomBytes(500).toString('hex'));
      weights('model.safetensors');
      repository.commit('Changed');
      assertEnded(await publish(), 0);
      const changed = hub.commits().at(-1);
      assert.equal(changed?.files.get('data/a.txt')?.content?.toString(), 'b\n');
      assert.ok(hub.stored.has(changed.files.get('model.safetensors')?.sha256 ?? ''));
      assert.ok(hub.stored.has(changed.files.get('plain.bin')?.sha256 ?? ''));

      repository.git('rm', '-q', 'data/a.txt');
      repository.commit('Deleted');
      const told = await publish('--dry-run');
      assert.match(told.stdout, /- data\/a\.txt/);
      assert.match(told.stdout, / 1 deleted/);
      assertEnded(await publish(), 0);
      assert.deepEqual(hub.paths(), tracked());
      assert.equal(hub.commits().length, before + 2);
    });
  }
});
