import assert from 'node:assert/strict';
import { Failure } from '../../../src/core/failure.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { until } from '../../setup/until.ts';
import { blob, memorySnapshot } from './memorySnapshot.ts';
import { startPublishing, type Publishing } from './publishing.ts';

const MODEL = 'acme/slowly';
const HEAD = /\/api\/models\/acme\/slowly\/revision\/main/;

describe('planning a publish while its snapshot is being opened', () => {
  const snapshot = memorySnapshot({ 'README.md': blob('# A model\n'), 'config.json': blob('{}') });
  let publishing: Publishing;
  let opened: (snapshot: Snapshot) => void;
  let failed: (failure: Failure) => void;
  let opening: Promise<Snapshot>;

  beforeEach(async () => {
    publishing = await startPublishing();
    opening = new Promise((resolve, reject) => {
      opened = resolve;
      failed = reject;
    });
  });
  afterEach(() => publishing.stop());

  const plan = (token?: string) =>
    publishing.publisher.plan(opening, publishing.target(MODEL, token), new AbortController().signal);
  const broken = new Failure('notARepository', 'The folder is in no Git repository.');

  it('asks the registry meanwhile', async () => {
    await publishing.published(snapshot, MODEL);
    publishing.arrived();
    const planning = plan();
    await until(
      () => publishing.arrived().some(({ path }) => path.includes('/tree/')),
      'the listing was asked for',
    );
    opened(snapshot);
    const { unchanged, changed, parentCommit } = await planning;
    assert.deepEqual([unchanged.length, changed.length], [2, 0]);
    assert.notEqual(parentCommit, undefined);
  });

  it('tells what is wrong with the snapshot first, whatever the registry says', async () => {
    const planning = plan('not the token');
    await until(() => publishing.arrived().length > 0, 'the registry was asked');
    failed(broken);
    await assert.rejects(planning, (error) => error === broken);
  });

  it('tells what is wrong with the registry once the snapshot is open', async () => {
    const planning = plan('not the token');
    await until(() => publishing.arrived().length > 0, 'the registry was asked');
    opened(snapshot);
    await assert.rejects(planning, (error: Failure) => error.kind === 'auth');
  });

  it('leaves no request behind where the snapshot cannot be opened', async () => {
    publishing.registry.inject({ path: HEAD, fault: { kind: 'hang' }, times: Infinity });
    const planning = plan();
    await until(() => publishing.arrived().length > 0, 'the registry was asked');
    failed(broken);
    await assert.rejects(planning, (error) => error === broken);
    assert.equal(publishing.openSockets(), 0);
  });
});
