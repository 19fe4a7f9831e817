import assert from 'node:assert/strict';
import { Recent } from '../../../src/editor/versionFiles/recent.ts';
import { SharedLoads } from '../../../src/editor/versionFiles/sharedLoads.ts';

/** A load that ends when the test says so. */
function controlled() {
  const signals: AbortSignal[] = [];
  const answers: ((value: string) => void)[] = [];
  return {
    signals,
    answers,
    load: (signal: AbortSignal) =>
      new Promise<string>((resolve, reject) => {
        signals.push(signal);
        answers.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  };
}

describe('loads that are shared', () => {
  it('are made once for all who wait', async () => {
    const loads = new SharedLoads<string>();
    const { load, answers } = controlled();
    const { signal } = new AbortController();
    const both = [loads.get('a', signal, load), loads.get('a', signal, load)];
    assert.equal(answers.length, 1);
    answers[0]?.('content');
    assert.deepEqual(await Promise.all(both), ['content', 'content']);
  });

  it('go on while anyone waits, and are given up when nobody does', async () => {
    const loads = new SharedLoads<string>();
    const { load, signals, answers } = controlled();
    const [first, second] = [new AbortController(), new AbortController()];
    const one = loads.get('a', first.signal, load);
    const two = loads.get('a', second.signal, load);
    first.abort();
    await assert.rejects(one, { name: 'AbortError' });
    assert.equal(signals[0]?.aborted, false);
    second.abort();
    await assert.rejects(two, { name: 'AbortError' });
    assert.equal(signals[0].aborted, true);
    const again = loads.get('a', new AbortController().signal, load);
    answers[1]?.('content');
    assert.equal(await again, 'content');
  });

  it('are made again after a failure, and not at all for someone who is gone', async () => {
    const loads = new SharedLoads<string>();
    const { signal } = new AbortController();
    await assert.rejects(
      loads.get('a', signal, () => Promise.reject(new Error('broken'))),
      /broken/,
    );
    assert.equal(await loads.get('a', signal, () => Promise.resolve('content')), 'content');
    await assert.rejects(
      loads.get('a', AbortSignal.abort(), () => assert.fail('it was loaded')),
      { name: 'AbortError' },
    );
  });
});

describe('what was used last', () => {
  it('stays as far as it may weigh', () => {
    const recent = new Recent<string>(10, (text) => text.length);
    recent.set('a', 'aaaa');
    recent.set('b', 'bbbb');
    assert.equal(recent.get('a'), 'aaaa');
    recent.set('c', 'cccc');
    assert.equal(recent.get('b'), undefined);
    assert.equal(recent.get('a'), 'aaaa');
    recent.set('a', 'aa');
    recent.set('d', 'dddd');
    assert.deepEqual(
      ['a', 'c', 'd'].map((key) => recent.get(key)),
      ['aa', 'cccc', 'dddd'],
    );
  });

  it('is nothing where one value weighs too much', () => {
    const recent = new Recent<string>(3, (text) => text.length);
    recent.set('a', 'aaaa');
    assert.equal(recent.get('a'), undefined);
    recent.set('b', 'bbb');
    assert.equal(recent.get('b'), 'bbb');
  });
});
