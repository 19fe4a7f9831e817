import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PublishEvent } from '../../../src/core/publish/publishing.ts';
import { calmEvents } from '../../../src/cli/publish/events.ts';

const progress = (sentBytes: number): PublishEvent => ({
  kind: 'progress',
  sentBytes,
  totalBytes: 1000,
  sentFiles: 0,
  totalFiles: 1,
});

describe('events of progress', () => {
  const passed = (events: readonly (readonly [at: number, event: PublishEvent])[]): PublishEvent[] => {
    let now = 0;
    const all: PublishEvent[] = [];
    const calm = calmEvents(
      (event) => all.push(event),
      () => now,
    );
    for (const [at, event] of events) {
      now = at;
      calm.onEvent(event);
    }
    calm.end();
    return all;
  };

  it('come at most every 200 ms, the last one always', () => {
    const events = [0, 50, 199, 200, 250, 300].map((at) => [at, progress(at)] as const);
    assert.deepEqual(passed(events), [progress(0), progress(200), progress(300)]);
  });

  it('come ahead of the next step', () => {
    const finished: PublishEvent = { kind: 'stepFinished', step: 'upload' };
    assert.deepEqual(
      passed([
        [0, progress(1)],
        [10, progress(2)],
        [11, finished],
      ]),
      [progress(1), progress(2), finished],
    );
  });

  it('leave every step in its place, and end with the newest numbers', () => {
    const step = fc.constantFrom<PublishEvent>(
      { kind: 'stepStarted', step: 'upload' },
      { kind: 'stepFinished', step: 'upload' },
    );
    const some = fc.array(fc.tuple(fc.nat(300), fc.oneof(fc.nat(1000).map(progress), step)));
    fc.assert(
      fc.property(some, (drawn) => {
        let at = 0;
        const events = drawn.map(([later, event]) => [(at += later), event] as const);
        const all = passed(events);
        const steps = (list: readonly PublishEvent[]) => list.filter(({ kind }) => kind !== 'progress');
        const last = (list: readonly PublishEvent[]) => list.filter(({ kind }) => kind === 'progress').at(-1);
        assert.deepEqual(steps(all), steps(events.map(([, event]) => event)));
        assert.deepEqual(last(all), last(events.map(([, event]) => event)));
      }),
    );
  });
});
