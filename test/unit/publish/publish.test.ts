import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { blob, lfs, memorySnapshot, missing, sha256 } from './memorySnapshot.ts';
import type { HandMade } from './memorySnapshot.ts';
import { eventLog, sorted, startPublishing, treeOf } from './publishing.ts';
import type { Publishing } from './publishing.ts';

const ATTRIBUTES = blob('*.bin filter=lfs diff=lfs merge=lfs -text\n');
const uploads = (publishing: Publishing) => publishing.arrived().filter(({ method }) => method === 'PUT');

describe('publishing a snapshot', () => {
  let publishing: Publishing;
  before(async () => (publishing = await startPublishing({ lfsThresholdBytes: 300_000, treePageSize: 3 })));
  after(() => publishing.stop());
  beforeEach(() => publishing.arrived());

  it('creates the model and shows exactly the files of the commit', async () => {
    const weights = randomBytes(200_000);
    const snapshot = memorySnapshot(
      {
        '.gitattributes': ATTRIBUTES,
        'README.md': blob('# A model\n'),
        'config.json': blob('{}'),
        'empty.txt': blob(''),
        'weights/model.bin': lfs(weights),
        'a folder/naïve 名前 🙂 %20#?.txt': blob('text'),
      },
      { subject: 'Train “longer” – über' },
    );
    const plan = await publishing.plan(snapshot, 'acme/first');
    assert.equal(plan.parentCommit, undefined);
    assert.equal(plan.changed.length, 6);
    assert.deepEqual(
      publishing.arrived().map(({ method }) => method),
      ['GET'],
      'a plan creates nothing',
    );

    const log = eventLog();
    const outcome = await publishing.published(snapshot, 'acme/first', log);
    assert.ok(outcome.created);
    assert.ok(outcome.verified);
    assert.deepEqual(outcome.serverEdited, []);
    assert.deepEqual(sorted(await publishing.cloned('acme/first')), sorted(treeOf(snapshot)));
    const { registry } = publishing;
    assert.ok(await registry.hasObject(registry.organization, registry.registry, sha256(weights)));
    const [message] = await publishing.messages('acme/first');
    assert.equal(message?.trimEnd(), `Train “longer” – über\n\nGit-Commit: ${snapshot.commit}`);
    const steps = log.steps();
    assert.deepEqual(steps.slice(0, 2), ['create started', 'create finished']);
    const sideBySide = ['preupload started', 'preupload finished', 'upload started', 'upload finished'];
    assert.deepEqual(steps.slice(2, 6).sort(), sideBySide.sort());
    assert.deepEqual(steps.slice(6), [
      ...['commit started', 'commit finished', 'verify started', 'verify finished'],
    ]);
    assert.deepEqual(log.lastProgress(), {
      kind: 'progress',
      sentBytes: plan.bytes,
      totalBytes: plan.bytes,
      sentFiles: 6,
      totalFiles: 6,
    });
    assert.equal(outcome.sentBytes, plan.bytes);
    assert.ok(snapshot.streams.every(({ destroyed }) => destroyed));
  });

  it('sends only what changed the second time, and takes away what is gone', async () => {
    const kept = randomBytes(1000);
    const first = {
      '.gitattributes': ATTRIBUTES,
      'kept.bin': lfs(kept),
      'old.bin': lfs(randomBytes(1000)),
      place: blob('a file that becomes a folder'),
      'folder/one': blob('a folder that becomes a file'),
      'config.json': blob('{"a":1}'),
    };
    const fresh = randomBytes(1000);
    const second = memorySnapshot({
      '.gitattributes': ATTRIBUTES,
      'kept.bin': lfs(kept),
      'new.bin': lfs(fresh),
      'place/inside': blob('inside'),
      folder: blob('a file now'),
      'config.json': blob('{"a":2}'),
    });
    const before = await publishing.published(memorySnapshot(first), 'acme/second');
    publishing.arrived();
    const plan = await publishing.plan(second, 'acme/second');
    assert.equal(plan.parentCommit, before.commit);
    assert.deepEqual(plan.deleted, ['folder/one', 'old.bin', 'place']);
    const outcome = await publishing.published(second, 'acme/second');
    assert.deepEqual(
      uploads(publishing).map(({ path, bodyBytes }) => [path.includes(sha256(fresh)), bodyBytes]),
      [[true, 1000]],
    );
    assert.ok(outcome.verified);
    assert.equal(second.openings.get('kept.bin'), undefined, 'what the server has is never opened');
    assert.deepEqual(sorted(await publishing.cloned('acme/second')), sorted(treeOf(second)));
  });

  it('makes no commit where the registry holds the snapshot already', async () => {
    const snapshot = memorySnapshot({ 'a.txt': blob('a'), '.gitattributes': ATTRIBUTES, 'b.bin': lfs('b') });
    const first = await publishing.published(snapshot, 'acme/same');
    const log = eventLog();
    publishing.arrived();
    const again = await publishing.published(snapshot, 'acme/same', log);
    assert.deepEqual(again, { ...first, created: false, sentBytes: 0 });
    assert.ok(publishing.arrived().every(({ method }) => method === 'GET'));
    assert.deepEqual(log.steps(), []);
  });

  it('takes a message instead of the subject of HEAD', async () => {
    const snapshot = memorySnapshot({ 'a.txt': blob('a') });
    await publishing.published(snapshot, 'acme/message', { message: 'Release 2\n\nWith details.\n' });
    const [message] = await publishing.messages('acme/message');
    assert.equal(message?.trimEnd(), `Release 2\n\nWith details.\n\nGit-Commit: ${snapshot.commit}`);
  });

  it('publishes what .gitignore names, since it is committed', async () => {
    const first = memorySnapshot({ '.gitignore': blob('*.log\n') });
    await publishing.published(first, 'acme/ignored');
    const snapshot = memorySnapshot({ '.gitignore': blob('*.log\n'), 'train.log': blob('loss 0.1') });
    await publishing.published(snapshot, 'acme/ignored');
    assert.deepEqual(sorted(await publishing.cloned('acme/ignored')), sorted(treeOf(snapshot)));
    assert.ok(publishing.logged.some((line) => line.includes('train.log')));
  });

  it('hashes large plain files that the registry wants as LFS objects, and commits once', async () => {
    const big = randomBytes(400_000);
    const snapshot = memorySnapshot({ 'big.dat': blob(big), 'small.txt': blob('s') });
    const log = eventLog();
    const first = await publishing.published(snapshot, 'acme/large', log);
    assert.ok(log.steps().includes('hash started'));
    assert.deepEqual(first.serverEdited, ['.gitattributes']);
    const { registry } = publishing;
    assert.ok(await registry.hasObject(registry.organization, registry.registry, sha256(big)));
    const again = await publishing.published(snapshot, 'acme/large');
    assert.equal(again.created, false);
    assert.equal(again.commit, first.commit);
  });

  it('keeps LFS files LFS whatever their size, and copes with attributes that the registry edits', async () => {
    const snapshot = memorySnapshot({ '.gitattributes': blob('# none\n'), 'tiny.safetensors': lfs('tiny') });
    const first = await publishing.published(snapshot, 'acme/edited');
    assert.deepEqual(first.serverEdited, ['.gitattributes']);
    const expected = treeOf(snapshot).get('tiny.safetensors');
    assert.equal((await publishing.cloned('acme/edited'))?.get('tiny.safetensors'), expected);
    const again = await publishing.published(snapshot, 'acme/edited');
    assert.equal(again.created, false, 'the edit of the server is no reason for another commit');
  });

  it('publishes a folder whose attributes stand further up', async () => {
    const files = { 'a.bin': lfs('a'), 'b.bin': lfs('b') };
    const first = await publishing.published(memorySnapshot(files), 'acme/folder');
    assert.deepEqual(first.serverEdited, ['.gitattributes']);
    assert.equal((await publishing.published(memorySnapshot(files), 'acme/folder')).created, false);
    await publishing.published(memorySnapshot({ 'a.bin': lfs('a') }), 'acme/folder');
    assert.deepEqual([...(await publishing.cloned('acme/folder'))!.keys()], ['.gitattributes', 'a.bin']);
  });

  it('sends the same content once', async () => {
    const content = randomBytes(5000);
    const snapshot = memorySnapshot({
      '.gitattributes': ATTRIBUTES,
      'one.bin': lfs(content),
      'two.bin': missing(content),
      'three.bin': lfs(content),
    });
    const log = eventLog();
    await publishing.published(snapshot, 'acme/twins', log);
    assert.equal(uploads(publishing).length, 1);
    const progress = log.lastProgress();
    assert.deepEqual([progress?.sentFiles, progress?.totalFiles], [4, 4]);
    assert.deepEqual(sorted(await publishing.cloned('acme/twins')), sorted(treeOf(snapshot)));
  });

  it('does not need objects here that the registry has', async () => {
    const content = randomBytes(5000);
    await publishing.published(
      memorySnapshot({ '.gitattributes': ATTRIBUTES, 'a.bin': lfs(content) }),
      'acme/has',
    );
    const snapshot = memorySnapshot({ '.gitattributes': ATTRIBUTES, 'b.bin': missing(content) });
    await publishing.published(snapshot, 'acme/needs');
    assert.deepEqual(sorted(await publishing.cloned('acme/needs')), sorted(treeOf(snapshot)));
  });

  it('names every object that is nowhere, before anything is sent', async () => {
    const snapshot = memorySnapshot({
      '.gitattributes': ATTRIBUTES,
      'here.bin': lfs(randomBytes(1000)),
      'lost/1.bin': missing(randomBytes(1000)),
      'lost/2.bin': missing(randomBytes(2000)),
    });
    const outcome = await publishing.publish(snapshot, 'acme/lost');
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'missingObject');
    assert.deepEqual(outcome.failure.paths, ['lost/1.bin', 'lost/2.bin']);
    assert.match(outcome.failure.message, /git lfs pull/);
    assert.deepEqual(uploads(publishing), []);
    assert.equal(await publishing.cloned('acme/lost'), undefined);
  });

  it('shows what any sequence of commits holds', async () => {
    const name = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'b.bin', 'c.bin', 'README.md') },
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
        // eslint-disable-next-line no-control-regex
        .filter((text) => !/[/\x00]/.test(text) && !/^\.{1,2}$|^\.git/i.test(text)),
    );
    // Text stays text and `.bin` is LFS on both sides; what a registry makes of other files is its own decision.
    const text = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((content) => !content.includes('\0'));
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
    const file = fc.oneof(
      fc
        .tuple(path, text)
        .map(([at, content]): [string, HandMade] => [at.replace(/\.bin$/, ''), blob(content)]),
      fc
        .tuple(path, fc.uint8Array({ minLength: 1, maxLength: 300 }))
        .map(([at, bytes]): [string, HandMade] => [`${at}.bin`, lfs(Buffer.from(bytes))]),
    );
    const commit = fc.array(file, { maxLength: 6 }).map((entries) => {
      const files: Record<string, HandMade> = { '.gitattributes': ATTRIBUTES };
      for (const [at, content] of entries) {
        const clashes = Object.keys(files).some(
          (other) => other.startsWith(`${at}/`) || at.startsWith(`${other}/`),
        );
        if (!clashes) files[at] = content;
      }
      return files;
    });
    let models = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(commit, { minLength: 1, maxLength: 3 }), async (commits) => {
        const model = `acme/random-${models++}`;
        for (const files of commits) {
          const snapshot = memorySnapshot(files);
          const outcome = await publishing.published(snapshot, model);
          assert.ok(outcome.verified);
          assert.deepEqual(sorted(await publishing.held(model)), sorted(treeOf(snapshot)));
        }
      }),
      { numRuns: 6 },
    );
  });
});

