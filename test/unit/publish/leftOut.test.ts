import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { inspect } from '../../../src/core/publish/inspection.ts';
import { silent } from '../snapshot/repositories.ts';
import { blob, lfs, memorySnapshot, missing, sha256 } from './memorySnapshot.ts';
import { startOddHub, type OddHub } from './oddHub.ts';

describe('an object that a batch’s answer leaves out', () => {
  const first = randomBytes(3_000);
  const second = randomBytes(3_000);
  const of = (files: Record<string, Buffer>) =>
    memorySnapshot({
      'README.md': blob(randomBytes(4).toString('hex')),
      ...Object.fromEntries(Object.entries(files).map(([path, content]) => [path, lfs(content)])),
    });
  let hub: OddHub;
  const puts = (): number => hub.requests.filter((line) => line.startsWith('PUT')).length;
  afterEach(() => hub.stop());

  for (const habits of [
    { downloads: 'truly', resolves: false },
    { downloads: 'none', resolves: true },
    { downloads: 'leavesOut', resolves: true },
  ] as const) {
    it(`is there where a look confirms it: ${JSON.stringify(habits)}`, async () => {
      hub = await startOddHub({ leavesOut: true, checksObjects: true, ...habits });
      for (const content of [first, second, first]) {
        const outcome = await hub.publish(of({ 'w.safetensors': content }));
        assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
        assert.ok(outcome.verified);
      }
      assert.equal(puts(), 2, 'what is there is not sent again');
      assert.equal(hub.commits().at(-1)?.files.get('w.safetensors')?.sha256, sha256(first));
    });
  }

  it('is there where the head lists it', async () => {
    hub = await startOddHub({ leavesOut: true, downloads: 'leavesOut', resolves: false });
    await hub.publish(of({ 'a.safetensors': first }));
    const outcome = await hub.publish(of({ 'a.safetensors': first, 'b.safetensors': first }));
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    assert.equal(puts(), 1);
  });

  it('is there though it is not on this machine, where a look confirms it', async () => {
    hub = await startOddHub({ leavesOut: true });
    await hub.publish(of({ 'a.safetensors': first }));
    await hub.publish(of({ 'a.safetensors': second }));
    const back = memorySnapshot({ 'a.safetensors': missing(first) });
    assert.equal((await hub.publish(back)).kind, 'published');
    hub.habits.downloads = 'leavesOut';
    await hub.publish(of({ 'a.safetensors': second }));
    const outcome = await hub.publish(back);
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'missingObject');
  });

  it('is the server’s fault where it does not have it, and then nothing is published', async () => {
    hub = await startOddHub({ leavesOut: true });
    hub.stored.add(sha256(first));
    const plan = await hub.plan(of({ 'w.safetensors': first }));
    hub.habits.downloads = 'denies';
    const outcome = await hub.publisher.publish(plan, {
      onEvent: () => undefined,
      signal: new AbortController().signal,
    });
    assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
    assert.equal(outcome.failure.kind, 'protocol');
    assert.match(outcome.failure.message, /^127\.0\.0\.1:\d+ does not say where .* Tell its operators\.$/);
    assert.deepEqual(hub.commits(), []);
  });

  it('is the server’s fault where the new version does not give it', async () => {
    hub = await startOddHub({ leavesOut: true, downloads: 'none', resolves: true });
    hub.stored.add(sha256(first));
    const outcome = await hub.publish(of({ 'w.safetensors': first }));
    assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
    assert.equal(outcome.failure.kind, 'protocol');
    assert.deepEqual(outcome.failure.paths, ['w.safetensors']);
    assert.match(
      outcome.failure.message,
      /neither said that it has the content of “w\.safetensors” nor gives it/,
    );
  });

  it('does not make what travels an exact number', async () => {
    hub = await startOddHub({ leavesOut: true });
    await hub.publish(of({ 'a.safetensors': first }));
    const http = createHttpClient({ userAgent: 'tests', log: silent });
    const plan = await hub.plan(of({ 'b.safetensors': first }));
    const { precision } = await inspect(plan, { http, log: silent }, undefined, new AbortController().signal);
    http.dispose();
    assert.equal(precision, 'atMost');
  });
});
