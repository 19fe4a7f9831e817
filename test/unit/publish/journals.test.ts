import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Log } from '../../../src/core/log.ts';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import { createJournalStore } from '../../../src/core/publish/journals.ts';
import type { PublishRecord } from '../../../src/core/publish/journals.ts';

const RECORD: PublishRecord = {
  endpoint: 'https://packages.example.com/acme/models/huggingface',
  model: 'acme/bert',
  revision: 'main',
  repository: '/home/me/bert',
  folder: 'model',
  commit: asGitObjectId('1'.repeat(40))!,
  message: 'Über – “1”',
  startedAt: 1000,
};

describe('journals of publishes', () => {
  let parent: string;
  let folder: string;
  let logged: string[];
  const store = () => {
    const keep = (message: string): void => void logged.push(message);
    const log: Log = { trace: keep, debug: keep, info: keep, warn: keep, error: keep };
    return createJournalStore({ folder, log });
  };
  beforeEach(async () => {
    parent = await mkdtemp(path.join(tmpdir(), 'journals-'));
    folder = path.join(parent, 'not', 'made', 'yet');
    logged = [];
  });
  afterEach(() => rm(parent, { recursive: true }));

  /** As if the process that wrote the journal had been killed. */
  const takeProcess = async (id: number, systemStartedAt?: number): Promise<void> => {
    const [name = ''] = await readdir(folder);
    const file = path.join(folder, name);
    const journal = JSON.parse(await readFile(file, 'utf8')) as {
      process: { id: number; systemStartedAt: number };
    };
    journal.process = { id, systemStartedAt: systemStartedAt ?? journal.process.systemStartedAt };
    await writeFile(file, JSON.stringify(journal));
  };

  it('offers nothing where nothing was begun', async () => {
    assert.deepEqual(await store().unfinished(), []);
  });

  it('forgets a publish that is done, and keeps one that is not, until it is dismissed', async () => {
    const journals = store();
    const done = await journals.begin(RECORD);
    const failed = await journals.begin({ ...RECORD, model: 'acme/other', startedAt: 500 });
    assert.deepEqual(await journals.unfinished(), [], 'what is under way is not offered');
    await done('done');
    await failed('unfinished');
    const [offered, ...others] = await store().unfinished();
    assert.deepEqual(others, []);
    const { id, ...record } = offered!;
    assert.deepEqual(record, { ...RECORD, model: 'acme/other', startedAt: 500, ending: 'failed' });
    await store().dismiss(id);
    assert.deepEqual(await store().unfinished(), []);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is about the place: what is published there later takes its place', async () => {
    const journals = store();
    await (
      await journals.begin(RECORD)
    )('unfinished');
    await (
      await journals.begin({ ...RECORD, startedAt: 2000 })
    )('unfinished');
    assert.deepEqual(
      (await journals.unfinished()).map(({ startedAt }) => startedAt),
      [2000],
    );
    await (
      await journals.begin(RECORD)
    )('done');
    assert.deepEqual(await journals.unfinished(), []);
  });

  it('tells what a process that is gone was at as interrupted, and nothing of what one that lives is at', async () => {
    await store().begin({ ...RECORD, registry: { organization: 'acme', slug: 'models' } });
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    await takeProcess(child.pid!);
    assert.deepEqual(await store().unfinished(), []);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.deepEqual(
      (await store().unfinished()).map(({ ending, registry }) => ({ ending, registry })),
      [{ ending: 'interrupted', registry: { organization: 'acme', slug: 'models' } }],
    );
  });

  it('leaves alone what another window is at, however its own publish to the same model ends', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    await store().begin(RECORD);
    await takeProcess(child.pid!);
    const [theirs = ''] = await readdir(folder);
    const mine = store();
    await (
      await mine.begin({ ...RECORD, startedAt: 2000 })
    )('done');
    assert.deepEqual(await readdir(folder), [theirs], 'done here is not done there');
    await (
      await mine.begin({ ...RECORD, startedAt: 3000 })
    )('unfinished');
    assert.deepEqual(await mine.unfinished(), [], 'somebody is at it');
    await mine.dismiss(theirs.slice(0, 64));
    assert.ok((await readdir(folder)).includes(theirs), 'what lives is not dismissed');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const [offered, ...others] = await mine.unfinished();
    assert.deepEqual([offered?.startedAt, others], [3000, []], 'the later one is offered');
    await mine.dismiss(offered!.id);
    assert.deepEqual(await readdir(folder), []);
  });

  it('offers what was begun before the system started anew, whoever has the process id now', async () => {
    await store().begin(RECORD);
    await takeProcess(process.ppid, 0);
    assert.equal((await store().unfinished()).length, 1);
  });

  it('passes over what is no journal', async () => {
    const journals = store();
    await (
      await journals.begin(RECORD)
    )('unfinished');
    for (const [index, text] of ['', '{"endpoint":"https://x', '{}', ' '.repeat(100_000)].entries()) {
      await writeFile(path.join(folder, `${String(index).repeat(64)}.publish.json`), text);
    }
    assert.equal((await journals.unfinished()).length, 1);
    assert.equal(logged.length, 4);
  });

  it('does not fail where nothing can be written', async () => {
    await writeFile(path.join(parent, 'not'), 'a file where a folder should be');
    const end = await store().begin(RECORD);
    await end('unfinished');
    assert.deepEqual(await store().unfinished(), []);
    assert.ok(logged.length > 0);
  });
});
