import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderSize } from '../../../src/core/localModels/folderSize.ts';
import { committedSize, folderHead, type GitOptions } from '../../../src/core/localModels/head.ts';
import type { GitObjectId } from '../../../src/core/objectIds.ts';
import { pointerTo, processes, scratch, silent } from '../snapshot/repositories.ts';

const options: GitOptions = { signal: new AbortController().signal, log: silent };

describe('local models: HEAD of a folder', () => {
  const temporary = scratch();

  it('tells repository, folder, commit and branch', async () => {
    const made = temporary.repository();
    made.write('models/small/config.json', '{"model_type":"x"}');
    const commit = made.commit('One');
    assert.deepEqual(await folderHead(join(made.path, 'models', 'small'), options), {
      kind: 'repository',
      repository: made.path,
      folder: 'models/small',
      commit,
      branch: 'main',
      gitFolder: join(made.path, '.git'),
    });
  });

  it('follows a commit, a checkout and a detached HEAD', async () => {
    const made = temporary.repository();
    made.write('a.pt', '1');
    const first = made.commit('One');
    made.git('checkout', '--quiet', '-b', 'feature/x');
    made.write('a.pt', '2');
    const second = made.commit('Two');
    const seen = async () => {
      const head = await folderHead(made.path, options);
      return head.kind === 'repository' ? [head.commit, head.branch] : head.kind;
    };
    assert.deepEqual(await seen(), [second, 'feature/x']);
    made.git('checkout', '--quiet', first);
    assert.deepEqual(await seen(), [first, undefined]);
  });

  it('has no commit where there is none, or none of the folder', async () => {
    const made = temporary.repository();
    made.write('model/a.pt', '1');
    const head = await folderHead(made.path, options);
    assert(head.kind === 'repository' && head.commit === undefined && head.branch === 'main');
    made.write('README.md', '#');
    made.git('add', 'README.md');
    made.git('commit', '--quiet', '-m', 'Without the model');
    const model = await folderHead(join(made.path, 'model'), options);
    assert(model.kind === 'repository' && model.commit === undefined, JSON.stringify(model));
    assert.equal(model.folder, 'model');
  });

  it('finds HEAD of another work tree', async () => {
    const made = temporary.repository();
    made.write('a.pt', '1');
    const commit = made.commit('One');
    const other = join(temporary.folder(), 'tree');
    made.git('worktree', 'add', '--quiet', '-b', 'other', other);
    const head = await folderHead(other, options);
    assert(head.kind === 'repository');
    assert.deepEqual([head.commit, head.branch, head.repository], [commit, 'other', realpathSync(other)]);
    assert.equal(dirname(head.gitFolder), join(made.path, '.git', 'worktrees'));
  });

  it('says that a folder is in no repository, what Git cannot read, and what was downloaded', async () => {
    const plain = temporary.folder();
    assert.deepEqual(await folderHead(plain, options), { kind: 'none' });
    const made = temporary.repository();
    made.git('init', '--quiet', '--object-format=sha256', join(made.path, 'sha256'));
    const unreadable = await folderHead(join(made.path, 'sha256'), options);
    assert.equal(unreadable.kind, 'unreadable', JSON.stringify(unreadable));
    const notes = join(plain, '.cache', 'huggingface', 'download');
    mkdirSync(notes, { recursive: true });
    writeFileSync(join(notes, 'a.metadata'), `${'a'.repeat(40)}\netag\n100\n`);
    writeFileSync(join(notes, 'b.metadata'), `${'b'.repeat(40)}\netag\n200\n`);
    assert.deepEqual(await folderHead(plain, options), { kind: 'download', commit: 'b'.repeat(40) });
  });

  it('leaves no process, and none when it is aborted', async () => {
    const made = temporary.repository();
    made.write('a.pt', '1');
    made.commit('One');
    const controller = new AbortController();
    const reading = folderHead(made.path, { ...options, signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(reading, /enough/);
    await folderHead(made.path, options);
    assert.deepEqual(processes(), []);
  });
});

describe('local models: sizes', () => {
  const temporary = scratch();
  const weights = Buffer.alloc(300_000, 'w');

  it('counts what the commit holds, of LFS files their contents, whatever the work tree has', async () => {
    const made = temporary.repository();
    made.write('m/.gitattributes', '*.pt filter=lfs\n');
    made.write('m/model.pt', pointerTo(weights));
    made.write('m/config.json', '{}');
    made.write('other.txt', 'not of the model');
    made.git('config', 'filter.lfs.clean', 'cat');
    const commit = made.commit('One') as GitObjectId;
    made.write('m/later.pt', 'not committed');
    const place = { repository: made.path, folder: 'm', commit };
    assert.equal(await committedSize(place, options), 16 + 300_000 + 2);
    assert.deepEqual(processes(), []);
  });

  it('says why a commit cannot be published', async () => {
    const made = temporary.repository();
    made.write('a.pt', '1');
    made.git('add', '.');
    made.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub`);
    made.git('commit', '--quiet', '-m', 'A submodule');
    const commit = made.git('rev-parse', 'HEAD') as GitObjectId;
    await assert.rejects(committedSize({ repository: made.path, folder: '', commit }, options), {
      kind: 'unpublishable',
    });
  });

  it('sums up a folder: links to files, pointers as their objects, and no bookkeeping', async () => {
    const folder = temporary.folder();
    const write = (path: string, content: string | Buffer) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    };
    const elsewhere = temporary.folder();
    writeFileSync(join(elsewhere, 'blob'), Buffer.alloc(1000));
    write('config.json', '{}');
    write('deep/model.safetensors', pointerTo(weights));
    write('deep/notes.txt', pointerTo(weights));
    write('.git/objects/x', 'bookkeeping');
    write('.cache/huggingface/x', 'bookkeeping');
    symlinkSync(join(elsewhere, 'blob'), join(folder, 'model.bin'));
    symlinkSync(join(elsewhere, 'gone'), join(folder, 'gone.bin'));
    const expected = 2 + 300_000 + pointerTo(weights).length + 1000;
    assert.equal(await folderSize(folder, options.signal), expected);
  });

  it('leaves out a folder of very many folders', async () => {
    const folder = temporary.folder();
    for (let index = 0; index < 2100; index += 1) mkdirSync(join(folder, String(index)));
    assert.equal(await folderSize(folder, options.signal), undefined);
  });
});
