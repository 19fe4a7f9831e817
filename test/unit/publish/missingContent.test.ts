import assert from 'node:assert/strict';
import { Failure } from '../../../src/core/failure.ts';
import type { SnapshotFile } from '../../../src/core/snapshot/snapshot.ts';
import { blob, lfs, memorySnapshot, missing, type HandMade } from './memorySnapshot.ts';
import { type Publishing, startPublishing } from './publishing.ts';

const never = new AbortController().signal;

describe('Content that is not on this machine', () => {
  let publishing: Publishing;
  let models = 0;
  before(async () => {
    publishing = await startPublishing();
  });
  afterEach(() => publishing.registry.clearFaults());
  after(() => publishing.stop());

  const newModel = () => `acme/missing-${models++}`;
  const planOf = (files: Readonly<Record<string, HandMade>>, model: string) =>
    publishing.plan(memorySnapshot(files), model);
  const publish = async (files: Readonly<Record<string, HandMade>>, model: string) => {
    const plan = await planOf(files, model);
    return publishing.publisher.publish(plan, { onEvent: () => undefined, signal: never });
  };

  it('is told in the plan of a model that does not exist yet, which nobody is asked about', async () => {
    const model = newModel();
    publishing.arrived();
    const { missing: told } = await planOf({ 'a.bin': lfs('here'), 'lost.bin': missing('lost') }, model);
    assert.equal(told?.kind, 'missingObject');
    assert.deepEqual(told.paths, ['lost.bin']);
    assert.match(
      told.message,
      /“lost\.bin” is not on this machine\. Get what is missing with “git lfs pull”/,
    );
    assert(publishing.arrived().every(({ method }) => method === 'GET'));
    const several = await planOf({ 'lost.bin': missing('lost'), 'too.bin': missing('lost, too') }, model);
    assert.match(several.missing?.message ?? '', /“lost\.bin” and 1 more are not on this machine/);
  });

  it('is told in the plan of a model that lacks it, and is what the publish would end in', async () => {
    const model = newModel();
    assert.equal((await publish({ 'a.bin': lfs('stored before') }, model)).kind, 'published');
    const files = { 'a.bin': lfs('here'), 'lost.bin': missing('lost'), 'README.md': blob('# A') };
    const { missing: told } = await planOf(files, model);
    assert.deepEqual(told?.paths, ['lost.bin']);
    assert.match(told.message, /neither on this machine nor in the registry\. Get .* “git lfs pull”/);
    const outcome = await publish(files, model);
    assert(outcome.kind === 'failed' && outcome.failure.message === told.message, JSON.stringify(outcome));
  });

  it('is no matter where the registry has it, or another file holds it', async () => {
    const model = newModel();
    assert.equal((await publish({ 'a.bin': lfs('stored before') }, model)).kind, 'published');
    const moved = { 'moved.bin': missing('stored before'), 'b.bin': lfs('twice'), 'c.bin': missing('twice') };
    assert.equal((await planOf(moved, model)).missing, undefined);
    assert.equal((await publish(moved, model)).kind, 'published');
    // Nor where nothing changes.
    assert.equal((await planOf({ 'moved.bin': missing('stored before') }, model)).missing, undefined);
  });

  it('is told with what is known where the registry does not answer', async () => {
    const model = newModel();
    assert.equal((await publish({ 'a.bin': lfs('stored before') }, model)).kind, 'published');
    publishing.registry.inject({
      path: /\/info\/lfs\/objects\/batch/,
      fault: { kind: 'status', status: 403 },
      times: Infinity,
    });
    const { missing: told } = await planOf({ 'lost.bin': missing('lost') }, model);
    assert.match(told?.message ?? '', /“lost\.bin” is not on this machine/);
  });

  it('is told by what keeps it from being read, and travels from nowhere but the registry then', async () => {
    const model = newModel();
    assert.equal((await publish({ 'a.bin': lfs('stored before') }, model)).kind, 'published');
    const unreadable = new Failure('disk', '“/store/x” may not be read.');
    const snapshot = (content: string) => {
      const made = memorySnapshot({ 'theirs.bin': lfs(content) });
      const files = made.files.map(
        (file) => ({ ...file, present: () => Promise.reject(unreadable) }) as SnapshotFile,
      );
      return { ...made, files };
    };
    const lost = await publishing.plan(snapshot('nobody has it'), model);
    assert.equal(lost.missing, unreadable);
    const outcome = await publishing.publisher.publish(lost, { onEvent: () => undefined, signal: never });
    assert(outcome.kind === 'failed' && outcome.failure === unreadable);
    const kept = await publishing.plan(snapshot('stored before'), model);
    assert.equal(kept.missing, undefined);
    const published = await publishing.publisher.publish(kept, { onEvent: () => undefined, signal: never });
    assert.equal(published.kind, 'published');
  });
});
