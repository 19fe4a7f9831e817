import assert from 'node:assert/strict';
import { inSuccession } from '../../../src/core/async/succession.ts';

describe('work in succession', () => {
  const { signal } = new AbortController();

  it('begins the next when the one before hands over, and leaves a bounded number unfinished', async () => {
    const events: string[] = [];
    const answers: (() => void)[] = [];
    const running = inSuccession([1, 2, 3, 4], 2, signal, async (item, _signal, handOver) => {
      events.push(`begin ${item}`);
      handOver();
      await new Promise<void>((resolve) => answers.push(resolve));
      events.push(`end ${item}`);
      return item * 10;
    });
    while (answers.length < 2) await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.deepEqual(events, ['begin 1', 'begin 2']);
    answers[1]?.();
    while (answers.length < 3) await new Promise(setImmediate);
    assert.deepEqual(events, ['begin 1', 'begin 2', 'end 2', 'begin 3']);
    answers[0]?.();
    answers[2]?.();
    while (answers.length < 4) await new Promise(setImmediate);
    answers[3]?.();
    assert.deepEqual(await running, [10, 20, 30, 40]);
  });

  it('does one after the other where nobody hands over', async () => {
    let underWay = 0;
    const done = await inSuccession(['a', 'b', 'c'], 3, signal, async (item) => {
      assert.equal((underWay += 1), 1);
      await new Promise(setImmediate);
      underWay -= 1;
      return item;
    });
    assert.deepEqual(done, ['a', 'b', 'c']);
  });

  it('fails with the first failure, begins nothing after it, and leaves nothing under way', async () => {
    const begun: number[] = [];
    let stopped = false;
    const failure = new Error('no');
    await assert.rejects(
      inSuccession([1, 2, 3, 4], 3, signal, async (item, either, handOver) => {
        begun.push(item);
        handOver();
        if (item === 2) throw failure;
        await new Promise<void>((resolve) => either.addEventListener('abort', () => resolve()));
        stopped = true;
      }),
      failure,
    );
    assert.ok(stopped);
    assert.deepEqual(begun, [1, 2]);
    const cancelled = AbortSignal.abort(new Error('cancelled'));
    await assert.rejects(
      inSuccession([1], 1, cancelled, () => assert.fail()),
      /cancelled/,
    );
  });
});
