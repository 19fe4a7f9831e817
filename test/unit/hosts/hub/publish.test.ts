import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDownloader } from '../../../../src/core/download/downloader.ts';
import type { HubTarget, RegistryHost } from '../../../../src/core/hosts/host.ts';
import { createHubClient } from '../../../../src/core/hub/client.ts';
import { connectionTo } from '../../../../src/core/hub/connection.ts';
import { createPublisher } from '../../../../src/core/publish/publisher.ts';
import type { PublishOutcome } from '../../../../src/core/publish/publishing.ts';
import type { RootHub, RootHubOptions, RunningRegistry } from '../../../registry/registry.ts';
import type { TestClient } from '../../http/loopback.ts';
import { silent } from '../../snapshot/repositories.ts';
import { blob, lfs, memorySnapshot } from '../../publish/memorySnapshot.ts';
import { openForNobody, openWith, serviceAt, useHubs, type Descriptor } from './hubs.ts';

const SIGNAL = new AbortController().signal;
const WEIGHTS = Buffer.alloc(100_000, 'weights');
const FILES = { 'README.md': blob('# Tiny'), 'model.safetensors': lfs(WEIGHTS) };

describe('publishing to a Hub', () => {
  const { start, client } = useHubs();

  async function rootHub(options: RootHubOptions = {}): Promise<[RootHub, RunningRegistry]> {
    const registry = await start({ rootHub: options });
    assert.ok(registry.rootHub);
    return [registry.rootHub, registry];
  }

  async function publish(
    { http, lines }: TestClient,
    hub: HubTarget,
    model: string,
    files: Parameters<typeof memorySnapshot>[0] = FILES,
  ): Promise<PublishOutcome> {
    const keep = (line: string) => void lines.push(line);
    const log = { trace: keep, debug: keep, info: keep, warn: keep, error: keep };
    const publisher = createPublisher({ http, log });
    const plan = await publisher.plan(memorySnapshot(files), { hub, model }, SIGNAL);
    return publisher.publish(plan, { onEvent: () => undefined, signal: SIGNAL });
  }

  const targetOf = async (host: RegistryHost, slug: string) =>
    host.hub(await host.listing.registry('', slug, SIGNAL));

  it('makes a model that is listed, read and compared like any other', async () => {
    const [hub, registry] = await rootHub();
    const one = client();
    const host = await openWith(serviceAt(hub.url), one, hub.token);
    const target = await targetOf(host, 'acme');
    const outcome = await publish(one, target, 'acme/tiny');
    assert.equal(outcome.kind, 'published', JSON.stringify(one.lines));

    const acme = await host.listing.registry('', 'acme', SIGNAL);
    const { items: models } = await host.listing.models(acme, {}, SIGNAL);
    const { items: versions } = await host.listing.versions(acme, 'acme/tiny', {}, SIGNAL);
    assert.equal(models[0]?.newest?.id, versions[0]?.id);
    const commit = versions[0]?.commit;
    assert.ok(commit);
    const nobody = openForNobody(serviceAt(hub.url), one);
    const read = createHubClient(connectionTo(await targetOf(nobody, 'acme'), 'acme/tiny', one.http));
    const tree = await read.tree(commit, SIGNAL);
    assert.deepEqual(tree?.map(({ path }) => path).sort(), [
      '.gitattributes',
      'README.md',
      'model.safetensors',
    ]);
    const weights = tree.find(({ path }) => path === 'model.safetensors');
    assert.ok(weights);
    assert.deepEqual(await read.content(commit, weights, 1_000_000, SIGNAL), WEIGHTS);
    const again = await publish(one, target, 'acme/tiny');
    assert.equal(again.kind, 'published');
    assert.ok(await registry.hasObject(registry.organization, registry.registry, weights.sha256 ?? ''));
  });

  it('makes a new model private where the setting says so', async () => {
    const [hub] = await rootHub();
    const one = client();
    const host = await openWith(serviceAt(hub.url, { newModels: 'private' }), one, hub.token);
    const target = await targetOf(host, 'acme');
    assert.equal((await publish(one, target, 'acme/secret')).kind, 'published');
    const acme = await host.listing.registry('', 'acme', SIGNAL);
    const accessFor = async (each: RegistryHost) =>
      (await each.listing.models(acme, {}, SIGNAL)).items.map(({ model, access }) => [model, access]);
    assert.deepEqual(await accessFor(host), [['acme/secret', 'private']]);
    assert.deepEqual(await accessFor(openForNobody(serviceAt(hub.url), one)), []);
  });

  it('is refused where a fine-grained token, or its owner, may not', async () => {
    const [hub] = await rootHub();
    const one = client();
    const fine = hub.addToken({ role: { kind: 'fineGrained', writes: ['acme'] } });
    const host = await openWith(serviceAt(hub.url), one, fine);
    assert.ok(host.may('publish'));
    assert.equal((await publish(one, await targetOf(host, 'acme'), 'acme/tiny')).kind, 'published');
    const refused = await publish(one, await targetOf(host, 'ada'), 'ada/tiny');
    assert.ok(refused.kind === 'failed' && refused.failure.kind === 'forbidden', JSON.stringify(refused));
  });

  it('shows the files of a gated model to those who are not let in, and no hash of theirs', async () => {
    const [hub] = await rootHub();
    const one = client();
    const owner = await openWith(serviceAt(hub.url), one, hub.token);
    assert.equal((await publish(one, await targetOf(owner, 'acme'), 'acme/gated')).kind, 'published');
    hub.setAccess('acme/gated', { gated: 'manual' });
    const nobody = openForNobody(serviceAt(hub.url), one);
    const read = createHubClient(connectionTo(await targetOf(nobody, 'acme'), 'acme/gated', one.http));
    const weights = (await read.tree('main', SIGNAL))?.find(({ path }) => path === 'model.safetensors');
    assert.deepEqual(weights, {
      path: 'model.safetensors',
      size: WEIGHTS.length,
      gitSha1: undefined,
      sha256: undefined,
    });
    await assert.rejects(read.content('main', weights, 1_000_000, SIGNAL), {
      kind: 'forbidden',
      message: /is gated/,
    });
  });

  it('makes releases, one name each, on a server that knows little else', async () => {
    const [hub] = await rootHub({
      ...{ modelIdSegments: 1, revisions: 'release', lacking: '501' },
      lacks: ['whoami', 'list', 'refs', 'commits', 'create'],
      lateEtagMs: 50,
    });
    const one = client();
    const descriptor: Descriptor = { modelIdSegments: 1, createFirst: false, revisions: 'release' };
    const host = await openWith(serviceAt(hub.url, descriptor), one, hub.token);
    const [only] = (await host.listing.registries('', undefined, SIGNAL)).items;
    assert.ok(only);
    const target = host.hub(only);
    assert.deepEqual([target.revisions, target.modelIdSegments], ['release', 1]);
    for (const [revision, text] of [
      ['v1.0', 'one'],
      ['v2.0', 'two'],
      ['v1.0', 'three'],
    ] as const) {
      const files = { ...FILES, 'README.md': blob(`# ${text}`) };
      const outcome = await publish(one, { ...target, revision }, 'tiny', files);
      assert.equal(outcome.kind, 'published', JSON.stringify([outcome, one.lines]));
    }
    const read = createHubClient(connectionTo(target, 'tiny', one.http));
    for (const [revision, text] of [
      ['v1.0', '# three'],
      ['v2.0', '# two'],
    ] as const) {
      const card = await read.file(revision, 'README.md', SIGNAL);
      assert.equal((await read.content(revision, card, 1000, SIGNAL)).toString(), text);
      const { items } = await host.listing.versions(only, 'tiny', { revision }, SIGNAL);
      assert.equal(items.length, 1);
    }
  });

  it('names versions by their releases where the server has no hashes, and downloads them as any other', async () => {
    const [hub] = await rootHub({
      ...{ modelIdSegments: 1, revisions: 'release', commitNames: 'revision', lateEtagMs: 50 },
      lacks: ['whoami', 'list', 'refs', 'commits', 'create', 'tree'],
    });
    const one = client();
    const descriptor: Descriptor = { modelIdSegments: 1, createFirst: false, revisions: 'release' };
    const host = await openWith(serviceAt(hub.url, descriptor), one, hub.token);
    const [only] = (await host.listing.registries('', undefined, SIGNAL)).items;
    assert.ok(only);
    const target = host.hub(only);
    assert.deepEqual(target.traits, { xet: false, lateEtag: true });
    const outcome = await publish(one, { ...target, revision: 'v1.0' }, 'tiny');
    assert.ok(outcome.kind === 'published', JSON.stringify([outcome, one.lines]));
    const [version] = (await host.listing.versions(only, 'tiny', { revision: 'v1.0' }, SIGNAL)).items;
    assert.deepEqual([outcome.commit, version?.commit], ['v1.0', 'v1.0']);
    assert.ok(version?.commit);

    const folder = await mkdtemp(join(tmpdir(), 'release-'));
    try {
      const downloader = createDownloader({ http: one.http, log: silent });
      const source = { hub: target, model: 'tiny', commit: version.commit };
      const plan = await downloader.plan(source, { kind: 'folder', path: folder }, { signal: SIGNAL });
      const ended = await downloader.download(plan, {
        onProgress: () => undefined,
        signal: SIGNAL,
        differing: 'keep',
      });
      assert.equal(ended.kind, 'downloaded', JSON.stringify(ended));
      assert.deepEqual(await readFile(join(folder, 'model.safetensors')), WEIGHTS);
      const intoCache = { kind: 'cache', folder, links: true } as const;
      await assert.rejects(downloader.plan(source, intoCache, { signal: SIGNAL }), {
        kind: 'refused',
        message: /no such names “v1\.0” of “tiny”/,
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
