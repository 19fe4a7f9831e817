import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import type { PublishedRecord } from '../../../src/editor/publishService.ts';
import {
  KEPT_RECORDS,
  readHistory,
  storedHistory,
  withRecord,
} from '../../../src/editor/publishes/storedHistory.ts';

const commit = asGitObjectId('a'.repeat(40));
assert(commit);

const record = (id: string): PublishedRecord => ({
  id,
  repository: '/models/small',
  folder: '',
  commit,
  subject: 'Train the model',
  destination: {
    accountId: 'one',
    organization: 'acme',
    registry: 'models',
    model: 'acme/small',
    endpoint: 'https://packages.buildkite.com/acme/models/huggingface',
  },
  outcome: { kind: 'published', version: commit, created: true, verified: true, serverEdited: [] },
  startedAt: 1,
  tookMs: 2,
  sentBytes: 3,
  savedBytes: 4,
});

describe('The stored history of publishes', () => {
  it('is read as it was kept', () => {
    const records = [
      record('one'),
      { ...record('two'), outcome: { kind: 'cancelled' } as const },
      { ...record('three'), outcome: { kind: 'failed', message: 'No connection.' } as const },
    ];
    assert.deepEqual(readHistory(JSON.parse(JSON.stringify(storedHistory(records)))), records);
  });

  it('is empty where the memory holds nothing, another version or anything else', () => {
    for (const value of [undefined, null, 'x', [], { version: 2, records: [record('one')] }]) {
      assert.deepEqual(readHistory(value), []);
    }
    fc.assert(fc.property(fc.anything(), (value) => assert(Array.isArray(readHistory(value)))));
  });

  it('loses only the records that make no sense', () => {
    const broken = [
      { ...record('commit'), commit: 'HEAD' },
      { ...record('endpoint'), destination: { ...record('x').destination, endpoint: 'file:///etc' } },
      { ...record('outcome'), outcome: { kind: 'lost' } },
      { ...record('bytes'), sentBytes: -1 },
      null,
    ];
    const value = { version: 1, records: [broken[0], record('good'), ...broken.slice(1)] };
    assert.deepEqual(
      readHistory(value).map(({ id }) => id),
      ['good'],
    );
  });

  it('has the newest in front, each once, and drops the oldest where there is no more room', () => {
    let records: readonly PublishedRecord[] = [];
    for (let index = 0; index < KEPT_RECORDS; index += 1) {
      records = withRecord(records, record(String(index))).kept;
    }
    assert.deepEqual(withRecord(records, record('5')).dropped, []);
    const { kept, dropped } = withRecord(records, record('new'));
    assert.equal(kept.length, KEPT_RECORDS);
    assert.equal(kept[0]?.id, 'new');
    assert.deepEqual(
      dropped.map(({ id }) => id),
      ['0'],
    );
  });
});
