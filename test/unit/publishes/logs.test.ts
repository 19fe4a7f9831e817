import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Log } from '../../../src/core/log.ts';
import { createPublishLogs, type PublishLogs } from '../../../src/editor/publishes/logs.ts';

describe('The logs of publishes', () => {
  let temporary = '';
  let folder = '';
  let logs: PublishLogs;
  let warnings: string[] = [];

  beforeEach(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), 'publish-logs-'));
    folder = path.join(temporary, 'logs');
    warnings = [];
    const ignore = () => undefined;
    const log: Log = {
      trace: ignore,
      debug: ignore,
      info: ignore,
      warn: (message) => warnings.push(message),
      error: ignore,
    };
    logs = createPublishLogs({ folder, log });
  });
  afterEach(() => rm(temporary, { recursive: true, force: true }));

  it('hold every line in order, each with its time and level, and no secret', async () => {
    const log = logs.begin('one');
    for (let index = 0; index < 50; index += 1) log.info(`line ${index}`);
    log.error('Authorization: Bearer bkua_0123456789abcdef');
    const lines = (await logs.read('one'))?.trimEnd().split('\n') ?? [];
    assert.deepEqual(
      lines.slice(0, 50).map((line) => line.replace(/^\S+ /, '')),
      Array.from({ length: 50 }, (_, index) => `[info] line ${index}`),
    );
    assert.match(lines[50] ?? '', /^\d{4}-\d\d-\d\dT\S+Z \[error\] Authorization: \[redacted\]/);
    assert(!lines.join().includes('0123456789abcdef'));
  });

  it('stay bounded, and say where they end', async () => {
    const log = logs.begin('long');
    for (let index = 0; index < 200; index += 1) log.info('x'.repeat(10_000));
    const text = (await logs.read('long')) ?? '';
    assert(text.length < 1024 * 1024 + 100, String(text.length));
    assert(text.endsWith('…\n'));
  });

  it('go with their records, and what nobody knows goes, too', async () => {
    for (const id of ['one', 'two', 'three']) {
      logs.begin(id).info(id);
      await logs.read(id);
    }
    await logs.remove(['one']);
    assert.equal(await logs.read('one'), undefined);
    await writeFile(path.join(folder, 'crashed.log'), 'x');
    await writeFile(path.join(folder, 'other.txt'), 'x');
    await createPublishLogs({ folder, log: logs.begin('three') }).keepOnly(new Set(['two']));
    assert.deepEqual((await readdir(folder)).sort(), ['other.txt', 'two.log']);
  });

  it('are in their folder, whatever their ids are', async () => {
    logs.begin('../../outside').info('x');
    await logs.read('../../outside');
    assert.deepEqual(await readdir(temporary), ['logs']);
  });

  it('fail nothing where they cannot be written', async () => {
    await writeFile(folder, 'a file where the folder would be');
    logs.begin('one').info('lost');
    assert.equal(await logs.read('one'), undefined);
    assert.equal(warnings.length, 1);
  });
});
