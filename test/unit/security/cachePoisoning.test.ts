import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DownloadDestination, DownloadSource } from '../../../src/core/download/downloading.ts';
import { failed, listed, oddHub, ODD_COMMIT, startDownloads, type Downloads } from '../download/downloads.ts';
import { cacheModel, write } from '../snapshot/caches.ts';

const HUBS = { 'config.json': { content: '{"hub":true}' } };

describe('the Hugging Face cache', () => {
  let downloads: Downloads;
  beforeEach(async () => (downloads = await startDownloads()));
  afterEach(() => downloads.stop());

  const hub = (): string => join(downloads.folder, 'hub');
  const storage = (): string => join(hub(), 'models--acme--tiny-model');
  const into = (): DownloadDestination => ({ kind: 'cache', folder: hub(), links: true });
  const main = (): string => readFileSync(join(storage(), 'refs', 'main'), 'utf8');
  const version = (text: string): Promise<DownloadSource> => downloads.version({ 'config.json': text });

  for (const [name, refs] of [
    ['its main is the Hub’s', undefined],
    ['a revision of the Hub’s is in it, and no main', {}],
  ] as const) {
    it(`keeps what another client put there, where ${name}`, async () => {
      const { commit } = cacheModel(hub(), HUBS, refs && { refs });
      const before = readdirSync(storage(), { recursive: true }).sort();
      const source = await version('evil');
      const plan = await downloads.plan(source, into());
      assert.deepEqual(plan.cacheConflict, { snapshot: commit, filledFrom: undefined, branch: 'main' });
      const failure = failed(await downloads.download(source, into()));
      assert.equal(failure.kind, 'conflict');
      assert.match(failure.message, /another client downloaded.*Download to a folder instead/);
      assert.deepEqual(readdirSync(storage(), { recursive: true }).sort(), before);
    });
  }

  it('gives its main to a registry once a person agreed, and asks no more about that registry', async () => {
    cacheModel(hub(), HUBS);
    const first = await version('first');
    await downloads.downloaded(first, into(), { cacheConflict: 'replace' });
    assert.equal(main(), first.commit);
    const second = await version('second');
    assert.equal((await downloads.plan(second, into())).cacheConflict, undefined);
    await downloads.downloaded(second, into());
    assert.equal(main(), second.commit);
  });

  it('asks again where another client took main back', async () => {
    await downloads.downloaded(await version('first'), into());
    const { commit } = cacheModel(hub(), HUBS);
    assert.equal(main(), commit);
    const { cacheConflict } = await downloads.plan(await version('second'), into());
    assert.equal(cacheConflict?.snapshot, commit);
  });

  it('keeps what came from another endpoint, and names both', async () => {
    const source = await version('first');
    await downloads.downloaded(source, into());
    const content = Buffer.from('evil');
    const server = await oddHub([listed('config.json', content, false)], (_request, response) => {
      response.end(content);
    });
    try {
      // Both have a version of the same name: their files would be mixed.
      const { endpoint } = source.hub;
      write(join(storage(), 'snapshots', ODD_COMMIT, 'config.json'), 'theirs');
      write(join(storage(), '.model-registries', ODD_COMMIT), endpoint.href);
      const plan = await downloads.plan(downloads.versionAt(server), into());
      assert.equal(plan.cacheConflict?.filledFrom, endpoint.href);
      const outcome = failed(await downloads.download(downloads.versionAt(server), into()));
      assert.equal(outcome.kind, 'conflict');
      assert.ok(outcome.message.includes(endpoint.href), outcome.message);
      assert.equal(readFileSync(join(storage(), 'snapshots', ODD_COMMIT, 'config.json'), 'utf8'), 'theirs');
      assert.equal(main(), source.commit);
    } finally {
      await server.close();
    }
  });

  it('leaves main alone where another client sets it while the download is under way', async () => {
    const source = await version('ours');
    let taken = false;
    const outcome = await downloads.download(source, into(), {
      onProgress: () => {
        if (taken) return;
        taken = true;
        write(join(storage(), 'refs', 'main'), 'c'.repeat(40));
      },
    });
    // What is told of a download may come after its end; by then its main was its own.
    if (outcome.kind === 'downloaded') return;
    assert.equal(failed(outcome).kind, 'conflict');
    assert.equal(main(), 'c'.repeat(40));
  });

  it('holds no content under a hash that is not its own, whatever the server says', async () => {
    const real = Buffer.alloc(200_000, 'real');
    const evil = Buffer.alloc(200_000, 'evil');
    const sha256 = createHash('sha256').update(real).digest('hex');
    const server = await oddHub([listed('model.safetensors', real)], (_request, response) => {
      response.writeHead(200, { etag: `"${sha256}"`, 'x-linked-etag': `"${sha256}"` });
      response.end(evil);
    });
    try {
      assert.equal(failed(await downloads.download(downloads.versionAt(server), into())).kind, 'corrupt');
      assert.ok(!existsSync(join(storage(), 'blobs', sha256)));
    } finally {
      await server.close();
    }
  });

  it('gives no version a content that somebody planted under its hash', async () => {
    const content = Buffer.alloc(200_000, 'real');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const source = await downloads.version({ 'model.safetensors': content });
    write(join(storage(), 'blobs', sha256), '');
    writeFileSync(join(storage(), 'blobs', sha256), Buffer.alloc(content.length, 'evil'));
    const { differing, stored } = await downloads.plan(source, into());
    assert.deepEqual([differing.map(({ path }) => path), stored], [['model.safetensors'], []]);
    await downloads.downloaded(source, into(), { differing: 'replace' });
    const placed = join(storage(), 'snapshots', source.commit, 'model.safetensors');
    assert.ok(readFileSync(placed).equals(content));
  });
});