describe('publishing to a registry that makes a model at its first commit', () => {
  let publishing: Publishing;
  before(async () => (publishing = await startPublishing({ madeBy: 'write' })));
  after(() => publishing.stop());

  for (const status of [403, 404, 405, 501]) {
    it(`goes on where it answers ${status} to its creation`, async () => {
      const { registry } = publishing;
      registry.inject({ path: /\/api\/repos\/create$/, fault: { kind: 'status', status } });
      const snapshot = memorySnapshot({ 'a.bin': lfs(randomBytes(1000)), 'config.json': blob('{}') });
      const { verified, created } = await publishing.published(snapshot, `acme/new-${status}`);
      assert.deepEqual({ verified, created }, { verified: true, created: true });
      const shown = await publishing.cloned(`acme/new-${status}`);
      assert.equal(shown?.get('config.json'), treeOf(snapshot).get('config.json'));
    });
  }
});

for (const [name, behaviour] of [
  ['wants everything as LFS objects', { everythingIsLfs: true }],
  ['tells no ids at preupload', { preuploadOid: 'absent' }],
  ['names no transfer and no verification', { batchTransfer: 'omitted', verifyAction: 'absent' }],
  ['answers a relative commitUrl', { commitUrl: 'relative' }],
  ['answers a placeholder as commitUrl', { commitUrl: 'placeholder' }],
  ['answers an empty commitUrl', { commitUrl: 'empty' }],
  ['takes objects in parts', { multipartThresholdBytes: 10_000, partBytes: 7_000 }],
  ['takes objects on another origin', { uploadOrigin: 'other' }],
  [
    'takes parts on another origin',
    { uploadOrigin: 'other', multipartThresholdBytes: 10_000, partBytes: 7_000 },
  ],
] as const) {
  describe(`publishing to a registry that ${name}`, () => {
    let publishing: Publishing;
    before(async () => (publishing = await startPublishing(behaviour)));
    after(() => publishing.stop());

    it('shows the files, makes no second commit, and gives the token to nobody else', async () => {
      const weights = randomBytes(100_000);
      const snapshot = memorySnapshot({
        '.gitattributes': blob('* filter=lfs\n'),
        'weights.bin': lfs(weights),
        'config.json': blob('{}'),
      });
      const log = eventLog();
      const first = await publishing.published(snapshot, 'acme/model', log);
      const { registry } = publishing;
      assert.ok(await registry.hasObject(registry.organization, registry.registry, sha256(weights)));
      assert.equal(
        (await publishing.cloned('acme/model'))?.get('weights.bin'),
        treeOf(snapshot).get('weights.bin'),
      );
      assert.ok(first.verified);
      const progress = log.lastProgress();
      assert.equal(progress?.sentBytes, progress?.totalBytes);
      const again = await publishing.published(snapshot, 'acme/model');
      assert.deepEqual([again.created, again.commit], [false, first.commit]);
      const signed = publishing.arrived().filter(({ path }) => path.startsWith('/uploads/'));
      assert.ok(signed.length > 0);
      for (const { headers } of signed) assert.equal(headers.authorization, undefined);
      for (const { method, headers } of signed.filter(({ method }) => method === 'PUT')) {
        assert.equal(headers['transfer-encoding'], undefined, method);
        assert.ok(headers['content-length']);
      }
    });
  });
}
