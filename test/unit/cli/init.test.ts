import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../setup/until.ts';
import { startPublishing, type Publishing } from '../publish/publishing.ts';
import { pointerTo, scratch } from '../snapshot/repositories.ts';
import { bytes, committed, plainGit, trainerOutput, write } from '../setup/settingUp.ts';
import { assertEnded, createCli, eventsOf, lastEventOf, type Cli, type Ended } from './builtCli.ts';

const AUTHOR = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org' };

describe('setting up a folder from a terminal', () => {
  const folders = scratch();
  let cli: Cli;
  let publishing: Publishing;
  let hub: string;
  let folder: string;
  let models = 0;

  before(async () => {
    cli = await createCli();
    publishing = await startPublishing();
    const { packagesUrl, organization, registry } = publishing.registry;
    hub = `${packagesUrl}/${organization}/${registry}/huggingface`;
  });
  after(async () => {
    await publishing.stop();
    await cli.remove();
  });
  beforeEach(() => {
    folder = join(folders.folder(), 'model');
    mkdirSync(folder);
    write(folder, trainerOutput());
  });

  const init = (...args: readonly string[]): Promise<Ended> =>
    cli.run(['init', folder, ...args], { env: AUTHOR });
  const newModel = (): string => `acme/set-up-${models++}`;
  const publish = (model: string, ...args: readonly string[]): Promise<Ended> =>
    cli.run(['publish', folder, '--hub', hub, '--model', model, ...args], {
      env: { ...AUTHOR, HF_TOKEN: publishing.registry.token },
    });

  it('lists all in a dry run, and does nothing', async () => {
    const ended = await init('--dry-run');
    assertEnded(ended, 0);
    assert.match(ended.stdout, /^\+ model\.safetensors \(150 kB, Git LFS\)$/m);
    assert.match(ended.stdout, /^Write \.gitignore, which leaves out \(380 kB\): checkpoint-\[0-9\]\*\//m);
    assert.match(ended.stdout, /^Commit \(151 kB\): \.gitattributes/m);
    assert(!existsSync(join(folder, '.git')));
    const events = eventsOf((await init('--dry-run', '--json')).stdout);
    assert.equal(events.at(-1)?.kind, 'setup');
    assert.deepEqual(
      events.filter(({ kind, store }) => kind === 'committedFile' && store === 'lfs').map(({ path }) => path),
      ['model.safetensors'],
    );
  });

  it('asks, and does nothing where nobody can answer', async () => {
    const ended = await init();
    assertEnded(ended, 2);
    assert.match(ended.stderr, /--yes/);
    assert(!existsSync(join(folder, '.git')));
  });

  it('what it made is published, and downloaded it is the same', async () => {
    const model = newModel();
    const refused = await publish(model);
    assertEnded(refused, 1);
    assert.match(refused.stderr, /model-registries init/);
    const ended = await init('--yes', '--json', '--message', 'First');
    assertEnded(ended, 0);
    const made = lastEventOf(ended.stdout);
    assert.equal(made.kind, 'committed');
    assert.equal(made.commit, plainGit(folder, 'rev-parse', 'HEAD'));
    assertEnded(await publish(model), 0);
    const cloned = await publishing.cloned(model);
    const here = plainGit(folder, 'ls-tree', '-r', '-z', 'HEAD').split('\0').filter(Boolean);
    for (const line of here) {
      const [, , oid, path] = /^(\d+) blob (\w+)\t(.*)$/s.exec(line) ?? [];
      if (path !== '.gitattributes') assert.equal(cloned?.get(path ?? ''), oid, path);
    }
    assertEnded(await init('--yes'), 1);
  });

  it('leaves nothing half where it is killed, and begins anew', async () => {
    const large = join(folder, 'large.safetensors');
    // Of no blocks on most disks, and yet not read in an instant.
    await writeFile(large, '');
    await truncate(large, 600_000_000);
    const running = cli.start(['init', folder, '--yes'], { env: AUTHOR });
    const tmp = join(folder, '.git.setting-up/work/.git/lfs/tmp');
    await until(() => existsSync(tmp) && readdirSync(tmp).length > 0, 'an object is on its way');
    running.kill('SIGKILL');
    await running.ended;
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.git') || name === 'README.md'),
      ['.git.setting-up'],
    );
    await rm(large);
    assertEnded(await init('--yes'), 0);
    assert(!existsSync(join(folder, '.git.setting-up')));
    assert.equal(plainGit(folder, 'status', '--porcelain'), '');
  });

  it('commits no secrets that nobody allowed, and leaves out what it is told to', async () => {
    write(folder, { '.env': 'SECRET=1' });
    const refused = await init('--yes', '--json');
    assertEnded(refused, 1);
    const failed = lastEventOf(refused.stdout);
    assert.deepEqual([failed.kind, failed.failure, failed.paths], ['failed', 'secret', ['.env']]);
    assert(!existsSync(join(folder, '.git')));
    assertEnded(await init('--yes', '--leave-out', '.env'), 0);
    assert(!committed(folder).includes('.env'));
  });

  it('says that Git does not know who commits', async () => {
    const ended = await cli.run(['init', folder, '--yes']);
    assertEnded(ended, 1);
    assert.match(ended.stderr, /user\.name/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.git')),
      [],
    );
  });

  it('commits what is not committed before it publishes', async () => {
    const model = newModel();
    assertEnded(await init('--yes'), 0);
    const other = bytes(160_000, 'other');
    writeFileSync(join(folder, 'model.safetensors'), other);
    write(folder, { 'notes.txt': 'new' });
    const dry = await publish(model, '--commit', 'Second', '--dry-run');
    assertEnded(dry, 0);
    assert.match(dry.stderr, /^~ model\.safetensors \(160 kB, Git LFS\)\n\+ notes\.txt/m);
    assert.equal(plainGit(folder, 'log', '--format=%s'), 'Add the model');
    const ended = await publish(model, '--commit', 'Second', '--json');
    assertEnded(ended, 0);
    const events = eventsOf(ended.stdout);
    assert.deepEqual(
      events.slice(0, 3).map(({ kind, path, files }) => [kind, path ?? files]),
      [
        ['committedFile', 'model.safetensors'],
        ['committedFile', 'notes.txt'],
        ['committed', 2],
      ],
    );
    assert.equal(plainGit(folder, 'show', 'HEAD:model.safetensors'), pointerTo(other).trimEnd());
    assert.equal(plainGit(folder, 'status', '--porcelain'), '');
    assert.deepEqual((await publishing.messages(model))[0]?.split('\n')[0], 'Second');
    assertEnded(await publish(model, '--commit', 'Third'), 0);
    assert.equal(plainGit(folder, 'log', '--format=%s'), 'Second\nAdd the model');
  });

  it('and nothing of it with secrets in it', async () => {
    assertEnded(await init('--yes'), 0);
    write(folder, { 'id_rsa.key': 'x' });
    const ended = await publish(newModel(), '--commit', 'Second');
    assertEnded(ended, 1);
    assert.match(ended.stderr, /\.gitignore/);
    assert.equal(plainGit(folder, 'log', '--format=%s'), 'Add the model');
  });
});
