import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createPublisher } from '../../../src/core/publish/publisher.ts';
import type { PublishStep } from '../../../src/core/publish/publishing.ts';
import { until } from '../../setup/until.ts';
import { blob, lfs, memorySnapshot, sha256 } from './memorySnapshot.ts';
import type { HandMade } from './memorySnapshot.ts';
import { eventLog, sorted, startPublishing, treeOf } from './publishing.ts';
import type { Publishing } from './publishing.ts';

const ATTRIBUTES = blob('*.bin filter=lfs diff=lfs merge=lfs -text\n');
const HUB = /\/huggingface\//;
const PUT = { method: 'PUT', path: /^\/uploads\// };
const COMMIT = { method: 'POST', path: /\/commit\/main/ };

/** A model with an LFS file, a large plain one, and a small one: every step has work. */
const everyKind = (seed = randomBytes(8).toString('hex')) => {
  const files: Record<string, HandMade> = {
    '.gitattributes': ATTRIBUTES,
    'README.md': blob(`# ${seed}\n`),
    'weights.bin': lfs(randomBytes(300_000)),
    'large.txt': blob(seed.repeat(20_000)),
  };
  return memorySnapshot(files, { seed });
};

describe('a publish that something goes wrong with', () => {
  let publishing: Publishing;
  let models = 0;
  let model: string;
  before(async () => (publishing = await startPublishing({ lfsThresholdBytes: 200_000 })));
  after(() => publishing.stop());
  beforeEach(() => {
    model = `acme/faulty-${models++}`;
    publishing.arrived();
  });
  afterEach(() => publishing.registry.clearFaults());

  const nothingVisible = async () => assert.equal(await publishing.held(model), undefined);
  const publishedOnce = async (snapshot: ReturnType<typeof everyKind>) => {
    const names = treeOf(snapshot);
    const shown = await publishing.held(model);
    for (const path of ['README.md', 'weights.bin']) assert.equal(shown?.get(path), names.get(path));
    assert.equal((await publishing.messages(model)).length, 1);
  };

  it('does not speak of the token where upload addresses are refused for good', async () => {
    publishing.registry.inject({ ...PUT, fault: { kind: 'status', status: 403 }, times: Infinity });
    const outcome = await publishing.publish(everyKind(), model);
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'refused');
    assert.equal(outcome.failure.paths.length, 1);
    await nothingVisible();
  });

  it('says that it cannot tell where the answer to the commit is lost and the server is gone', async () => {
    const plan = await publishing.plan(everyKind(), model);
    publishing.registry.inject({ ...COMMIT, fault: { kind: 'loseAnswer' } });
    publishing.registry.inject({
      path: /\/revision\/main/,
      fault: { kind: 'status', status: 500 },
      after: 1,
      times: Infinity,
    });
    const outcome = await publishing.publisher.publish(plan, {
      onEvent: () => undefined,
      signal: new AbortController().signal,
    });
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'unknownOutcome');
  });

  it('is published, though not verified, where the listing cannot be read afterwards', async () => {
    const snapshot = everyKind();
    publishing.registry.inject({
      path: /\/tree\/[0-9a-f]{40}/,
      fault: { kind: 'status', status: 500 },
      times: Infinity,
    });
    const outcome = await publishing.published(snapshot, model);
    assert.equal(outcome.verified, false);
    await publishedOnce(snapshot);
  });

  it('says which files the registry shows otherwise than they were sent', async () => {
    const snapshot = everyKind();
    const body = JSON.stringify([{ type: 'file', path: 'README.md', size: 3, oid: '0'.repeat(40) }]);
    publishing.registry.inject({
      path: /\/tree\/[0-9a-f]{40}/,
      fault: { kind: 'status', status: 200, body },
    });
    const outcome = await publishing.publish(snapshot, model);
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'protocol');
    assert.deepEqual(outcome.failure.paths, ['.gitattributes', 'README.md', 'large.txt', 'weights.bin']);
  });

  it('settles a lost answer by the files where the registry lists no commits', async () => {
    const snapshot = everyKind();
    publishing.registry.inject({ ...COMMIT, fault: { kind: 'loseAnswer' } });
    publishing.registry.inject({
      path: /\/commits\/main/,
      fault: { kind: 'status', status: 404 },
      times: Infinity,
    });
    assert.ok((await publishing.published(snapshot, model)).created);
    await publishedOnce(snapshot);
  });

  it('publishes to a registry that lists no files', async () => {
    publishing.registry.inject({ path: /\/tree\//, fault: { kind: 'status', status: 404 }, times: Infinity });
    const kept = { '.gitattributes': ATTRIBUTES, 'weights.bin': lfs('w') };
    const first = memorySnapshot({ ...kept, 'README.md': blob('# A'), 'old.txt': blob('old') });
    assert.equal((await publishing.published(first, model)).verified, false);
    const second = memorySnapshot({ ...kept, 'README.md': blob('# B') });
    assert.ok((await publishing.published(second, model)).created);
    assert.deepEqual(sorted(await publishing.held(model)), sorted(treeOf(second)));
  });

  it('says that there is no registry for models', async () => {
    const { registry } = publishing;
    const target = publishing.target(model);
    const endpoint = new URL(`${registry.packagesUrl}/${registry.organization}/nowhere/huggingface`);
    const signal = new AbortController().signal;
    const plan = await publishing.publisher.plan(
      everyKind(),
      { ...target, hub: { ...target.hub, endpoint } },
      signal,
    );
    const outcome = await publishing.publisher.publish(plan, { onEvent: () => undefined, signal });
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'notFound');
    assert.match(outcome.failure.message, /no registry for Hugging Face models/);
  });

  it('compares again where someone else was faster, and commits on top of theirs', async () => {
    const { registry } = publishing;
    await publishing.published(everyKind(), model);
    const snapshot = everyKind();
    const plan = await publishing.plan(snapshot, model);
    const theirs = await registry.addModelVersion(
      registry.organization,
      registry.registry,
      model,
      { 'README.md': 'theirs', 'theirs.txt': 'theirs' },
      'Their work',
    );
    publishing.arrived();
    const log = eventLog();
    const outcome = await publishing.publisher.publish(plan, {
      ...log,
      signal: new AbortController().signal,
    });
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    assert.ok(outcome.created && outcome.verified);
    assert.equal(outcome.follows?.id, theirs);
    assert.match(outcome.follows.message, /^Their work/);
    const shown = await publishing.held(model);
    assert.equal(shown?.has('theirs.txt'), false);
    assert.equal(shown.get('README.md'), treeOf(snapshot).get('README.md'));
    assert.equal((await publishing.messages(model)).length, 3);
    const sent = publishing.arrived().filter(({ method }) => method === 'PUT');
    assert.equal(new Set(sent.map(({ path }) => path)).size, sent.length, 'no object is sent twice');
    const progress = log.lastProgress();
    assert.equal(progress?.sentBytes, progress?.totalBytes);
  });

  it('makes no commit where someone else published the same meanwhile', async () => {
    await publishing.published(everyKind(), model);
    const snapshot = everyKind();
    const plan = await publishing.plan(snapshot, model);
    const other = createPublisher({ http: publishing.http, log: publishing.log });
    const options = { onEvent: () => undefined, signal: new AbortController().signal };
    const first = await other.publish(plan, options);
    assert.equal(first.kind, 'published');
    const second = await publishing.publisher.publish(plan, options);
    assert.equal(second.kind, 'published');
    assert.deepEqual([second.created, second.commit], [false, first.commit]);
    assert.equal((await publishing.messages(model)).length, 2);
  });

  it('says who was faster where that happens twice', async () => {
    const { registry } = publishing;
    const first = everyKind();
    await publishing.published(first, model);
    const plan = await publishing.plan(everyKind(), model);
    const head = await registry.addModelVersion(
      registry.organization,
      registry.registry,
      model,
      { 'README.md': 'theirs' },
      'Their work',
    );
    registry.inject({ ...COMMIT, fault: { kind: 'status', status: 412 }, times: 2 });
    const outcome = await publishing.publisher.publish(plan, {
      onEvent: () => undefined,
      signal: new AbortController().signal,
    });
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'conflict');
    assert.match(outcome.failure.message, /“Their work”/);
    assert.equal((await publishing.plan(first, model)).parentCommit, head);
  });

  it('fails where someone else made the model meanwhile', async () => {
    const { registry } = publishing;
    const plan = await publishing.plan(everyKind(), model);
    await registry.addModelVersion(registry.organization, registry.registry, model, {
      'README.md': 'theirs',
    });
    const outcome = await publishing.publisher.publish(plan, {
      onEvent: () => undefined,
      signal: new AbortController().signal,
    });
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'conflict');
    assert.equal((await publishing.messages(model)).length, 1);
  });

  it('does not take a second commit for its own where the first answer was lost and someone else followed', async () => {
    const snapshot = everyKind();
    const { registry } = publishing;
    await publishing.published(everyKind(), model);
    const plan = await publishing.plan(snapshot, model);
    registry.inject({ ...COMMIT, fault: { kind: 'loseAnswer' } });
    registry.inject({ path: /\/revision\/main/, fault: { kind: 'delay', ms: 1_000 } });
    const seen = registry.requests.length;
    const publish = publishing.publisher.publish(plan, {
      onEvent: () => undefined,
      signal: new AbortController().signal,
    });
    await until(
      () => registry.requests.slice(seen).some(({ path }) => path.includes('/revision/main')),
      'the publish looks',
    );
    await registry.addModelVersion(registry.organization, registry.registry, model, { 'other.md': 'later' });
    const outcome = await publish;
    assert.equal(outcome.kind, 'published');
    const messages = await publishing.messages(model);
    assert.equal(messages.filter((message) => message.includes(snapshot.commit)).length, 1);
    assert.equal(messages.length, 3);
  });

  for (const [name, damaged] of [
    ['an LFS object that is too short', { 'weights.bin': lfs(randomBytes(300_000), 'short') }],
    ['a small file', { 'weights.bin': blob('right', 'wrong') }],
    ['a large plain file', { 'weights.bin': blob(randomBytes(300_000), randomBytes(300_000)) }],
  ] as const) {
    it(`names ${name} whose bytes are damaged, and shows nothing`, async () => {
      const snapshot = memorySnapshot({ 'README.md': blob('# A'), ...damaged });
      const outcome = await publishing.publish(snapshot, model);
      assert.equal(outcome.kind, 'failed');
      assert.equal(outcome.failure.kind, 'corrupt');
      assert.deepEqual(outcome.failure.paths, ['weights.bin']);
      const { registry } = publishing;
      const { content } = damaged['weights.bin'];
      assert.ok(!(await registry.hasObject(registry.organization, registry.registry, sha256(content))));
      await nothingVisible();
    });
  }

  it('tells a token that may only read, and creates nothing', async () => {
    const { registry } = publishing;
    const target = publishing.target(model, registry.readOnlyToken);
    const signal = new AbortController().signal;
    const plan = await publishing.publisher.plan(everyKind(), target, signal);
    const outcome = await publishing.publisher.publish(plan, { onEvent: () => undefined, signal });
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'forbidden');
    assert.match(outcome.failure.message, /may not publish/);
    assert.ok(!outcome.failure.message.includes(registry.readOnlyToken));
    await nothingVisible();
  });

  it('tells a token that may only read, where the model is there already', async () => {
    const { registry } = publishing;
    await publishing.published(everyKind(), model);
    const signal = new AbortController().signal;
    const plan = await publishing.publisher.plan(
      everyKind(),
      publishing.target(model, registry.readOnlyToken),
      signal,
    );
    const outcome = await publishing.publisher.publish(plan, { onEvent: () => undefined, signal });
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'forbidden');
    assert.equal((await publishing.messages(model)).length, 1);
  });

  it('tells a revoked token at the plan', async () => {
    const { registry } = publishing;
    const token = registry.addToken({ scopes: ['read_packages', 'write_packages'] });
    registry.revokeToken(token);
    const plan = publishing.publisher.plan(
      everyKind(),
      publishing.target(model, token),
      new AbortController().signal,
    );
    await assert.rejects(plan, { name: 'Failure', kind: 'auth' });
  });

  it('publishes a model only once at a time, and again after that', async () => {
    const snapshot = everyKind();
    const plan = await publishing.plan(snapshot, model);
    const other = await publishing.plan(snapshot, `${model}-other`);
    const options = () => ({ onEvent: () => undefined, signal: new AbortController().signal });
    const first = publishing.publisher.publish(plan, options());
    const elsewhere = publishing.publisher.publish(other, options());
    const second = await publishing.publisher.publish(plan, options());
    assert.equal(second.kind, 'failed');
    assert.equal(second.failure.kind, 'busy');
    assert.equal((await first).kind, 'published');
    assert.equal((await elsewhere).kind, 'published');
    assert.equal((await publishing.published(snapshot, model)).created, false);
  });

  it('logs no token and no signed address', async () => {
    const { registry, logged } = publishing;
    const before = logged.length;
    for (const rule of [PUT, COMMIT, { path: /\/objects\/batch/ }]) {
      const headers = { 'retry-after': '0' };
      registry.inject({ ...rule, fault: { kind: 'status', status: 503, headers } });
    }
    registry.inject({ ...PUT, fault: { kind: 'status', status: 403 } });
    await publishing.published(everyKind(), model);
    registry.inject({ ...PUT, fault: { kind: 'status', status: 500 }, times: Infinity });
    assert.equal((await publishing.publish(everyKind(), model)).kind, 'failed');
    assert.ok(logged.length > before + 5);
    for (const line of logged) {
      assert.ok(!line.includes(registry.token) && !line.includes(registry.readOnlyToken), line);
      assert.doesNotMatch(line, /\/uploads\/[^ ]*\?/);
    }
  });

  describe('cancelled', () => {
    for (const step of ['create', 'preupload', 'hash', 'upload', 'commit'] satisfies PublishStep[]) {
      it(`as ${step} begins, is an outcome of its own`, async () => {
        const snapshot = everyKind();
        const cancel = new AbortController();
        const log = eventLog((event) => {
          if (event.kind === 'stepStarted' && event.step === step) cancel.abort();
        });
        const outcome = await publishing.publish(snapshot, model, { ...log, signal: cancel.signal });
        assert.equal(outcome.kind, 'cancelled');
        assert.equal(log.steps().at(-1), `${step} started`, 'nothing is told after a cancel');
        await nothingVisible();
      });
    }

    it('before it began, sends nothing', async () => {
      const plan = await publishing.plan(everyKind(), model);
      publishing.arrived();
      const outcome = await publishing.publisher.publish(plan, {
        onEvent: () => undefined,
        signal: AbortSignal.abort(),
      });
      assert.deepEqual(outcome, { kind: 'cancelled', sentBytes: 0, unsettled: false });
      assert.deepEqual(publishing.arrived(), []);
    });

    it('once the commit happened, is still published', async () => {
      const snapshot = everyKind();
      const cancel = new AbortController();
      const log = eventLog((event) => {
        if (event.kind === 'stepStarted' && event.step === 'verify') cancel.abort();
      });
      const outcome = await publishing.published(snapshot, model, { ...log, signal: cancel.signal });
      assert.deepEqual([outcome.created, outcome.verified], [true, false]);
      await publishedOnce(snapshot);
    });

    it('while the server carries the commit out, tells what became of it', async () => {
      const snapshot = everyKind();
      const plan = await publishing.plan(snapshot, model);
      publishing.registry.inject({ ...COMMIT, fault: { kind: 'delay', ms: 300 } });
      const cancel = new AbortController();
      const publish = publishing.publisher.publish(plan, { onEvent: () => undefined, signal: cancel.signal });
      const seen = publishing.registry.requests.length;
      await until(
        () =>
          publishing.registry.requests.slice(seen).some((request) => request.path.includes('/commit/main')),
        'the commit arrived',
      );
      cancel.abort();
      assert.equal((await publish).kind, 'published');
      await publishedOnce(snapshot);
    });

    it('while the server keeps silent about the commit, says that it may still appear', async () => {
      const plan = await publishing.plan(everyKind(), model);
      publishing.registry.inject({ ...COMMIT, fault: { kind: 'hang' } });
      const cancel = new AbortController();
      const seen = publishing.registry.requests.length;
      const { http, log } = publishing;
      const publisher = createPublisher({ http, log, commitWaits: { grace: 1, pauses: [] } });
      const publish = publisher.publish(plan, { onEvent: () => undefined, signal: cancel.signal });
      await until(
        () =>
          publishing.registry.requests.slice(seen).some((request) => request.path.includes('/commit/main')),
        'the commit arrived',
      );
      cancel.abort();
      const outcome = await publish;
      assert.equal(outcome.kind, 'cancelled');
      assert.equal(outcome.unsettled, true);
      await nothingVisible();
    });

    it('during the plan, throws the reason', async () => {
      publishing.registry.inject({ path: HUB, fault: { kind: 'hang' } });
      const cancel = new AbortController();
      const plan = publishing.publisher.plan(everyKind(), publishing.target(model), cancel.signal);
      const reason = new Error('never mind');
      cancel.abort(reason);
      await assert.rejects(plan, reason);
    });
  });
});

describe('a publish whose upload addresses are short-lived', () => {
  let publishing: Publishing;
  before(async () => (publishing = await startPublishing({ uploadUrlLifetimeMs: 600 })));
  after(() => publishing.stop());

  it('asks for them when they are needed', async () => {
    const files: Record<string, HandMade> = { '.gitattributes': ATTRIBUTES };
    for (let index = 0; index < 12; index++) files[`shards/${index}.bin`] = lfs(randomBytes(2_000));
    publishing.registry.inject({ ...PUT, fault: { kind: 'delay', ms: 800 }, times: 4, after: 1 });
    const snapshot = memorySnapshot(files);
    assert.ok((await publishing.published(snapshot, 'acme/late')).verified);
    assert.deepEqual(sorted(await publishing.held('acme/late')), sorted(treeOf(snapshot)));
  });
});
