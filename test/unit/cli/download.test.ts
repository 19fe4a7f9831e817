import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noise } from '../../clients/folder.ts';
import { until } from '../../setup/until.ts';
import { filesIn, leftovers, MODEL, same, startDownloads, type Downloads } from '../download/downloads.ts';
import {
  assertEnded,
  createCli,
  eventsOf,
  lastEventOf,
  type Cli,
  type Ended,
  type RunOptions,
} from './builtCli.ts';

const WEIGHTS = noise(400_000, 5);
const FILES = {
  'README.md': '# A model\n',
  'config.json': '{"hidden_size": 8}\n',
  'onnx/model.onnx': noise(120_000, 6),
  'model.safetensors': WEIGHTS,
};

describe('downloading from a terminal', () => {
  let cli: Cli;
  let downloads: Downloads;
  let hub: string;
  let commit: string;
  let folders = 0;
  before(async () => {
    cli = await createCli();
    downloads = await startDownloads();
    const { packagesUrl, organization, registry } = downloads.registry;
    hub = `${packagesUrl}/${organization}/${registry}/huggingface`;
    ({ commit } = await downloads.version(FILES));
  });
  after(async () => {
    await downloads.stop();
    await cli.remove();
  });
  afterEach(() => downloads.registry.clearFaults());

  const newFolder = (): string => join(downloads.folder, `model-${folders++}`);
  const argsFor = (...more: readonly string[]): string[] => ['download', MODEL, '--hub', hub, ...more];
  const withToken = (env: Readonly<Record<string, string>> = {}): RunOptions => ({
    env: { HF_TOKEN: downloads.registry.token, ...env },
  });
  const download = (...more: readonly string[]): Promise<Ended> => cli.run(argsFor(...more), withToken());
  const ownFiles = async (folder: string): Promise<Map<string, Buffer>> => {
    const files = await filesIn(folder);
    files.delete('.gitattributes');
    return files;
  };
  const published = new Map(Object.entries(FILES).map(([path, content]) => [path, Buffer.from(content)]));

  it('puts a version into a folder, says where, and finds it there the next time', async () => {
    const folder = newFolder();
    const first = await download('--to', folder);
    assertEnded(first, 0);
    assert.equal(first.stdout, folder);
    assert.match(first.stderr, /Downloading/);
    assert.match(first.stderr, new RegExp(`${MODEL} at ${commit.slice(0, 7)}`));
    same(await ownFiles(folder), published);
    const again = await download('--to', folder);
    assertEnded(again, 0);
    assert.match(again.stderr, /already, byte for byte/);
  });

  it('says where letter for letter, as a program goes there', async () => {
    const folder = `${newFolder()} of\nodd \u200fname`;
    const ended = await download('--to', folder);
    assertEnded(ended, 0);
    assert.equal(ended.stdout, folder);
  });

  if (process.platform === 'linux') {
    it('ends where a folder takes no new ones, and says ENOENT of them', async () => {
      const ended = await download('--to', '/proc/model');
      assertEnded(ended, 1);
      assert.match(ended.stderr, /“\/proc\/model”.*ENOENT/);
    });
  }

  it('puts it into the Hugging Face cache, where libraries look', async () => {
    const home = newFolder();
    const ended = await cli.run(argsFor('--cache'), withToken({ HF_HOME: home }));
    assertEnded(ended, 0);
    const storage = join(home, 'hub', `models--${MODEL.replace('/', '--')}`);
    assert.equal(ended.stdout, join(storage, 'snapshots', commit));
    assert.equal(await readFile(join(storage, 'refs/main'), 'utf8'), commit);
    same(await ownFiles(ended.stdout), published);
  });

  it('takes the files of some patterns only, and says so where none matches', async () => {
    const folder = newFolder();
    assertEnded(await download('--to', folder, '--include', '*.json', '--include', 'onnx/'), 0);
    assert.deepEqual([...(await ownFiles(folder)).keys()].sort(), ['config.json', 'onnx/model.onnx']);
    const none = await download('--to', newFolder(), '--include', '*.gguf');
    assertEnded(none, 1);
    assert.match(none.stderr, /\*\.gguf.*It holds.*README\.md/);
  });

  it('takes a commit, and says so where a revision is none', async () => {
    const folder = newFolder();
    const args = ['download', `${MODEL}@${commit}`, '--hub', hub, '--to', folder];
    assertEnded(await cli.run(args, withToken()), 0);
    same(await ownFiles(folder), published);
    const unknown = await cli.run(
      ['download', `${MODEL}@v9`, '--hub', hub, '--to', newFolder()],
      withToken(),
    );
    assertEnded(unknown, 1);
    assert.match(unknown.stderr, /v9/);
  });

  it('loses nothing that is there and differs, unless it is told to', async () => {
    const folder = newFolder();
    assertEnded(await download('--to', folder), 0);
    await writeFile(join(folder, 'config.json'), 'mine');
    const refused = await download('--to', folder);
    assertEnded(refused, 1);
    assert.match(refused.stderr, /config\.json.*--replace/);
    assert.equal(await readFile(join(folder, 'config.json'), 'utf8'), 'mine');
    assertEnded(await download('--to', folder, '--replace'), 0);
    same(await ownFiles(folder), published);
  });

  it('does not mix with what another client put into the cache, unless it is told to', async () => {
    const home = newFolder();
    assertEnded(await cli.run(argsFor(), withToken({ HF_HOME: home })), 0);
    const storage = join(home, 'hub', `models--${MODEL.replace('/', '--')}`);
    await writeFile(join(storage, '.model-registries', commit), 'https://elsewhere.example');
    const refused = await cli.run(argsFor(), withToken({ HF_HOME: home }));
    assertEnded(refused, 1);
    assert.match(refused.stderr, /elsewhere\.example.*--replace/);
    assertEnded(await cli.run(argsFor('--replace'), withToken({ HF_HOME: home })), 0);
  });

  it('tells with --dry-run what would come, and writes nothing', async () => {
    const folder = newFolder();
    const ended = await download('--to', folder, '--dry-run');
    assertEnded(ended, 0);
    assert.match(ended.stdout, /\+ model\.safetensors \(400 kB\)/);
    assert.match(ended.stdout, /^Files: 5 to download$/m);
    await assert.rejects(filesIn(folder));
  });

  it('writes one JSON event a line with --json: plan, warnings, progress, and how it ended', async () => {
    const { commit: other } = await downloads.version({ 'model.pkl': 'x', '.envrc': 'x' }, 'acme/code');
    const folder = newFolder();
    const args = ['download', 'acme/code', '--hub', hub, '--to', folder, '--json'];
    const ended = await cli.run(args, withToken());
    assertEnded(ended, 0);
    const events = eventsOf(ended.stdout);
    const [plan] = events;
    assert.equal(plan?.kind, 'plan');
    assert.equal(plan.commit, other);
    assert.equal(plan.path, folder);
    assert.deepEqual(
      events.filter(({ kind }) => kind === 'warning').map(({ warning, paths }) => [warning, paths]),
      [
        ['obeyed', ['.envrc']],
        ['runsCode', ['model.pkl']],
      ],
    );
    assert.ok(events.some(({ kind }) => kind === 'progress'));
    const { kind, files } = lastEventOf(ended.stdout);
    assert.deepEqual({ kind, files }, { kind: 'downloaded', files: 2 });
    const failed = await cli.run([...args.slice(0, -3), '--include', '*.gguf', '--json'], withToken());
    assertEnded(failed, 1);
    assert.equal(lastEventOf(failed.stdout).failure, 'notFound');
  });

  it('is cancelled by Ctrl-C, keeps what came, and goes on from there', async () => {
    const folder = newFolder();
    downloads.registry.inject({ path: /\/objects\//, fault: { kind: 'hang' }, times: Infinity });
    const running = cli.start(argsFor('--to', folder), withToken());
    const left = async (): Promise<number> => (await leftovers(folder).catch(() => [])).length;
    await until(async () => (await left()) > 0, 'a content is on its way');
    running.kill('SIGINT');
    const ended = await running.ended;
    assertEnded(ended, 130);
    assert.match(ended.stderr, /Cancelled/);
    downloads.registry.clearFaults();
    assertEnded(await download('--to', folder), 0);
    same(await ownFiles(folder), published);
    assert.equal(await left(), 0);
  });

  it('goes on after a kill with what had not arrived, though ranges of it had', async () => {
    const large = noise(40 * 1024 * 1024, 7);
    await downloads.version({ 'model.safetensors': large }, 'acme/large');
    const folder = newFolder();
    const args = ['download', 'acme/large', '--hub', hub, '--to', folder, '--json'];
    // The second range stays out: what follows it lies beyond a gap.
    downloads.registry.inject({ path: /\/objects\//, fault: { kind: 'hang' }, after: 1 });
    const running = cli.start(args, withToken());
    const noted = async (): Promise<number> => {
      const name = (await leftovers(folder).catch(() => [])).find((one) => one.includes('.72616e67.'));
      const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8').catch(() => '');
      const note = JSON.parse(text || '{"ranges":[]}') as { readonly ranges: readonly [number, number][] };
      return note.ranges.reduce((sum, [start, end]) => sum + end - start, 0);
    };
    await until(async () => (await noted()) > 20 * 1024 * 1024, 'ranges behind the first are noted');
    running.kill('SIGKILL');
    await running.ended;
    downloads.registry.clearFaults();
    const again = await cli.run(args, withToken());
    assertEnded(again, 0);
    const plan = eventsOf(again.stdout).find(({ kind }) => kind === 'plan');
    assert.ok(Number(plan?.bytes) < large.length - 20 * 1024 * 1024, `${String(plan?.bytes)} to fetch`);
    assert.ok((await ownFiles(folder)).get('model.safetensors')?.equals(large));
    assert.deepEqual(await leftovers(folder), []);
  });

  it('says where a token is missing how to give one', async () => {
    const ended = await cli.run(argsFor('--to', newFolder()));
    assertEnded(ended, 1);
    assert.match(ended.stderr, /set HF_TOKEN, or run: model-registries login/);
  });

  it('says how it is written', async () => {
    const both = await download('--to', newFolder(), '--cache');
    assertEnded(both, 2);
    assert.match(both.stderr, /--to or --cache/);
    for (const model of ['acme', 'acme/model@', 'acme/model@a b', 'a/b/c']) {
      assertEnded(await cli.run(['download', model, '--hub', hub], withToken()), 2);
    }
    assertEnded(await download('--include', '/etc/passwd'), 2);
  });
});
