import assert from 'node:assert/strict';
import { type ActivityWatch, watchActivity } from '../../../src/core/publish/activity.ts';
import { type FileEvent, watchFile } from '../../../src/core/publish/fileEvents.ts';
import { blob, lfs, memorySnapshot } from './memorySnapshot.ts';
import { type Publishing, startPublishing } from './publishing.ts';

describe('The activity of a publish', () => {
  let clock = 0;
  let watch: ActivityWatch;
  beforeEach(() => {
    clock = 0;
    watch = watchActivity(() => clock);
  });
  const progress = (at: number, sentBytes: number): void => {
    clock = at;
    watch.onEvent({ kind: 'progress', sentBytes, totalBytes: 1000, sentFiles: 1, totalFiles: 2 });
  };

  it('has been planned before it begins', () => {
    assert.deepEqual(watch.current.stages, {
      plan: 'done',
      hash: 'waiting',
      upload: 'waiting',
      commit: 'waiting',
      verify: 'waiting',
    });
  });

  it('shows stages that run side by side, and those that had nothing to do', () => {
    watch.onEvent({ kind: 'stepStarted', step: 'preupload' });
    watch.onEvent({ kind: 'stepStarted', step: 'upload' });
    assert.equal(watch.current.stages.plan, 'running');
    assert.equal(watch.current.stages.upload, 'running');
    for (const step of ['preupload', 'upload'] as const) watch.onEvent({ kind: 'stepFinished', step });
    assert.equal(watch.current.stages.hash, 'waiting');
    watch.onEvent({ kind: 'stepStarted', step: 'commit' });
    assert.deepEqual(watch.current.stages, {
      plan: 'done',
      hash: 'skipped',
      upload: 'done',
      commit: 'running',
      verify: 'waiting',
    });
  });

  it('tells the rate and the time left, and no time while nothing moves', () => {
    progress(0, 0);
    assert.equal(watch.current.secondsLeft, undefined);
    progress(2000, 500);
    assert.equal(watch.current.bytesPerSecond, 250);
    assert.equal(watch.current.secondsLeft, 2);
    progress(60_000, 500);
    progress(70_000, 500);
    assert.equal(watch.current.secondsLeft, undefined);
    progress(71_000, 1000);
    assert.equal(watch.current.secondsLeft, undefined);
  });

  it('tells of a stall', () => {
    progress(0, 0);
    progress(2000, 500);
    progress(4000, 500);
    assert.equal(watch.current.bytesPerSecond, 125);
    assert.equal(watch.current.secondsLeft, 4);
    progress(60_000, 500);
    progress(61_000, 500);
    assert.equal(watch.current.bytesPerSecond, 0);
    assert.equal(watch.current.secondsLeft, undefined);
  });

  it('has the files that are worked at now', () => {
    watch.onFile({ kind: 'fileStarted', path: 'a', size: 10, doing: 'upload' });
    watch.onFile({ kind: 'fileStarted', path: 'b', size: 20, doing: 'hash' });
    watch.onFile({ kind: 'fileProgress', path: 'a', sentBytes: 5 });
    assert.deepEqual(watch.current.files, [
      { path: 'a', size: 10, sentBytes: 5, doing: 'upload' },
      { path: 'b', size: 20, sentBytes: 0, doing: 'hash' },
    ]);
    watch.onFile({ kind: 'fileFinished', path: 'a' });
    watch.onFile({ kind: 'fileProgress', path: 'a', sentBytes: 10 });
    assert.deepEqual(
      watch.current.files.map(({ path }) => path),
      ['b'],
    );
  });
});

describe('The events of a file', () => {
  it('are few, and tell what is sent again, and what came last though nothing follows', async () => {
    const events: FileEvent[] = [];
    let news = (): void => undefined;
    const next = () => new Promise<void>((resolve) => (news = resolve));
    const watch = watchFile(
      (event) => {
        events.push(event);
        news();
      },
      { path: 'a', size: 9 },
      'upload',
    );
    watch.sent(3);
    watch.sent(3);
    watch.sent(3);
    await next();
    watch.sent(-9);
    await next();
    watch.sent(9);
    watch.finished();
    assert.deepEqual(events, [
      { kind: 'fileStarted', path: 'a', size: 9, doing: 'upload' },
      { kind: 'fileProgress', path: 'a', sentBytes: 3 },
      { kind: 'fileProgress', path: 'a', sentBytes: 9 },
      { kind: 'fileProgress', path: 'a', sentBytes: 0 },
      { kind: 'fileFinished', path: 'a' },
    ]);
  });

  describe('of a real publish', () => {
    let publishing: Publishing;
    before(async () => {
      publishing = await startPublishing();
    });
    afterEach(() => publishing.registry.clearFaults());
    after(() => publishing.stop());

    const eventsOf = async (model: string, seed: string): Promise<readonly FileEvent[]> => {
      const weights = Buffer.alloc(300_000, seed);
      const snapshot = memorySnapshot({
        'README.md': blob('# A model\n'),
        'model.safetensors': lfs(weights),
        'pytorch_model.bin': blob(Buffer.alloc(200_000, `\0${seed}`)),
      });
      const events: FileEvent[] = [];
      const plan = await publishing.plan(snapshot, model);
      await publishing.publisher.publish(plan, {
        onEvent: () => undefined,
        onFile: (event) => events.push(event),
        signal: new AbortController().signal,
      });
      return events;
    };

    it('name what is hashed and sent by itself, and nothing inside the commit; what starts finishes', async () => {
      const events = await eventsOf('acme/file-events', 'good');
      const started = events.flatMap((event) =>
        event.kind === 'fileStarted' ? [`${event.doing} ${event.path} ${event.size}`] : [],
      );
      assert.deepEqual(started.sort(), [
        'hash pytorch_model.bin 200000',
        'upload model.safetensors 300000',
        'upload pytorch_model.bin 200000',
      ]);
      assert.equal(events.filter(({ kind }) => kind === 'fileFinished').length, started.length);
    });

    it('end with the files also where a publish fails', async () => {
      publishing.registry.inject({
        method: 'PUT',
        path: /./,
        fault: { kind: 'status', status: 422 },
        times: Infinity,
      });
      const events = await eventsOf('acme/file-events-failed', 'bad');
      const count = (kind: FileEvent['kind']) => events.filter((event) => event.kind === kind).length;
      assert(count('fileStarted') > 0);
      assert.equal(count('fileStarted'), count('fileFinished'));
    });
  });
});
