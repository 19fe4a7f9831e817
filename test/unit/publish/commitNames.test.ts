import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { asCommitName } from '../../../src/core/objectIds.ts';
import { blob, lfs, memorySnapshot } from './memorySnapshot.ts';
import { json, startOddHub, type OddHub } from './oddHub.ts';
import { anyText } from '../../setup/anyText.ts';

const model = () => memorySnapshot({ 'README.md': blob(randomBytes(8).toString('hex')), 'w.bin': lfs('w') });

describe('the name of a commit', () => {
  let hub: OddHub;
  afterEach(() => hub.stop());

  for (const [kind, names] of [
    ['a SHA-256', (count: number) => String(count).padStart(64, 'a')],
    ['a number', String],
    ['words', (count: number) => `release/${count}+übung`],
  ] as const) {
    it(`may be ${kind}, and is sent back as the parent of the next one`, async () => {
      hub = await startOddHub({ names });
      const first = await hub.publish(model());
      assert.equal(first.kind, 'published', JSON.stringify(first));
      assert.deepEqual([first.commit, first.verified], [names(1), true]);
      const snapshot = model();
      const second = await hub.publish(snapshot);
      assert.equal(second.kind, 'published', JSON.stringify(second));
      assert.equal(second.commit, names(2));
      assert.equal(hub.commits()[1]?.parent, names(1));
      const third = await hub.publish(snapshot);
      assert.equal(third.kind, 'published');
      assert.deepEqual([third.created, third.commit], [false, names(2)]);
    });
  }

  for (const listsFiles of [true, false]) {
    it(`that leads nowhere is no success, with${listsFiles ? '' : 'out'} a list of files`, async () => {
      hub = await startOddHub({
        listsFiles,
        onCommit: ({ response }) => json(response, 200, { commitOid: 'f'.repeat(40) }),
      });
      const outcome = await hub.publish(model());
      assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
      assert.equal(outcome.failure.kind, 'unknownOutcome');
      assert.match(outcome.failure.message, /knows no such version/);
    });
  }

  for (const commitOid of ['no-changes', '', 'f'.repeat(40), ' \n'] as const) {
    it(`is looked up where the answer’s, ${JSON.stringify(commitOid)}, is none`, async () => {
      hub = await startOddHub({ commitOid: () => commitOid });
      const outcome = await hub.publish(model());
      assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
      assert.deepEqual([outcome.commit, outcome.verified], [hub.commits()[0]?.name, true]);
    });
  }

  it('that was the head’s before means that nothing new was made', async () => {
    hub = await startOddHub();
    await hub.publish(memorySnapshot({ 'README.md': blob('same') }));
    const [head] = hub.commits();
    const plan = await hub.plan(memorySnapshot({ 'README.md': blob('other') }));
    const back = memorySnapshot({ 'README.md': blob('same') });
    hub.habits.onCommit = ({ response }) => json(response, 200, { commitOid: head?.name });
    const options = { onEvent: () => undefined, signal: new AbortController().signal };
    const kept = await hub.publisher.publish({ ...plan, snapshot: back, changed: back.files }, options);
    assert.equal(kept.kind, 'published', JSON.stringify(kept));
    assert.equal(kept.created, false);
    for (const [commitOid, listsFiles] of [
      [head?.name, true],
      [head?.name, false],
      ['no-changes', true],
      ['no-changes', false],
    ]) {
      hub.habits.onCommit = ({ response }) => json(response, 200, { commitOid });
      hub.habits.listsFiles = listsFiles === true;
      const ignored = await hub.publisher.publish(plan, options);
      assert.equal(ignored.kind, 'failed', 'the head is not the snapshot');
      assert.equal(ignored.failure.kind, 'unknownOutcome');
      assert.match(ignored.failure.message, /its newest version is the one before/);
    }
    hub.habits.listsFiles = true;
    const nothing = await hub.publisher.publish({ ...plan, snapshot: back, changed: back.files }, options);
    assert.equal(nothing.kind, 'published');
    assert.deepEqual([nothing.created, nothing.commit], [false, head?.name]);
  });

  it('is any text that can stand in an address and in a line', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const name = asCommitName(text);
        if (name === undefined) return;
        assert.ok(text.length > 0 && text.length <= 256);
        assert.doesNotMatch(name, /[\s\p{C}]/u);
        assert.equal(new URL(`http://hub/a/${encodeURIComponent(name)}`).pathname.split('/').length, 3);
      }),
    );
    assert.equal(asCommitName('A'.repeat(40)), 'a'.repeat(40));
    for (const none of ['', '.', '..', 'a b', 'a\nb', 'a'.repeat(257)])
      assert.equal(asCommitName(none), undefined);
  });
});
