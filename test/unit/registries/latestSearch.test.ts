import assert from 'node:assert/strict';
import { latestSearch } from '../../../src/editor/latestSearch.ts';
import { gate } from './gate.ts';

/** Searches whose answers come when the test lets them. */
function searching() {
  const asked: string[] = [];
  const signals = new Map<string, AbortSignal>();
  const gates = new Map<string, ReturnType<typeof gate<readonly string[]>>>();
  const shown: string[][] = [];
  const failures: unknown[] = [];
  let busy = false;
  const search = latestSearch<string>({
    find: async function* (text, signal) {
      asked.push(text);
      signals.set(text, signal);
      const own = gate<readonly string[]>();
      gates.set(text, own);
      yield [`${text} at once`];
      yield await own.promise;
    },
    show: (items) => shown.push([...items]),
    busy: (now) => (busy = now),
    fail: (error) => failures.push(error),
  });
  return { search, asked, signals, gates, shown, failures, isBusy: () => busy };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a search that follows a text', () => {
  it('shows each list as it comes, and is busy until the last', async () => {
    const { search, gates, shown, isBusy } = searching();
    search.start('bert', 0);
    assert.equal(isBusy(), true);
    await settled();
    assert.deepEqual(shown, [['bert at once']]);
    assert.equal(isBusy(), true);
    gates.get('bert')?.open(['acme/bert']);
    await settled();
    assert.deepEqual(shown.at(-1), ['acme/bert']);
    assert.equal(isBusy(), false);
  });

  it('gives up what belongs to an older text, and shows nothing of it', async () => {
    const { search, signals, gates, shown } = searching();
    search.start('be', 0);
    await settled();
    search.start('bert', 0);
    await settled();
    assert.equal(signals.get('be')?.aborted, true);
    assert.equal(signals.get('bert')?.aborted, false);
    gates.get('bert')?.open(['new']);
    await settled();
    gates.get('be')?.open(['old']);
    await settled();
    assert.deepEqual(shown.at(-1), ['new']);
    assert(!shown.flat().includes('old'));
  });

  it('asks only for the text at which typing paused', async () => {
    const { search, asked } = searching();
    for (const text of ['b', 'be', 'ber']) search.start(text, 1);
    search.start('bert', 1);
    while (asked.length === 0) await settled();
    await settled();
    assert.deepEqual(asked, ['bert']);
  });

  it('tells what failed, unless nobody waits for it any more', async () => {
    const { search, gates, failures } = searching();
    search.start('a', 0);
    await settled();
    search.start('b', 0);
    await settled();
    gates.get('a')?.fail(new Error('of an older text'));
    await settled();
    assert.deepEqual(failures, []);
    gates.get('b')?.fail(new Error('of this text'));
    await settled();
    assert.deepEqual(failures.map(String), ['Error: of this text']);
  });

  it('asks nothing more once it was stopped', async () => {
    const { search, asked, signals } = searching();
    search.start('a', 0);
    await settled();
    search.start('b', 1);
    search.stop();
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(asked, ['a']);
    assert.equal(signals.get('a')?.aborted, true);
  });
});
