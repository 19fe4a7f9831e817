import assert from 'node:assert/strict';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import type { UnfinishedPublish } from '../../../src/core/publish/journals.ts';
import { interruptedIn, type InterruptedPublish } from '../../../src/editor/publishes/interruptions.ts';
import { publishesRowId } from '../../../src/editor/publishes/rows.ts';
import { SHOWN_RECORDS, topRows } from '../../../src/editor/publishes/topRows.ts';
import type { OngoingPublish, PublishedRecord, PublishingBuild } from '../../../src/editor/publishService.ts';

const ENDPOINT = 'https://packages.example.com/acme/models/huggingface';

const unfinished = (id: string, more: Partial<UnfinishedPublish> = {}): UnfinishedPublish => ({
  id,
  endpoint: ENDPOINT,
  model: `acme/${id}`,
  revision: 'main',
  repository: '/home/me/bert',
  folder: '',
  commit: asGitObjectId('1'.repeat(40))!,
  startedAt: 1000,
  ending: 'interrupted',
  ...more,
});
const interrupted = (id: string): InterruptedPublish => ({ ...unfinished(id), ending: 'interrupted' });

describe('interrupted publishes', () => {
  const ids = (all: readonly UnfinishedPublish[], ...folders: readonly string[]) =>
    interruptedIn(all, folders).map(({ id }) => id);

  it('are told newest first, and none whose failure was told', () => {
    const all = [
      unfinished('failed', { ending: 'failed', startedAt: 1 }),
      unfinished('old', { startedAt: 2 }),
      unfinished('new', { startedAt: 3 }),
    ];
    assert.deepEqual(ids(all, '/home/me/bert'), ['new', 'old']);
  });

  it('are those of the folders of this window, and what comes from another hub', () => {
    const source = {
      endpoint: 'https://huggingface.co',
      model: 'a/b',
      revision: 'main',
      selection: { kind: 'all' },
    } as const;
    const all = [
      unfinished('inside', { repository: '/home/me/models/bert' }),
      unfinished('around', { repository: '/home' }),
      unfinished('beside', { repository: '/home/me/models-2' }),
      unfinished('imported', { repository: 'https://huggingface.co/a/b', source }),
    ];
    assert.deepEqual(ids(all, '/home/me/models'), ['inside', 'around', 'imported']);
    assert.deepEqual(ids(all), ['imported']);
  });
});

describe('the top rows of the Publishes view', () => {
  const ongoing = (id: string, model = `acme/${id}`, revision = 'main') =>
    ({
      id,
      state: 'running',
      plan: { target: { model, hub: { endpoint: new URL(ENDPOINT), revision } } },
    }) as unknown as OngoingPublish;
  const record = (id: string) => ({ id }) as PublishedRecord;
  const build = (key: string, since: number, isWatched = false) =>
    ({ key, since, isWatched }) as PublishingBuild;
  const none = { ongoing: [], builds: [], interrupted: [], records: [] };
  const shown = (of: Partial<Parameters<typeof topRows>[0]>) =>
    topRows({ ...none, ...of }).map(publishesRowId);

  it('are what is under way, then what was interrupted, then what ended', () => {
    assert.deepEqual(
      shown({ ongoing: [ongoing('a')], interrupted: [interrupted('b')], records: [record('c')] }),
      ['ongoing/a', 'interrupted/b', 'record/c'],
    );
  });

  it('show a publish once: not as interrupted while it is resumed, nor as ended while it ends', () => {
    assert.deepEqual(shown({ ongoing: [ongoing('x', 'acme/b')], interrupted: [interrupted('b')] }), [
      'ongoing/x',
    ]);
    assert.deepEqual(shown({ ongoing: [ongoing('x', 'acme/b', 'v2')], interrupted: [interrupted('b')] }), [
      'ongoing/x',
      'interrupted/b',
    ]);
    assert.deepEqual(shown({ ongoing: [ongoing('x')], records: [record('x')] }), ['ongoing/x']);
  });

  it('tell of builds: those that are watched above what was interrupted, others by when they began', () => {
    const records = [5, 3].map((startedAt) => ({ id: String(startedAt), startedAt }) as PublishedRecord);
    const builds = [build('watched', 1, true), build('new', 6), build('between', 4), build('old', 2)];
    assert.deepEqual(shown({ builds, interrupted: [interrupted('b')], records }), [
      ...[
        'build/watched',
        'interrupted/b',
        'build/new',
        'record/5',
        'build/between',
        'record/3',
        'build/old',
      ],
    ]);
    assert.deepEqual(shown({ builds: [build('only', 1)] }), ['build/only']);
  });

  it('name how many records are not shown', () => {
    const records = Array.from({ length: SHOWN_RECORDS + 2 }, (_, at) => record(String(at)));
    const rows = topRows({ ...none, interrupted: [interrupted('b')], records });
    assert.equal(rows.length, SHOWN_RECORDS + 2);
    assert.deepEqual(rows.at(-1), { kind: 'older', count: 2 });
  });
});
