import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Cleanup, RawHub, lfsFile, outcome, sha256, type UploadAction } from './rawHub.ts';

describe('local registry: multipart uploads and signed URLs', () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  const start = async (hub: object = {}) => {
    const registry = await cleanup.registry({
      hub: { multipartThresholdBytes: 1000, partBytes: 400, ...hub },
    });
    const client = new RawHub(registry);
    await client.create();
    return { registry, hub: client };
  };

  const partsOf = ({ header = {} }: UploadAction) =>
    Object.entries(header)
      .filter(([name]) => /^\d+$/.test(name))
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, href]) => href);

  const putParts = (content: Buffer, hrefs: readonly string[]) =>
    Promise.all(
      hrefs.map(async (href, index) => {
        const body = content.subarray(index * 400, (index + 1) * 400);
        const answer = await fetch(href, { method: 'PUT', body });
        assert.equal(answer.status, 200);
        return { partNumber: index + 1, etag: answer.headers.get('etag')! };
      }),
    );

  const complete = (href: string, oid: string, parts: unknown) =>
    outcome(fetch(href, { method: 'POST', body: JSON.stringify({ oid, parts }) }));

  it('joins parts that come at once and in any order', async () => {
    const { registry, hub } = await start();
    const content = randomBytes(1150);
    const { transfer, objects } = await hub.batch([content]);
    const { upload } = objects[0]!.actions!;
    assert.equal(transfer, 'multipart');
    assert.equal(upload.header?.chunk_size, '400');
    const hrefs = partsOf(upload);
    assert.equal(hrefs.length, 3);
    const parts = await putParts(content, hrefs);
    assert.equal((await complete(upload.href, sha256(content), parts.slice(1))).status, 400);
    assert.equal(
      (await complete(upload.href, sha256(content), [{ ...parts[0], etag: '"other"' }, parts[1], parts[2]]))
        .status,
      400,
    );
    assert.equal(await registry.hasObject('acme', 'models', sha256(content)), false);
    assert.equal((await complete(upload.href, sha256(content), parts.toReversed())).status, 200);
    assert.equal(
      (await complete(upload.href, sha256(content), parts)).status,
      200,
      'a lost answer is asked for again',
    );
    await hub.committed([lfsFile('model.bin', content)]);
    const answer = await hub.fetch('acme/demo/resolve/main/model.bin', { redirect: 'follow' });
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), content);
  });

  it('keeps nothing of parts that are not the announced object', async () => {
    const { registry, hub } = await start();
    const announced = randomBytes(1150);
    const { upload } = (await hub.batch([announced])).objects[0]!.actions!;
    const parts = await putParts(randomBytes(1150), partsOf(upload));
    const refused = await complete(upload.href, sha256(announced), parts);
    assert.equal(refused.status, 400);
    assert.match(refused.text, /SHA-256/);
    assert.equal(await registry.hasObject('acme', 'models', sha256(announced)), false);
    assert.equal((await complete(upload.href, sha256(announced), parts)).status, 400);
  });

  it('offers parts only to clients that know them', async () => {
    const { hub } = await start();
    const content = randomBytes(2000);
    assert.equal((await hub.batch([content], ['basic'])).transfer, 'basic');
    assert.equal((await hub.batch([content], ['basic', 'multipart', 'xet'])).transfer, 'multipart');
    await assert.rejects(hub.batch([content], ['xet']), /basic and multipart/);
  });

  it('lets upload URLs expire', async () => {
    const { registry, hub } = await start({ uploadUrlLifetimeMs: 0 });
    const content = randomBytes(100);
    const late = await outcome(fetch(await hub.uploadUrl(content), { method: 'PUT', body: content }));
    assert.equal(late.status, 403);
    assert.match(late.text, /expired/);
    assert.equal(await registry.hasObject('acme', 'models', sha256(content)), false);
  });

  it('can lead uploads to another origin', async () => {
    const { registry, hub } = await start({ uploadOrigin: 'other' });
    const content = randomBytes(100);
    const url = await hub.uploadUrl(content);
    assert.notEqual(new URL(url).origin, new URL(registry.packagesUrl).origin);
    assert.equal((await fetch(url, { method: 'PUT', body: content })).status, 200);
    assert.ok(registry.requests.some((request) => request.method === 'PUT' && request.bodyBytes === 100));
    const elsewhere = `${new URL(url).origin}/v2/access-token`;
    assert.equal(
      (await fetch(elsewhere, { headers: { authorization: `Bearer ${registry.token}` } })).status,
      404,
    );
  });

  it('gives the other legal answers when it is told to', async () => {
    const { hub } = await start({
      commitUrl: 'relative',
      preuploadOid: 'absent',
      batchTransfer: 'omitted',
      verifyAction: 'absent',
      everythingIsLfs: true,
    });
    const content = Buffer.from('plain text');
    const modes = await hub.preupload({ 'a.txt': content, 'empty.txt': '' });
    assert.deepEqual(
      [...modes.values()].map((mode) => [mode.uploadMode, 'oid' in mode]),
      [
        ['lfs', false],
        ['regular', false],
      ],
    );
    const batch = await hub.batch([content]);
    assert.equal('transfer' in batch, false);
    assert.equal(batch.objects[0]!.actions!.verify, undefined);
    await hub.upload(content);
    const answer = (await (await hub.commit([lfsFile('a.txt', content)])).json()) as Record<string, string>;
    assert.equal(answer.commitUrl, `acme/demo/commit/${String(answer.commitOid)}`);
  });
});
