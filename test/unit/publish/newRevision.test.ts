import assert from 'node:assert/strict';
import type { HubBehaviour } from '../../registry/registry.ts';
import { planDigest } from '../../../src/core/publish/planDigest.ts';
import type { PublishTarget } from '../../../src/core/publish/publishing.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { blob, lfs, memorySnapshot, sha256 } from './memorySnapshot.ts';
import { json, startOddHub, type Habits, type OddHub } from './oddHub.ts';
import { startPublishing, treeOf, sorted, type Publishing } from './publishing.ts';

const ATTRIBUTES = { '.gitattributes': blob('*.bin filter=lfs diff=lfs merge=lfs -text\n') };
const first = memorySnapshot({
  ...ATTRIBUTES,
  'README.md': blob('# A'),
  'old.txt': blob('old'),
  'w.bin': lfs('weights'),
});
const second = memorySnapshot({
  ...ATTRIBUTES,
  'README.md': blob('# B'),
  'new.txt': blob('new'),
  'w.bin': lfs('weights'),
});
const signal = new AbortController().signal;
const options = { onEvent: () => undefined, signal };

describe('a revision that does not exist yet, in a registry of branches', () => {
  let publishing: Publishing;
  let models = 0;
  let model: string;
  const start = async (hub: HubBehaviour = {}): Promise<void> => {
    publishing = await startPublishing(hub);
    model = `acme/branched-${models++}`;
  };
  afterEach(() => publishing.stop());
  const at = (revision: string): PublishTarget => {
    const { hub } = publishing.target(model);
    return { model, hub: { ...hub, revision } };
  };
  const plan = (snapshot: Snapshot, revision: string) =>
    publishing.publisher.plan(snapshot, at(revision), signal);
  const heldAt = async (revision: string) => {
    const held = new Map<string, string>();
    const plan = await publishing.publisher.plan(memorySnapshot({}), at(revision), signal);
    for (const [path, { gitSha1 }] of plan.remote) held.set(path, gitSha1 ?? '');
    return held;
  };

  it('is planned against what it begins with, by reading only, and made by the publish', async () => {
    await start();
    const main = await publishing.published(first, model);
    publishing.arrived();
    const planned = await plan(second, 'release/2');
    assert.deepEqual(
      publishing.arrived().filter(({ method }) => method !== 'GET'),
      [],
    );
    assert.deepEqual(planned.startsFrom, { revision: 'main', commit: main.commit });
    assert.equal(planned.parentCommit, undefined);
    assert.deepEqual(
      planned.changed.map(({ path }) => path),
      ['README.md', 'new.txt'],
    );
    assert.deepEqual(planned.deleted, ['old.txt']);

    const outcome = await publishing.publisher.publish(planned, {
      ...options,
      agreed: planDigest(planned, undefined),
    });
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    assert.ok(outcome.created && outcome.verified);
    assert.deepEqual(sorted(await heldAt('release/2')), sorted(treeOf(second)));
    assert.deepEqual(sorted(await publishing.held(model)), sorted(treeOf(first)), 'main stays as it is');
    const again = await plan(second, 'release/2');
    assert.deepEqual(
      [again.changed.length, again.startsFrom, again.parentCommit],
      [0, undefined, outcome.commit],
    );
  });

  it('begins where it was planned to, though main has moved on', async () => {
    await start();
    await publishing.published(first, model);
    const planned = await plan(first, 'v1');
    assert.deepEqual([planned.changed.length, planned.deleted.length], [0, 0]);
    await publishing.published(second, model);
    const outcome = await publishing.publisher.publish(planned, options);
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    assert.deepEqual(sorted(await heldAt('v1')), sorted(treeOf(first)));
  });

  it('is agreed to together with what it begins with', async () => {
    await start();
    await publishing.published(first, model);
    const agreed = planDigest(await plan(second, 'v1'), undefined);
    await publishing.published(second, model);
    assert.notEqual(planDigest(await plan(second, 'v1'), undefined), agreed);
  });

  it('is made with the model, where a model begins with a commit', async () => {
    await start({ firstCommit: 'empty' });
    const planned = await plan(first, 'v1');
    assert.equal(planned.startsFrom, undefined);
    const outcome = await publishing.publisher.publish(planned, options);
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    assert.ok(outcome.verified);
    assert.deepEqual(sorted(await heldAt('v1')), sorted(treeOf(first)));
    assert.equal((await heldAt('main')).size, 0);
  });

  it('is compared with what somebody else put there meanwhile, and may be refused for it', async () => {
    await start();
    await publishing.published(first, model);
    const planned = await plan(second, 'v1');
    const theirs = await plan(memorySnapshot({ 'theirs.txt': blob('theirs') }), 'v1');
    assert.equal((await publishing.publisher.publish(theirs, options)).kind, 'published');
    const refused = await publishing.publisher.publish(planned, { ...options, mayFollow: () => false });
    assert.equal(refused.kind, 'failed');
    assert.equal(refused.failure.kind, 'conflict');
    assert.equal((await publishing.publisher.publish(planned, options)).kind, 'published');
    assert.deepEqual(sorted(await heldAt('v1')), sorted(treeOf(second)));
  });
});

describe('a revision that does not exist yet, elsewhere', () => {
  let hub: OddHub;
  const start = async (habits: Partial<Habits>): Promise<void> => {
    hub = await startOddHub(habits);
    await hub.publish(first);
  };
  afterEach(() => hub.stop());
  const branchCalls = () => hub.requests.filter((line) => line.includes('/branch/')).length;

  for (const status of [404, 405, 501]) {
    it(`is made by the commit where the call for branches is answered ${status}`, async () => {
      await start({ branches: 'none' });
      hub.habits.noBranches = status;
      const target = hub.target('acme/model', 'v1');
      const planned = await hub.plan(second, target);
      assert.deepEqual(
        [planned.startsFrom, planned.changed.length, planned.deleted.length],
        [undefined, 4, 0],
      );
      const outcome = await hub.publish(second, target);
      assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
      assert.deepEqual(hub.paths('v1'), ['.gitattributes', 'README.md', 'new.txt', 'w.bin']);
      assert.equal(branchCalls(), 1);
    });
  }

  for (const branches of ['needed', 'conflict'] as const) {
    it(`is compared with what it holds where branches are ${branches}, and refs are not listed`, async () => {
      await start({ branches, names: (count, revision) => sha256(Buffer.from(`${revision} ${count}`)) });
      const target = hub.target('acme/model', 'v1');
      const outcome = await hub.publish(second, target);
      assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
      assert.deepEqual(hub.paths('v1'), ['.gitattributes', 'README.md', 'new.txt', 'w.bin']);
      assert.equal(hub.commits('v1').at(-1)?.parent, hub.commits('main').at(-1)?.name);
      assert.deepEqual(hub.paths('main'), ['.gitattributes', 'README.md', 'old.txt', 'w.bin']);
    });
  }

  it('is a plain failure where the branch may not be made', async () => {
    await start({ branches: 'needed' });
    hub.habits.onBranch = (response) => json(response, 403, { error: 'Not yours' });
    const outcome = await hub.publish(second, hub.target('acme/model', 'v1'));
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'forbidden');
  });

  it('is never asked for where it is main, or there already', async () => {
    await start({ branches: 'needed' });
    await hub.publish(second);
    assert.equal(branchCalls(), 0);
    await hub.publish(second, hub.target('acme/model', 'v1'));
    await hub.publish(first, hub.target('acme/model', 'v1'));
    assert.equal(branchCalls(), 1);
  });
});
