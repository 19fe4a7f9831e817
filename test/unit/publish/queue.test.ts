import assert from 'node:assert/strict';
import { createQueue } from '../../../src/core/async/queue.ts';

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

describe('The queue of publishes', () => {
  it('runs one of a lane at a time, in order, and other lanes beside it', async () => {
    const queue = createQueue(1);
    const begun: string[] = [];
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => gate(name, begun)) as [
      ReturnType<typeof gate>,
      ReturnType<typeof gate>,
      ReturnType<typeof gate>,
      ReturnType<typeof gate>,
    ];
    const runs = [a, b, c].map(({ work }) => queue.run('one', work, never));
    runs.push(queue.run('two', d.work, never));
    await settle();
    assert.deepEqual(begun, ['a', 'd']);
    a.open();
    await settle();
    assert.deepEqual(begun, ['a', 'd', 'b']);
    for (const { open } of [b, c, d]) open();
    assert.deepEqual(await Promise.all(runs), ['a', 'b', 'c', 'd']);
  });

  it('lets what waits be taken out, and goes on after a failure', async () => {
    const queue = createQueue(1);
    const begun: string[] = [];
    const first = gate('first', begun);
    const running = queue.run(
      'one',
      async () => {
        await first.work();
        throw new Error('failed');
      },
      never,
    );
    const taken = new AbortController();
    const waiting = queue.run('one', gate('taken', begun).work, taken.signal);
    const last = gate('last', begun);
    const after = queue.run('one', last.work, never);
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
      createQueue(1).run('one', () => Promise.reject(new Error('begun')), AbortSignal.abort(new Error('no'))),
      /no/,
    );
  });
});
