import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Fault, RunningRegistry } from '../../registry/registry.ts';
import { until } from '../../setup/until.ts';
import { Cleanup, RawHub, file, listedPackages, outcome, sha256 } from './rawHub.ts';

describe('local registry: faults', () => {
  const cleanup = new Cleanup();
  let registry: RunningRegistry;
  let hub: RawHub;
  beforeEach(async () => {
    registry = await cleanup.registry();
    hub = new RawHub(registry);
    await hub.create();
  });
  afterEach(() => cleanup.run());

  const whoami = () => hub.fetch('api/whoami-v2');

  it('hits as often as it is told to, after as many as it is told to', async () => {
    const status = (value: number): Fault => ({
      kind: 'status',
      status: value,
      headers: { 'retry-after': '1' },
    });
    registry.inject({ path: /whoami/, fault: status(503), after: 1, times: 2 });
    registry.inject({ path: /whoami/, fault: status(429), after: 2 });
    registry.inject({ method: 'POST', path: /whoami/, fault: status(500), times: Infinity });
    const seen: number[] = [];
    for (let count = 0; count < 6; count += 1) seen.push((await whoami()).status);
    assert.deepEqual(seen, [200, 503, 503, 429, 200, 200]);
    const takeAway = registry.inject({ path: /whoami/g, fault: status(502), times: Infinity });
    assert.deepEqual([(await whoami()).status, (await whoami()).status], [502, 502]);
    takeAway();
    assert.equal((await whoami()).status, 200);
    registry.inject({ path: /whoami/, fault: status(502), times: Infinity });
    registry.clearFaults();
    assert.equal((await whoami()).status, 200);
  });

  it('floods with as much as was announced, or without end', async () => {
    registry.inject({ path: /whoami/, fault: { kind: 'flood', bytes: 200_000 } });
    assert.equal((await (await whoami()).text()).trim().length, 0);
    registry.inject({ path: /whoami/, fault: { kind: 'flood' } });
    const endless = await whoami();
    let bytes = 0;
    for await (const chunk of endless.body ?? []) {
      bytes += (chunk as Uint8Array).byteLength;
      if (bytes > 1_000_000) break;
    }
    assert.ok(bytes > 1_000_000);
    assert.equal((await whoami()).status, 200);
  });

  it('loses the answer of a commit that happened', async () => {
    registry.inject({ path: /\/commit\/main/, fault: { kind: 'loseAnswer' } });
    await assert.rejects(hub.commit([file('a.txt', 'a')]));
    assert.equal((await listedPackages(registry)).length, 1);
    assert.equal(
      registry.requests.find((request) => request.path.endsWith('/commit/main'))?.status,
      undefined,
    );
  });

  it('resets an upload and keeps nothing of it', async () => {
    const content = randomBytes(3_000_000);
    const url = await hub.uploadUrl(content);
    registry.inject({
      method: 'PUT',
      path: /\/uploads\//,
      fault: { kind: 'resetRequest', afterBytes: 100_000 },
    });
    await assert.rejects(fetch(url, { method: 'PUT', body: content }));
    assert.equal(await registry.hasObject('acme', 'models', sha256(content)), false);
    assert.equal((await fetch(url, { method: 'PUT', body: content })).status, 200);
    assert.equal(await registry.hasObject('acme', 'models', sha256(content)), true);
  });

  it('resets an answer after its first bytes', async () => {
    await hub.committed([file('a.txt', 'x'.repeat(10_000))]);
    registry.inject({ path: /resolve/, fault: { kind: 'resetAnswer', afterBytes: 4000 } });
    const answer = await hub.fetch('acme/demo/resolve/main/a.txt');
    let bytes = 0;
    await assert.rejects(async () => {
      for await (const chunk of answer.body!) bytes += (chunk as Uint8Array).length;
    });
    assert.equal(bytes, 4000);
    registry.inject({ path: /whoami/, fault: { kind: 'resetAnswer', afterBytes: 0 } });
    await assert.rejects(outcome(whoami()));
  });

  it('hangs until the caller gives up', async () => {
    registry.inject({ path: /whoami/, fault: { kind: 'hang' } });
    const giveUp = new AbortController();
    const hanging = hub.fetch('api/whoami-v2', { signal: giveUp.signal });
    await until(
      () => registry.requests.some((request) => request.path.endsWith('whoami-v2')),
      'the request arrived',
    );
    giveUp.abort();
    await assert.rejects(hanging, { name: 'AbortError' });
    assert.equal((await whoami()).status, 200);
  });

  it('holds one connection to a speed and leaves the others alone', async () => {
    const [slow, quick] = [randomBytes(500_000), randomBytes(500_000)];
    const slowUrl = await hub.uploadUrl(slow);
    registry.inject({ path: new RegExp(sha256(slow)), fault: { kind: 'slow', bytesPerSecond: 1 } });
    const giveUp = new AbortController();
    const crawling = assert.rejects(fetch(slowUrl, { method: 'PUT', body: slow, signal: giveUp.signal }));
    const recorded = () => registry.requests.find((request) => slowUrl.endsWith(request.path));
    await until(() => (recorded()?.bodyBytes ?? 0) > 0, 'the slow upload began');
    await hub.upload(quick);
    assert.equal(await registry.hasObject('acme', 'models', sha256(quick)), true);
    assert.equal(recorded()?.status, undefined);
    giveUp.abort();
    await crawling;
    assert.equal(await registry.hasObject('acme', 'models', sha256(slow)), false);
  });

  it('delays and slows down what then succeeds', async () => {
    const content = randomBytes(20_000);
    const url = await hub.uploadUrl(content);
    registry.inject({ path: /uploads/, fault: { kind: 'slow', bytesPerSecond: 1_000_000 } });
    registry.inject({ path: /uploads/, fault: { kind: 'delay', ms: 5 } });
    assert.equal((await fetch(url, { method: 'PUT', body: content })).status, 200);
    assert.equal(await registry.hasObject('acme', 'models', sha256(content)), true);
  });

  it('stops while a request hangs', async () => {
    registry.inject({ path: /whoami/, fault: { kind: 'hang' }, times: Infinity });
    registry.inject({ path: /refs/, fault: { kind: 'delay', ms: 3_600_000 } });
    const hanging = [whoami(), hub.fetch('api/models/acme/demo/refs')].map((each) => assert.rejects(each));
    while (registry.requests.filter((request) => request.method === 'GET').length < 2) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await registry.stop();
    await Promise.all(hanging);
  });

  it('records requests as they arrived', async () => {
    const content = randomBytes(1234);
    const url = await hub.uploadUrl(content);
    await fetch(url, { method: 'PUT', body: content });
    const recorded = registry.requests.at(-1)!;
    assert.deepEqual(
      [recorded.method, recorded.path, recorded.bodyBytes, recorded.status, recorded.headers.authorization],
      ['PUT', url.slice(registry.packagesUrl.length), 1234, 200, undefined],
    );
  });
});
