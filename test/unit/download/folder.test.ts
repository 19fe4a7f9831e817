import assert from 'node:assert/strict';
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DownloadProgress } from '../../../src/core/download/downloading.ts';
import { Failure } from '../../../src/core/failure.ts';
import { modelFiles, noise } from '../../clients/folder.ts';
import { failed, filesIn, leftovers, same, startDownloads, type Downloads } from './downloads.ts';

const FILES = Object.fromEntries(modelFiles());

describe('a version downloaded into a folder', () => {
  let downloads: Downloads;

  beforeEach(async () => {
    downloads = await startDownloads();
  });
  afterEach(() => downloads.stop());

  const into = (name = 'model') => ({ kind: 'folder', path: join(downloads.folder, name) }) as const;

  it('is byte for byte what was published', async () => {
    const source = await downloads.version(FILES);
    const outcome = await downloads.downloaded(source, into());
    const held = await filesIn(outcome.path);
    const inGit = await downloads.inGit(source);
    assert.deepEqual([...held.keys()].sort(), [...inGit.keys()].sort());
    for (const [path, content] of inGit) {
      const isPointer = content.toString('latin1').startsWith('version https://git-lfs');
      assert.ok(held.get(path)?.equals(isPointer ? Buffer.from(FILES[path] ?? '') : content), path);
    }
    assert.equal(outcome.files, inGit.size);
    assert.deepEqual(await leftovers(outcome.path), []);
    await downloads.nothingLeft();
  });

  it('tells beforehand what is to come, and on the way how much of it has', async () => {
    const source = await downloads.version(FILES);
    const plan = await downloads.plan(source, into());
    const sizes = [...modelFiles().values()].map(({ length }) => length);
    const attributes = (await downloads.inGit(source)).get('.gitattributes')?.length ?? 0;
    assert.equal(
      plan.totalBytes,
      sizes.reduce((sum, size) => sum + size, attributes),
    );
    // Two files of the model have the same content.
    assert.equal(plan.bytes, plan.totalBytes - 70_001);
    assert.equal(plan.missing.length, sizes.length + 1);
    assert.equal(await stat(join(downloads.folder, 'model')).catch(() => undefined), undefined);
    const told: DownloadProgress[] = [];
    await downloads.downloaded(source, into(), { onProgress: (progress) => told.push(progress) });
    const last = told.at(-1);
    assert.deepEqual(last, {
      receivedBytes: plan.bytes,
      totalBytes: plan.bytes,
      doneFiles: plan.missing.length,
      totalFiles: plan.missing.length,
    });
  });

  it('needs nothing more the second time, and only what changed of the next version', async () => {
    const first = await downloads.version(FILES);
    await downloads.downloaded(first, into());
    downloads.fetches();
    const again = await downloads.plan(first, into());
    assert.equal(again.missing.length, 0);
    await downloads.downloaded(first, into());
    assert.equal(downloads.fetches(), 0);
    const second = await downloads.version({
      ...FILES,
      'config.json': '{"hidden_size": 16}\n',
      'new.txt': 'new',
    });
    const plan = await downloads.plan(second, into());
    assert.deepEqual(
      plan.differing.map(({ path }) => path),
      ['config.json'],
    );
    assert.deepEqual(
      plan.missing.map(({ path }) => path),
      ['new.txt'],
    );
  });

  it('leaves what is there and differs, unless a person agreed to lose it', async () => {
    const source = await downloads.version(FILES);
    const folder = join(downloads.folder, 'model');
    await mkdir(folder);
    await writeFile(join(folder, 'config.json'), 'mine');
    await writeFile(join(folder, 'notes.txt'), 'mine, too');
    const kept = await downloads.downloaded(source, into());
    assert.deepEqual(kept.kept, ['config.json']);
    assert.equal(await readFile(join(folder, 'config.json'), 'utf8'), 'mine');
    const replaced = await downloads.downloaded(source, into(), { differing: 'replace' });
    assert.deepEqual([replaced.kept, replaced.files], [[], 1]);
    const held = await filesIn(folder);
    assert.equal(held.get('config.json')?.toString(), FILES['config.json']?.toString());
    assert.equal(held.get('notes.txt')?.toString(), 'mine, too');
  });

  it('leaves alone what came into being after the plan', async () => {
    const source = await downloads.version(FILES);
    const plan = await downloads.plan(source, into());
    await mkdir(plan.path);
    await writeFile(join(plan.path, 'config.json'), 'mine');
    const signal = new AbortController().signal;
    const outcome = await downloads.downloader.download(plan, {
      onProgress: () => undefined,
      signal,
      differing: 'replace',
    });
    assert.equal(failed(outcome).kind, 'conflict');
    assert.equal(await readFile(join(plan.path, 'config.json'), 'utf8'), 'mine');
  });

  it('is what a publish takes it for: that commit, and nothing changed', async () => {
    const source = await downloads.version(FILES);
    const { path } = await downloads.downloaded(source, into());
    await downloads.publishable(path, source);
  });

  it('may have names as long as file systems take, and is published again', async () => {
    const names = ['n'.repeat(255), `m${'é'.repeat(127)}`, `d/${'x'.repeat(250)}`, `e/${'y'.repeat(246)}`];
    const files = Object.fromEntries([...names, 'README.md'].map((name) => [name, `content of ${name}`]));
    const source = await downloads.version(files);
    const { path } = await downloads.downloaded(source, into());
    const held = await filesIn(path);
    for (const [name, content] of Object.entries(files)) assert.equal(held.get(name)?.toString(), content);
    assert.deepEqual(await leftovers(path), []);
    await downloads.publishable(path, source);
  });

  it('writes through no link that leads out of the folder, and replaces one at a file’s own place', async () => {
    const source = await downloads.version(FILES);
    const folder = join(downloads.folder, 'model');
    const outside = join(downloads.folder, 'outside');
    await mkdir(folder);
    await mkdir(outside);
    await symlink(outside, join(folder, 'sub folder'));
    await assert.rejects(downloads.plan(source, into()), isFailure('disk', /sub folder/));
    await rm(join(folder, 'sub folder'));
    const plan = await downloads.plan(source, into());
    await symlink(outside, join(folder, 'sub folder'));
    const options = { onProgress: () => undefined, signal: new AbortController().signal } as const;
    const late = await downloads.downloader.download(plan, { ...options, differing: 'keep' });
    assert.equal(failed(late).kind, 'disk');
    await rm(join(folder, 'sub folder'));
    await rm(join(folder, 'config.json'), { force: true });
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(join(outside, 'secret'), join(folder, 'config.json'));
    const again = await downloads.plan(source, into());
    assert.deepEqual(
      again.differing.map(({ path }) => path),
      ['config.json'],
    );
    await downloads.downloaded(source, into(), { differing: 'replace' });
    same(await filesIn(outside), new Map([['secret', Buffer.from('secret')]]));
    assert.ok((await readFile(join(folder, 'config.json'))).equals(Buffer.from(FILES['config.json'] ?? '')));
  });

  it('says so where a folder lies at the place of a file', async () => {
    const source = await downloads.version(FILES);
    await mkdir(join(downloads.folder, 'model', 'config.json'), { recursive: true });
    await assert.rejects(downloads.plan(source, into()), isFailure('disk', /config\.json/));
  });

  it('says so where the folder may not be written to', async function () {
    if (process.getuid?.() === 0 || process.platform === 'win32') {
      // The superuser may write anywhere: a file in the place of the folder refuses everybody.
      await writeFile(join(downloads.folder, 'model'), 'a file');
      const source = await downloads.version(FILES);
      await assert.rejects(downloads.plan(source, into()), isFailure('disk'));
      return;
    }
    const source = await downloads.version(FILES);
    await mkdir(join(downloads.folder, 'model'), { mode: 0o500 });
    assert.match(failed(await downloads.download(source, into())).message, /may not be written/);
  });

  it('does not begin twice at once in the same folder', async () => {
    const source = await downloads.version(FILES);
    const plan = await downloads.plan(source, into());
    const options = {
      onProgress: () => undefined,
      signal: new AbortController().signal,
      differing: 'keep',
    } as const;
    const [one, other] = await Promise.all([
      downloads.downloader.download(plan, options),
      downloads.downloader.download(plan, options),
    ]);
    assert.equal(one.kind, 'downloaded');
    assert.equal(failed(other).kind, 'busy');
  });

  it('may be one file alone, under a name of its own', async () => {
    const weights = noise(300_000, 5);
    const source = await downloads.version({ ...FILES, 'deep/weights.safetensors': weights });
    const path = join(downloads.folder, 'my weights.bin');
    await writeFile(path, 'what the person agreed to replace');
    const outcome = await downloads.downloaded(
      source,
      { kind: 'file', path },
      { paths: ['deep/weights.safetensors'] },
    );
    assert.equal(outcome.path, path);
    same(await filesIn(downloads.folder), new Map([['my weights.bin', weights]]));
    const again = await downloads.plan(source, { kind: 'file', path }, ['deep/weights.safetensors']);
    assert.deepEqual([again.missing.length, again.present.length], [0, 1]);
    await assert.rejects(
      downloads.plan(source, { kind: 'file', path }, ['gone.txt']),
      isFailure('notFound', /gone\.txt/),
    );
  });
});

function isFailure(kind: Failure['kind'], message = /./) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return true;
  };
}
