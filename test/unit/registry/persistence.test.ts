import { execa } from 'execa';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunningRegistry } from '../../registry/registry.ts';
import { State } from '../../registry/state.ts';
import { Cleanup, RawHub, file, lfsFile, listedPackages, plainGit, sha256 } from './rawHub.ts';

const main = fileURLToPath(new URL('../../registry/main.ts', import.meta.url));

describe('local registry: what it keeps', () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  it('serves everything again after a restart', async () => {
    const dataDir = await cleanup.folder();
    const before = await cleanup.registry({ dataDir });
    const hub = new RawHub(before);
    await hub.create();
    const weights = randomBytes(1000);
    await hub.upload(weights);
    const sha = await hub.committed([file('a.txt', 'a'), lfsFile('model.bin', weights)]);
    before.addOrganization('other', 'Other');
    before.addRegistry('other', 'More models', 'huggingface');
    await before.stop();

    const after = await cleanup.registry({ dataDir });
    assert.equal(after.token, before.token);
    assert.equal(after.readOnlyToken, before.readOnlyToken);
    assert.deepEqual(
      (await listedPackages(after)).map((each) => each.version),
      [sha],
    );
    const again = new RawHub(after);
    const answer = await again.fetch('acme/demo/resolve/main/model.bin', { redirect: 'follow' });
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), weights);
    await new RawHub(after, { organization: 'other', registry: 'more-models' }).create();
    await again.committed([file('a.txt', 'b')], { parentCommit: sha });
  });

  it('finds out after a crash which commits happened', async () => {
    const dataDir = await cleanup.folder();
    const before = await cleanup.registry({ dataDir });
    const hub = new RawHub(before);
    await hub.create();
    const [first, second] = [await hub.committed([file('a', '1')]), await hub.committed([file('a', '2')])];
    const git = before.gitDirectory('acme', 'models', 'acme/demo');
    await before.stop();
    // As if the process had died twice: once after the branch had moved, once before.
    const state = State.load(dataDir);
    const registry = state.registry('acme', 'models')!;
    const [newest, oldest] = state.packages(registry.id);
    for (const each of [newest!, oldest!]) state.deletePackage(registry.id, each.id);
    await state.saved();
    const persisted = JSON.parse(
      await fs.promises.readFile(path.join(dataDir, 'state.json'), 'utf8'),
    ) as object;
    await fs.promises.writeFile(
      path.join(dataDir, 'state.json'),
      JSON.stringify({ ...persisted, pendingPackages: [oldest, newest] }),
    );
    await plainGit(git, 'update-ref', 'refs/heads/main', first, second);

    const after = await cleanup.registry({ dataDir });
    assert.deepEqual(
      (await listedPackages(after)).map((each) => each.version),
      [first],
    );
  });

  it('removes what interrupted uploads and deleted registries left', async () => {
    const dataDir = await cleanup.folder();
    const before = await cleanup.registry({ dataDir });
    const { slug } = before.addRegistry('acme', 'Gone', 'huggingface');
    await before.addModelVersion('acme', slug, 'acme/demo', { 'a.txt': 'a' });
    const gone = before.gitDirectory('acme', slug, 'acme/demo');
    await before.stop();
    const state = State.load(dataDir);
    const incoming = path.join(dataDir, 'registries', state.registry('acme', 'models')!.id, 'incoming');
    await fs.promises.mkdir(incoming, { recursive: true });
    await fs.promises.writeFile(path.join(incoming, 'half'), 'half');
    state.deleteRegistry(state.registry('acme', slug)!.id);
    await state.saved();

    await cleanup.registry({ dataDir });
    assert.equal(fs.existsSync(gone), false);
    assert.deepEqual(await fs.promises.readdir(incoming), []);
  });

  it('seeds once', async () => {
    const dataDir = await cleanup.folder();
    const organizations = async (registry: RunningRegistry) => {
      const answer = await fetch(`${registry.apiUrl}/organizations`, {
        headers: { authorization: `Bearer ${registry.token}` },
      });
      return ((await answer.json()) as { slug: string }[]).map((each) => each.slug).toSorted();
    };
    const before = await cleanup.registry({ dataDir, seed: true });
    const packages = await listedPackages(before);
    assert.ok(packages.length >= 3);
    assert.deepEqual(await organizations(before), ['acme', 'rossum_robotics', 'tyrell-research']);
    await before.stop();
    const after = await cleanup.registry({ dataDir, seed: true });
    assert.deepEqual(
      await listedPackages(after),
      packages.map((each) => ({
        ...each,
        ...Object.fromEntries(
          Object.entries(each).map(([name, value]) => [
            name,
            typeof value === 'string' ? value.replace(before.packagesUrl, after.packagesUrl) : value,
          ]),
        ),
      })),
    );

    // Whoever has no token reads what is public, and nothing else.
    const open = new RawHub(after, {
      token: undefined,
      organization: 'tyrell-research',
      registry: 'open-weights',
      model: 'tyrell/owl-embedding',
    });
    const weights = await open.fetch('tyrell/owl-embedding/resolve/main/model.safetensors', {
      redirect: 'follow',
    });
    assert.equal((await weights.arrayBuffer()).byteLength > 16_000, true);
    assert.equal((await open.commit([file('a', 'a')])).status, 401);
  });

  it('publishes from the store as from the wire', async () => {
    const registry = await cleanup.registry();
    const weights = randomBytes(100);
    const first = await registry.addModelVersion('acme', 'models', 'acme/stored', {
      'README.md': '# Stored\n',
      'model.bin': weights,
    });
    const second = await registry.addModelVersion(
      'acme',
      'models',
      'acme/stored',
      { 'README.md': '# New\n' },
      'New',
    );
    assert.deepEqual(
      (await listedPackages(registry)).map((each) => each.version),
      [second, first],
    );
    assert.equal(await registry.hasObject('acme', 'models', sha256(weights)), true);
    const git = registry.gitDirectory('acme', 'models', 'acme/stored');
    assert.equal(await plainGit(git, 'log', '--format=%s'), 'New\nPublish acme/stored\n');
    assert.equal(await plainGit(git, 'show', 'main:README.md'), '# New\n');
  });

  it('shows pages at the addresses it hands out', async () => {
    const registry = await cleanup.registry();
    await registry.addModelVersion('acme', 'models', 'acme/demo', { 'a.txt': 'a' });
    const [item] = (await listedPackages(registry)) as unknown as { web_url: string }[];
    for (const address of [
      item!.web_url,
      `${registry.webUrl}/organizations/acme/packages/registries/models`,
      `${registry.webUrl}/acme`,
    ]) {
      const page = await fetch(address);
      assert.equal(page.status, 200, address);
      assert.match(page.headers.get('content-type')!, /html/);
    }
    assert.equal((await fetch(`${registry.webUrl}/organizations/acme/packages/registries/none`)).status, 404);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`is started by a command, says where it is in one line, and ends well at ${signal}`, async () => {
      const dataDir = await cleanup.folder();
      const start = async () => {
        const running = execa(
          process.execPath,
          [
            '--import',
            'tsx',
            main,
            '--port',
            '0',
            '--data',
            dataDir,
            '--fault',
            '{"path":"whoami","fault":{"kind":"status","status":503}}',
          ],
          { buffer: false, reject: false },
        );
        cleanup.add(() => running.kill('SIGKILL'));
        for await (const line of readline.createInterface({ input: running.stdout })) {
          return { running, told: JSON.parse(line) as RunningRegistry };
        }
        throw new Error('It said nothing.');
      };
      const first = await start();
      assert.deepEqual(Object.keys(first.told), [
        'apiUrl',
        'packagesUrl',
        'webUrl',
        'token',
        'readOnlyToken',
        'organization',
        'registry',
      ]);
      const hub = new RawHub(first.told);
      assert.equal((await hub.fetch('api/whoami-v2')).status, 503);
      await hub.create();
      const sha = await hub.committed([file('a.txt', 'a')]);
      first.running.kill(signal);
      assert.equal((await first.running).exitCode, 0);

      const second = await start();
      assert.equal(second.told.token, first.told.token);
      assert.deepEqual(
        (await listedPackages(second.told)).map((each) => each.version),
        [sha],
      );
      second.running.kill(signal);
      await second.running;
    });
  }
});
