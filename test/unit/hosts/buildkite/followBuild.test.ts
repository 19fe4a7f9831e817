import assert from 'node:assert/strict';
import type { Failure } from '../../../../src/core/failure.ts';
import { followBuild } from '../../../../src/core/hosts/followBuild.ts';
import type { Build } from '../../../../src/core/hosts/pipelines.ts';
import type { BuildState } from '../../../registry/pipelines.ts';
import { asGitObjectId } from '../../../../src/core/objectIds.ts';
import { failing, useHosts } from './hosts.ts';

const SIGNAL = new AbortController().signal;

describe('following a build', () => {
  const { start, hostOf } = useHosts();

  /** A scheduled build, and what happens in each pause between two looks at it. */
  const scheduled = async (agents: readonly (BuildState | 'blocked' | (() => void))[] = []) => {
    const registry = await start();
    registry.addPipeline('acme', { name: 'Train', repository: 'git@github.com:acme/bert.git' });
    const host = hostOf(registry, registry.token).pipelines!;
    const [pipeline] = (await host.pipelines('acme', {}, SIGNAL)).items;
    assert.ok(pipeline);
    const commit = asGitObjectId('ab'.repeat(20))!;
    const build = await host.createBuild(pipeline, { commit, branch: 'main', message: '', env: {} }, SIGNAL);
    const seen: string[] = [];
    const pauses: number[] = [];
    const coming = [...agents];
    return {
      registry,
      seen,
      pauses,
      follow: (signal = SIGNAL) =>
        followBuild(build, {
          // A host of its own for each look: the test does not wait as long as the server asks.
          read: (one) => hostOf(registry, registry.token).pipelines!.build(build, one),
          onBuild: ({ state }: Build) => seen.push(state.kind),
          onTrouble: ({ kind }: Failure) => seen.push(`!${kind}`),
          signal,
          pause: (ms, one) => {
            one.throwIfAborted();
            pauses.push(ms);
            const next = coming.shift();
            if (typeof next === 'function') next();
            else if (next === 'blocked')
              registry.builds.setState('acme', 'train', 1, 'passed', { blocked: true });
            else if (next) registry.builds.setState('acme', 'train', 1, next);
            return Promise.resolve();
          },
        }),
    };
  };

  it('tells what the build does until it ends', async () => {
    const { follow, seen } = await scheduled(['scheduled', 'running', 'failing', 'failed']);
    const { state } = await follow();
    assert.deepEqual(state, { kind: 'ended', result: 'failed' });
    assert.deepEqual(seen, ['scheduled', 'running', 'running', 'ended']);
  });

  it('ends where the build waits for a person', async () => {
    const { follow } = await scheduled(['running', 'blocked']);
    assert.deepEqual((await follow()).state, { kind: 'blocked', last: 'passed' });
  });

  it('looks less and less often, and never faster than the limits take', async () => {
    const { follow, pauses } = await scheduled([...Array<BuildState>(20).fill('running'), 'passed']);
    await follow();
    assert.deepEqual(
      pauses,
      [...pauses].sort((one, other) => one - other),
    );
    assert.equal(pauses.at(-1), 15_000);
    // A window is 50 requests in 60 seconds.
    const minute = pauses.reduce(
      ({ ms, count }, pause) =>
        ms + pause <= 60_000 ? { ms: ms + pause, count: count + 1 } : { ms: Infinity, count },
      { ms: 0, count: 0 },
    );
    assert.ok(minute.count <= 10, String(minute.count));
  });

  it('goes on after the server could not be reached, and waits as long as it asks', async () => {
    const faults = await scheduled([
      () => faults.registry.inject({ path: /builds\/1/, fault: { kind: 'status', status: 503 }, times: 2 }),
      () =>
        faults.registry.inject({
          path: /builds\/1/,
          fault: { kind: 'status', status: 429, headers: { 'retry-after': '40' } },
        }),
      'passed',
    ]);
    await faults.follow();
    assert.deepEqual(faults.seen, ['!server', '!rateLimit', 'ended']);
    assert.equal(faults.pauses.at(-1), 40_000);
  });

  it('waits no longer than a timer can, which would not wait at all', async () => {
    const faults = await scheduled([
      () =>
        faults.registry.inject({
          path: /builds\/1/,
          fault: {
            kind: 'status',
            status: 429,
            headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': '999999999' },
          },
        }),
      'passed',
    ]);
    await faults.follow();
    assert.ok(faults.pauses.at(-1)! < 2 ** 31, String(faults.pauses));
  });

  it('ends with what will not pass, and at once when it is given up', async () => {
    const revoked = await scheduled([() => revoked.registry.revokeToken(revoked.registry.token)]);
    await assert.rejects(revoked.follow(), failing('auth'));
    const controller = new AbortController();
    const leaving = await scheduled(['running', () => controller.abort()]);
    await assert.rejects(leaving.follow(controller.signal), { name: 'AbortError' });
    assert.deepEqual(leaving.seen, ['running']);
  });
});
