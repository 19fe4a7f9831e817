import assert from 'node:assert/strict';
import { Lane, Lanes } from '../../../src/core/async/lanes.ts';

/** Work that ends when the test says so. */
const gate = (name: string, begun: string[]) => {
  let open = (): void => undefined;
  const closed = new Promise<void>((resolve) => (open = resolve));
  return {
    open: () => open(),
    work: async (): Promise<string> => {
      begun.push(name);
      await closed;
      return name;
    },
  };
};
const settle = () => new Promise((resolve) => setImmediate(resolve));
const never = new AbortController().signal;

describe('Lanes', () => {
  it('runs one of a lane at a time, in order, and other lanes beside it', async () => {
    const lanes = new Lanes(1);
    const begun: string[] = [];
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => gate(name, begun)) as [
      ReturnType<typeof gate>,
      ReturnType<typeof gate>,
      ReturnType<typeof gate>,
      ReturnType<typeof gate>,
    ];
    const runs = [a, b, c].map(({ work }) => lanes.run('one', never, work));
    runs.push(lanes.run('two', never, d.work));
    await settle();
    assert.deepEqual(begun, ['a', 'd']);
    a.open();
    await settle();
    assert.deepEqual(begun, ['a', 'd', 'b']);
    for (const { open } of [b, c, d]) open();
    assert.deepEqual(await Promise.all(runs), ['a', 'b', 'c', 'd']);
  });

  it('lets what waits be taken out, and goes on after a failure', async () => {
    const lanes = new Lanes(1);
    const begun: string[] = [];
    const first = gate('first', begun);
    const running = lanes.run('one', never, async () => {
      await first.work();
      throw new Error('failed');
    });
    const taken = new AbortController();
    const waiting = lanes.run('one', taken.signal, gate('taken', begun).work);
    const last = gate('last', begun);
    const after = lanes.run('one', never, last.work);
    taken.abort(new Error('taken out'));
    await assert.rejects(waiting, /taken out/);
    first.open();
    last.open();
    await assert.rejects(running, /failed/);
    assert.equal(await after, 'last');
    assert.deepEqual(begun, ['first', 'last']);
  });

  it('begins nothing that was cancelled before', async () => {
    await assert.rejects(
      new Lanes(1).run('one', AbortSignal.abort(new Error('no')), () => Promise.reject(new Error('begun'))),
      /no/,
    );
  });

  it('are full while all their places are taken, each by itself', async () => {
    const lanes = new Lanes(2);
    const [one, two] = [await lanes.acquire('a', never), await lanes.acquire('a', never)];
    assert.deepEqual([lanes.isFull('a'), lanes.isFull('b')], [true, false]);
    one();
    assert.equal(lanes.isFull('a'), false);
    two();
  });
});

describe('A lane', () => {
  it('gives no more places than it has, though it shrinks, and those it gains when it is asked to', async () => {
    let atOnce = 2;
    const lane = new Lane(() => atOnce);
    const begun: number[] = [];
    const releases = new Map<number, () => void>();
    for (const index of [1, 2, 3, 4, 5]) {
      void lane.acquire(never).then((release) => {
        begun.push(index);
        releases.set(index, release);
      });
    }
    await settle();
    atOnce = 1;
    releases.get(1)!();
    await settle();
    assert.deepEqual([begun, lane.used], [[1, 2], 1]);
    releases.get(2)!();
    await settle();
    assert.deepEqual([begun, lane.used], [[1, 2, 3], 1]);
    atOnce = 2;
    lane.admit();
    await settle();
    assert.deepEqual([begun, lane.used], [[1, 2, 3, 4], 2]);
    for (const index of [3, 4]) releases.get(index)!();
    await settle();
    releases.get(5)!();
    assert.ok(lane.isIdle);
  });
});
