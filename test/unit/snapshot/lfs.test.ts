import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../src/core/failure.ts';
import { damaged, missingObjects } from '../../../src/core/publish/contentFailures.ts';
import type { LfsFile, Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import {
  contentOf,
  fileAt,
  hasGitLfs,
  pointerTo,
  scratch,
  sha256,
  storeObject,
  withSnapshot,
  type Repository,
} from './repositories.ts';

const WEIGHTS = Buffer.alloc(3 * 1024 * 1024 + 17, 'weights');

function lfsFile(snapshot: Snapshot, path: string): LfsFile {
  const file = fileAt(snapshot, path);
  assert(file.kind === 'lfs');
  return file;
}

describe('A file in Git LFS', () => {
  const { folder, repository } = scratch();

  /** A checkout that was never smudged: pointers in the work tree. */
  function model(): Repository {
    const made = repository();
    made.write('weights.bin', pointerTo(WEIGHTS));
    made.commit('Weights');
    return made;
  }

  async function assertRead(path: string): Promise<void> {
    await withSnapshot(path, async (snapshot) => {
      const file = lfsFile(snapshot, 'weights.bin');
      assert(await file.present());
      assert(WEIGHTS.equals(await contentOf(file.open())));
    });
  }

  it('has hash and size without its content', async () => {
    const made = model();
    made.git('remote', 'add', 'origin', 'https://example.org/model.git');
    await withSnapshot(made.path, async (snapshot) => {
      const file = lfsFile(snapshot, 'weights.bin');
      assert.equal(file.sha256, sha256(WEIGHTS));
      assert.equal(file.size, WEIGHTS.length);
      assert.equal(file.gitSha1, made.git('rev-parse', 'HEAD:weights.bin'));
      assert.equal(await file.present(), false);
      await assert.rejects(file.open(), (error: Error) => {
        assert.match(error.message, /“weights\.bin” is kept in Git LFS.*Run “git lfs pull”/);
        return 'kind' in error && error.kind === 'missingObject';
      });
    });
  });

  it('is not to be got from anywhere where the repository names no server', async () => {
    const made = model();
    const told = () =>
      withSnapshot(made.path, async (snapshot) => {
        const file = lfsFile(snapshot, 'weights.bin');
        const read = await file.open().then(
          () => assert.fail('it was read'),
          (error: unknown) => error,
        );
        assert(read instanceof Failure);
        return [read, missingObjects([file], 'hereNorThere'), damaged(file)];
      });
    for (const { message, command } of await told()) {
      assert.match(message, /has no remote that Git LFS could get it from\. Add the one that has it/);
      assert.equal(command, undefined);
    }
    const config = join(made.path, '.git', 'config');
    const before = readFileSync(config);
    const servers: readonly (() => unknown)[] = [
      () => made.git('config', 'lfs.url', 'https://example.org/lfs'),
      () => made.git('remote', 'add', 'upstream', 'https://example.org/model.git'),
      () => made.write('.lfsconfig', '[lfs]\n\turl = https://example.org/lfs\n'),
    ];
    for (const name of servers) {
      writeFileSync(config, before);
      name();
      for (const { message } of await told()) {
        assert.match(message, /git lfs/);
        assert.doesNotMatch(message, /no remote/);
      }
    }
  });

  it('is read from the store, any part of it', async () => {
    const made = model();
    storeObject(join(made.path, '.git', 'lfs'), WEIGHTS);
    await assertRead(made.path);
    await withSnapshot(made.path, async (snapshot) => {
      const file = lfsFile(snapshot, 'weights.bin');
      for (const [start, end] of [
        [0, 1],
        [1024 * 1024 - 1, 2 * 1024 * 1024 + 5],
        [WEIGHTS.length - 3, WEIGHTS.length],
        [5, 5],
        [WEIGHTS.length, WEIGHTS.length],
      ] as const) {
        assert(WEIGHTS.subarray(start, end).equals(await contentOf(file.open(start, end))));
      }
      assert(WEIGHTS.subarray(7).equals(await contentOf(file.open(7))));
    });
  });

  it('is not there when the stored object is of another size', async () => {
    const made = model();
    appendFileSync(storeObject(join(made.path, '.git', 'lfs'), WEIGHTS), 'x');
    await withSnapshot(made.path, async (snapshot) =>
      assert.equal(await lfsFile(snapshot, 'weights.bin').present(), false),
    );
  });

  it('is found where lfs.storage says, from .git or from the root', async () => {
    const made = model();
    storeObject(join(made.path, '.git', 'big', 'objects-of-mine'), WEIGHTS);
    made.git('config', 'lfs.storage', 'big/objects-of-mine');
    await assertRead(made.path);
    const elsewhere = folder();
    rmSync(join(made.path, '.git', 'big'), { recursive: true });
    storeObject(elsewhere, WEIGHTS);
    made.git('config', 'lfs.storage', elsewhere);
    await assertRead(made.path);
    storeObject(join(made.path, '.git', 'lfs'), WEIGHTS);
    made.git('config', 'lfs.storage', '');
    await assertRead(made.path);
  });

  it('is found by a linked work tree in the repository’s store', async () => {
    const made = model();
    storeObject(join(made.path, '.git', 'lfs'), WEIGHTS);
    const linked = join(folder(), 'linked');
    made.git('worktree', 'add', '--quiet', linked);
    await assertRead(linked);
  });

  it('is found in the store of the repository that objects are borrowed from', async () => {
    const made = model();
    storeObject(join(made.path, '.git', 'lfs'), WEIGHTS);
    const borrower = join(folder(), 'borrower');
    made.git('clone', '--quiet', '--shared', '.', borrower);
    await assertRead(borrower);
  });

  it('is read from the work tree, but not where that is known to differ', async () => {
    const made = model();
    made.write('weights.bin', WEIGHTS);
    await assertRead(made.path);
    const other = Buffer.from(WEIGHTS);
    other[100] = 0;
    made.write('weights.bin', other);
    await withSnapshot(made.path, async (snapshot) => {
      const file = lfsFile(snapshot, 'weights.bin');
      assert.equal(await file.present(), false);
      await assert.rejects(file.open(), { kind: 'missingObject' });
      made.write('weights.bin', WEIGHTS);
      assert(await file.present());
      assert(WEIGHTS.equals(await contentOf(file.open())));
      assert.equal(file.origin.kind, 'workTree');
      made.write('weights.bin', 'of another size');
      await assert.rejects(file.open(), { kind: 'missingObject' });
      storeObject(join(made.path, '.git', 'lfs'), WEIGHTS);
      assert(WEIGHTS.equals(await contentOf(file.open())));
      assert.equal(file.origin.kind, 'git');
    });
  });

  if (process.platform !== 'win32') {
    it('is not looked for behind a link out of the work tree', async () => {
      const made = repository();
      made.write('keys/weights.bin', pointerTo(WEIGHTS));
      made.commit('Weights');
      const elsewhere = folder();
      writeFileSync(join(elsewhere, 'weights.bin'), WEIGHTS);
      rmSync(join(made.path, 'keys'), { recursive: true });
      symlinkSync(elsewhere, join(made.path, 'keys'));
      await withSnapshot(made.path, async (snapshot) => {
        assert.equal(await lfsFile(snapshot, 'keys/weights.bin').present(), false);
        assert.deepEqual(snapshot.uncommitted, [
          { kind: 'untracked', path: 'keys' },
          { kind: 'deleted', path: 'keys/weights.bin' },
        ]);
      });
    });
  }

  it('that is empty is an empty file', async () => {
    const made = repository();
    made.write('empty.bin', pointerTo(''));
    made.commit('Empty');
    await withSnapshot(made.path, async (snapshot) => {
      const file = fileAt(snapshot, 'empty.bin');
      assert.equal(file.kind, 'blob');
      assert.equal(file.size, 0);
      assert.equal(file.gitSha1, made.gitWith('', 'hash-object', '--stdin'));
      assert.equal((await contentOf(file.open())).length, 0);
    });
  });

  if (hasGitLfs()) {
    it('made by git-lfs is read, and its checkout has nothing uncommitted', async () => {
      const made = repository();
      made.git('lfs', 'install', '--local');
      made.git('lfs', 'track', '*.bin');
      made.write('weights.bin', WEIGHTS);
      made.write('sub/more.bin', 'more');
      made.commit('Weights');
      await assertRead(made.path);
      await withSnapshot(made.path, (snapshot) => assert.deepEqual(snapshot.uncommitted, []));
      // Git takes every file for touched now.
      made.write('weights.bin', WEIGHTS);
      made.write('sub/more.bin', 'none');
      await withSnapshot(made.path, (snapshot) =>
        assert.deepEqual(snapshot.uncommitted, [{ kind: 'modified', path: 'sub/more.bin' }]),
      );
    });
  }
});

describe('Uncommitted changes', () => {
  const { folder, repository } = scratch();

  it('are listed by kind, and only those of the folder', async () => {
    const made = repository();
    for (const name of ['modified', 'staged', 'deleted', 'removed', 'renamed', 'same']) {
      made.write(`m/${name}`, name);
    }
    made.write('outside', 'outside');
    made.write('m/.gitignore', '*.log\n');
    made.commit('Files');
    made.write('m/modified', 'changed');
    made.write('m/staged', 'changed');
    made.write('m/added é', 'added');
    made.git('add', 'm/staged', 'm/added é');
    rmSync(join(made.path, 'm/deleted'));
    made.git('rm', '--quiet', 'm/removed');
    made.git('mv', 'm/renamed', 'm/other');
    made.write('m/new', 'new');
    made.write('m/folder/new', 'new');
    made.write('m/ignored.log', 'log');
    made.write('outside', 'changed');
    await withSnapshot(join(made.path, 'm'), (snapshot) =>
      assert.deepEqual(
        [...snapshot.uncommitted].sort((a, b) => (a.path < b.path ? -1 : 1)),
        [
          { kind: 'added', path: 'added é' },
          { kind: 'deleted', path: 'deleted' },
          { kind: 'untracked', path: 'folder/' },
          { kind: 'modified', path: 'modified' },
          { kind: 'untracked', path: 'new' },
          { kind: 'renamed', path: 'other' },
          { kind: 'deleted', path: 'removed' },
          { kind: 'modified', path: 'staged' },
        ],
      ),
    );
  });

  it('are listed in spite of a configuration that hides them', async () => {
    const made = repository();
    made.write('a', 'a');
    made.commit('A');
    made.git('config', 'status.showUntrackedFiles', 'no');
    made.write('b', 'b');
    await withSnapshot(made.path, (snapshot) =>
      assert.deepEqual(snapshot.uncommitted, [{ kind: 'untracked', path: 'b' }]),
    );
  });

  it('name conflicts', async () => {
    const made = repository();
    made.write('a', 'base');
    made.commit('Base');
    made.git('checkout', '--quiet', '-b', 'other');
    made.write('a', 'other');
    made.commit('Other');
    made.git('checkout', '--quiet', 'main');
    made.write('a', 'main');
    made.commit('Main');
    assert.throws(() => made.git('merge', 'other'));
    await withSnapshot(made.path, async (snapshot) => {
      assert.deepEqual(snapshot.uncommitted, [{ kind: 'conflicted', path: 'a' }]);
      assert.equal((await contentOf(fileAt(snapshot, 'a').open())).toString(), 'main');
    });
  });

  it('are none where only line ends differ as Git was told', async () => {
    const made = repository();
    made.write('.gitattributes', '*.txt text\n');
    made.write('a.txt', 'one\r\ntwo\r\n');
    made.commit('Text');
    made.write('a.txt', 'one\r\ntwo\r\n');
    await withSnapshot(made.path, (snapshot) => assert.deepEqual(snapshot.uncommitted, []));
  });

  /** What git-lfs does, without git-lfs: `clean` makes the pointer. */
  function checkedOut(): Repository {
    const clean = join(folder(), 'clean.mjs');
    writeFileSync(
      clean,
      `import { createHash } from 'node:crypto';
       const chunks = [];
       for await (const chunk of process.stdin) chunks.push(chunk);
       const content = Buffer.concat(chunks);
       const oid = createHash('sha256').update(content).digest('hex');
       process.stdout.write('version https://git-lfs.github.com/spec/v1\\noid sha256:' + oid + '\\nsize ' + content.length + '\\n');`,
    );
    const made = repository();
    made.git('config', 'filter.lfs.clean', `"${process.execPath}" "${clean}"`.replaceAll('\\', '/'));
    made.git('config', 'filter.lfs.required', 'true');
    made.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
    made.write('weights.bin', WEIGHTS);
    made.write('m/other.bin', 'other');
    made.commit('Weights');
    assert.equal(made.git('show', 'HEAD:weights.bin'), pointerTo(WEIGHTS).trim());
    return made;
  }

  it('are none in a checkout of LFS files, touched or not', async () => {
    const made = checkedOut();
    await withSnapshot(made.path, (snapshot) => assert.deepEqual(snapshot.uncommitted, []));
    made.write('weights.bin', WEIGHTS);
    made.write('m/other.bin', 'other');
    for (const path of [made.path, join(made.path, 'm')]) {
      await withSnapshot(path, (snapshot) => assert.deepEqual(snapshot.uncommitted, []));
    }
  });

  it('are LFS files of other content, of the same size or not, staged or not', async () => {
    const made = checkedOut();
    made.write('m/other.bin', 'OTHER');
    await withSnapshot(join(made.path, 'm'), (snapshot) =>
      assert.deepEqual(snapshot.uncommitted, [{ kind: 'modified', path: 'other.bin' }]),
    );
    made.git('add', '.');
    made.write('weights.bin', 'shorter');
    await withSnapshot(made.path, (snapshot) =>
      assert.deepEqual(
        snapshot.uncommitted.map(({ kind, path }) => `${kind} ${path}`),
        ['modified m/other.bin', 'modified weights.bin'],
      ),
    );
  });
});
