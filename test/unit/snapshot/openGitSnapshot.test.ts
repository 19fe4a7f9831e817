import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { Failure } from '../../../src/core/failure.ts';
import { explainGit } from '../../../src/core/snapshot/git/explain.ts';
import { openGitSnapshot } from '../../../src/core/snapshot/git/openGitSnapshot.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import { projectFolder } from '../../setup/project.ts';
import { until } from '../../setup/until.ts';
import { cacheModel, downloadModel, MODEL } from './caches.ts';
import {
  commitEntries,
  contentOf,
  failureOf,
  fileAt,
  openRepository,
  pointerTo,
  processes,
  restore,
  scratch,
  silent,
  storeObject,
  withSnapshot,
} from './repositories.ts';
import { anyText } from '../../setup/anyText.ts';

const paths = (snapshot: Snapshot) => snapshot.files.map((file) => file.path);

describe('A snapshot of a Git commit', () => {
  const { folder, repository } = scratch();

  it('holds the commit and not the work tree', async () => {
    const model = repository();
    model.write('config.json', '{}');
    model.write('b/weights.bin', Buffer.from([0, 1, 2, 255]));
    model.write('B.txt', '');
    const commit = model.commit('First line\n\nMore of it');
    model.write('config.json', 'changed');
    model.write('later.txt', 'not committed');

    await withSnapshot(model.path, async (snapshot) => {
      assert.equal(snapshot.commit, commit);
      assert.equal(snapshot.branch, 'main');
      assert.equal(snapshot.subject, 'First line');
      assert.equal(snapshot.committedAt.getTime(), Number(model.git('show', '-s', '--format=%ct')) * 1000);
      assert.equal(snapshot.repository, model.path);
      assert.equal(snapshot.folder, '');
      assert.deepEqual(paths(snapshot), ['B.txt', 'b/weights.bin', 'config.json']);
      const file = fileAt(snapshot, 'b/weights.bin');
      assert.equal(file.kind, 'blob');
      assert.equal(file.size, 4);
      assert.equal(file.gitSha1, model.git('rev-parse', 'HEAD:b/weights.bin'));
      assert.deepEqual(await contentOf(file.open()), Buffer.from([0, 1, 2, 255]));
      assert.deepEqual(await contentOf(file.open(3)), Buffer.from([255]));
      assert.equal((await contentOf(fileAt(snapshot, 'config.json').open())).toString(), '{}');
      assert.equal((await contentOf(fileAt(snapshot, 'B.txt').open())).length, 0);
    });
  });

  it('knows no branch where HEAD is detached', async () => {
    const model = repository();
    model.commit('Nothing yet');
    model.write('a', 'a');
    model.commit('A');
    model.git('checkout', '--quiet', '--detach');
    await withSnapshot(model.path, (snapshot) => assert.equal(snapshot.branch, undefined));
  });

  it('of a folder inside a repository holds that folder’s files, whatever it is called', async () => {
    // What Git would take for a pattern, where there can be such a name.
    const name = process.platform === 'win32' ? 't[i]ny' : 't*y';
    const model = repository();
    model.write('README.md', 'outside');
    model.write(`models/${name}/config.json`, 'inside');
    model.write(`models/${name}/sub/x`, 'x');
    model.write('models/tiny/x', 'a neighbour');
    model.commit('Models');
    model.write(`models/${name}/new`, 'new');
    model.write('models/tiny/story', 'new');
    model.write('new', 'new');
    // Nobody's changes: a desktop showed the folder.
    for (const left of ['.DS_Store', 'sub/desktop.ini']) model.write(`models/${name}/${left}`, 'icons');
    await withSnapshot(join(model.path, 'models', name), async (snapshot) => {
      assert.equal(snapshot.repository, model.path);
      assert.equal(snapshot.folder, `models/${name}`);
      assert.deepEqual(paths(snapshot), ['config.json', 'sub/x']);
      assert.equal((await contentOf(fileAt(snapshot, 'config.json').open())).toString(), 'inside');
      assert.deepEqual(snapshot.uncommitted, [{ kind: 'untracked', path: 'new' }]);
      assert((await snapshot.proposeModels())[0]?.startsWith('model/t-'));
    });
  });

  it('is found from a linked work tree, with that work tree’s HEAD', async () => {
    const model = repository();
    model.write('a', 'main');
    model.commit('Main');
    const linked = openRepository(join(folder(), 'linked'));
    model.git('worktree', 'add', '--quiet', '-b', 'other', linked.path);
    linked.write('sub/a', 'other');
    linked.commit('Other');
    await withSnapshot(join(linked.path, 'sub'), (snapshot) => {
      assert.equal(snapshot.branch, 'other');
      assert.equal(snapshot.repository, linked.path);
      assert.deepEqual(paths(snapshot), ['a']);
    });
  });

  it('is found in the checkout of a submodule, as the submodule’s own', async () => {
    const inner = repository();
    inner.write('weights', 'w');
    const commit = inner.commit('Inner');
    const outer = repository();
    outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.path, 'inner');
    outer.commit('Outer');
    await withSnapshot(join(outer.path, 'inner'), (snapshot) => {
      assert.equal(snapshot.commit, commit);
      assert.equal(snapshot.repository, join(outer.path, 'inner'));
      assert.deepEqual(paths(snapshot), ['weights']);
    });
    const failure = await failureOf(outer.path, 'unpublishable');
    assert.deepEqual(failure.paths, ['inner']);
    assert.match(failure.message, /submodules: inner\./);
    outer.git('submodule', '--quiet', 'deinit', '--force', 'inner');
    assert.match((await failureOf(join(outer.path, 'inner'), 'unpublishable')).message, /not checked out/);
  });

  if (process.platform !== 'win32') {
    it('is found through a symbolic link to the folder', async () => {
      const model = repository();
      model.write('models/tiny/x', 'x');
      model.commit('X');
      const link = join(folder(), 'link');
      symlinkSync(join(model.path, 'models'), link);
      await withSnapshot(join(link, 'tiny'), (snapshot) => {
        assert.equal(snapshot.repository, model.path);
        assert.equal(snapshot.folder, 'models/tiny');
        assert.deepEqual(paths(snapshot), ['x']);
      });
    });
  }

  it('is found where the file system ignores case and the commit spells the folder otherwise', async () => {
    const model = repository();
    commitEntries(model, [{ mode: '100644', path: 'Models/Tiny/x', content: 'x' }]);
    model.git('config', 'core.ignoreCase', 'true');
    mkdirSync(join(model.path, 'models', 'tiny'), { recursive: true });
    await withSnapshot(join(model.path, 'models', 'tiny'), (snapshot) => {
      assert.equal(snapshot.folder, 'Models/Tiny');
      assert.deepEqual(paths(snapshot), ['x']);
    });
  });

  it('proposes names from card, remote and folder, and never a password', async () => {
    const model = repository();
    model.write('README.md', '---\nmodel_name: Tiny\nbase_model: google/big\n---\n');
    model.commit('Card');
    model.git('remote', 'add', 'upstream', 'https://example.org/upstream/other.git');
    model.git('remote', 'add', 'origin', 'https://ada:hunter2@example.org/acme/tiny-bert.git');
    await withSnapshot(model.path, async (snapshot) => {
      const proposed = await snapshot.proposeModels();
      assert.deepEqual(proposed.slice(0, 3), ['acme/Tiny', proposed[1], 'acme/tiny-bert']);
      assert(!proposed.join().includes('hunter2'));
    });
    model.git('config', 'branch.main.remote', 'upstream');
    await withSnapshot(model.path, async (snapshot) =>
      assert.equal((await snapshot.proposeModels())[0], 'upstream/Tiny'),
    );
  });

  it('gives a large blob as a stream, from any byte, and ends Git when the reader stops', async () => {
    const model = repository();
    const content = Buffer.alloc(5 * 1024 * 1024 + 3, 'abcdefg');
    model.write('large', content);
    model.commit('Large');
    await withSnapshot(model.path, async (snapshot) => {
      const file = fileAt(snapshot, 'large');
      assert.deepEqual(await contentOf(file.open()), content);
      assert.deepEqual(await contentOf(file.open(content.length - 5)), content.subarray(-5));
      assert.deepEqual(await contentOf(file.open(content.length)), Buffer.alloc(0));
      const before = processes().length;
      const stream = await file.open();
      assert.equal(processes().length, before + 1);
      await once(stream, 'data');
      stream.destroy();
      await until(() => processes().length === before, 'Git has ended');
    });
    assert.deepEqual(processes(), []);
  });

  it('opens thousands of small files at once', async () => {
    const model = repository();
    for (let index = 0; index < 2000; index++) {
      model.write(`d${index % 7}/${index}`, `file ${index} `.repeat(400));
    }
    model.commit('Many');
    await withSnapshot(model.path, async (snapshot) => {
      assert.equal(snapshot.files.length, 2000);
      const contents = await Promise.all(snapshot.files.map((file) => contentOf(file.open())));
      for (const [at, content] of contents.entries()) {
        const index = snapshot.files[at]!.path.split('/')[1]!;
        assert.equal(content.toString(), `file ${index} `.repeat(400));
      }
    });
  });

  it('holds what git show shows, for any names and contents', async () => {
    const name = anyText({ minLength: 1, maxLength: 40 })
      .filter((text) => !/[\0/]/.test(text))
      .filter((text) => !/^\.{1,2}$/.test(text) && !/\.(git|cache)|git~/i.test(text));
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
    const entry = fc.record({
      mode: fc.constantFrom('100644' as const, '100755' as const),
      path,
      content: fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
        fc.integer({ min: 200_000, max: 300_000 }).map((size) => Buffer.alloc(size, `${size}\n`)),
      ),
    });
    // Neither the same path twice nor a file where a folder has to be.
    const tree = fc.uniqueArray(entry, {
      minLength: 1,
      maxLength: 8,
      comparator: (one, other) =>
        one.path === other.path ||
        one.path.startsWith(`${other.path}/`) ||
        other.path.startsWith(`${one.path}/`),
    });
    await fc.assert(
      fc.asyncProperty(tree, async (entries) => {
        const model = repository();
        const commit = commitEntries(model, entries);
        await withSnapshot(model.path, async (snapshot) => {
          assert.deepEqual(paths(snapshot), entries.map((file) => file.path).sort());
          const contents = await Promise.all(snapshot.files.map((file) => contentOf(file.open())));
          assert.deepEqual(
            snapshot.files.map(({ size }) => size),
            contents.map(({ length }) => length),
          );
          // One content after another.
          const shown = model.gitBytes('show', ...snapshot.files.map((file) => `${commit}:${file.path}`));
          assert(shown.equals(Buffer.concat(contents)));
        });
      }),
      { numRuns: 8 },
    );
  });
});

describe('A folder that cannot be published', () => {
  const { folder, repository } = scratch();

  it('is in no repository', async () => {
    const failure = await failureOf(folder(), 'notARepository');
    assert.match(failure.message, /is not in a Git repository\. Run “git init”/);
  });

  it('does not exist, or is a file', async () => {
    const parent = folder();
    assert.match((await failureOf(join(parent, 'none'), 'notARepository')).message, /does not exist/);
    writeFileSync(join(parent, 'file'), '');
    assert.match((await failureOf(join(parent, 'file'), 'notARepository')).message, /is not a folder/);
  });

  it('is in a repository without a commit', async () => {
    assert.match((await failureOf(repository().path, 'noCommit')).message, /has no commit yet/);
  });

  it('is not in the last commit', async () => {
    const model = repository();
    model.write('a', 'a');
    model.commit('A');
    model.write('new/b', 'b');
    const failure = await failureOf(join(model.path, 'new'), 'noCommit');
    assert.match(failure.message, /holds no file in “new”/);
  });

  it('has nothing in its last commit', async () => {
    const model = repository();
    model.commit('Empty');
    assert.match((await failureOf(model.path, 'noCommit')).message, /holds no file/);
  });

  it('has a commit message that no memory is kept for', async () => {
    const model = repository();
    model.write('a', 'a');
    model.write('.git/message', 'a day '.repeat(3 * 1024 * 1024));
    model.git('add', 'a');
    model.git('commit', '--quiet', '--file', '.git/message');
    const failure = await failureOf(model.path, 'git');
    assert.match(
      failure.message,
      /too much to be read at once\. If it is the last commit, its message is that long: shorten it/,
    );
  });

  it('is a bare repository, or inside .git', async () => {
    const model = repository();
    model.write('a', 'a');
    model.commit('A');
    const bare = join(folder(), 'bare.git');
    model.git('clone', '--quiet', '--bare', '.', bare);
    assert.match((await failureOf(bare, 'notARepository')).message, /bare Git repository/);
    assert.match((await failureOf(join(model.path, '.git'), 'notARepository')).message, /work tree/);
  });

  it('belongs to someone else', () => {
    const model = repository();
    let words = '';
    try {
      execFileSync('git', ['status'], {
        cwd: model.path,
        stdio: 'pipe',
        env: { ...process.env, LC_ALL: 'C', GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' },
      });
    } catch (error) {
      words = String((error as { stderr: Buffer }).stderr);
    }
    const failure = explainGit(words, model.path);
    assert.equal(failure.kind, 'git');
    assert.match(failure.message, /another user owns it/);
    assert(failure.message.includes(`safe.directory ${model.path.replaceAll('\\', '/')}`), failure.message);
  });

  it('is in a repository that names its objects by SHA-256', async () => {
    const path = folder();
    const model = openRepository(path);
    model.git('init', '--quiet', '--object-format=sha256');
    model.write('a', 'a');
    model.commit('A');
    assert.match((await failureOf(path, 'unpublishable')).message, /sha256, but model registries take/);
  });

  it('lacks content in a partial clone, which is not fetched behind one’s back', async () => {
    const origin = repository();
    origin.write('a', 'content');
    origin.git('config', 'uploadpack.allowFilter', 'true');
    origin.commit('A');
    const partial = join(folder(), 'partial');
    const url = `file://${origin.path.replaceAll('\\', '/')}`;
    origin.git('clone', '--quiet', '--no-checkout', '--filter=blob:none', url, partial);
    assert.match((await failureOf(partial, 'git')).message, /partial clone, or damaged/);
  });

  it('needs a Git that is installed', async () => {
    const model = repository();
    model.commit('A');
    const git = join(folder(), 'no-git');
    await assert.rejects(
      openGitSnapshot(model.path, { signal: new AbortController().signal, log: silent, git }),
      { kind: 'git' },
    );
    const saved = process.env.PATH;
    process.env.PATH = folder();
    try {
      const failure = await failureOf(model.path, 'git');
      assert.match(failure.message, /Git was not found.*Install it from/);
    } finally {
      process.env.PATH = saved;
    }
  });

  it('is trusted, and has its LFS objects, where variables of the environment say so', async () => {
    const model = repository();
    const weights = 'w'.repeat(5000);
    model.write('weights.bin', pointerTo(weights));
    model.commit('A');
    const store = join(folder(), 'store');
    storeObject(store, weights);
    const others = [
      ['core.fsmonitor', `touch '${join(store, 'ran')}'`],
      ['core.worktree', store],
    ];
    const given = [...others, ['safe.directory', model.path], ['lfs.storage', store]];
    const variables = Object.fromEntries([
      ['GIT_CONFIG_COUNT', String(given.length)],
      ...given.flatMap(([key = '', value = ''], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ]) as Record<string, string>;
    const saved = Object.keys(variables).map((name) => [name, process.env[name]] as const);
    const git = join(folder(), 'git');
    // Git's own way to try this without being somebody else.
    writeFileSync(git, '#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git "$@"\n', { mode: 0o755 });
    const options = {
      signal: new AbortController().signal,
      log: silent,
      ...(process.platform === 'win32' ? {} : { git }),
    };
    Object.assign(process.env, variables);
    try {
      const snapshot = await openGitSnapshot(model.path, options);
      assert.equal((await contentOf(fileAt(snapshot, 'weights.bin').open())).toString(), weights);
      await snapshot.dispose();
      assert(!existsSync(join(store, 'ran')));
    } finally {
      for (const [name, value] of saved) restore(name, value);
    }
  });

  it('was made for a newer Git', async () => {
    const model = repository();
    model.commit('A');
    const config = join(model.path, '.git', 'config');
    const unknown = '[extensions]\n\tyetUnknown = true\n\tunheardOf = yes\n';
    writeFileSync(config, `[core]\n\trepositoryFormatVersion = 1\n${unknown}`);
    const { message } = await failureOf(model.path, 'git');
    assert.match(message, /it needs extensions\.yetunknown, extensions\.unheardof\. Update Git/);
    writeFileSync(config, '[core]\n\trepositoryFormatVersion = 99\n');
    assert.match(
      (await failureOf(model.path, 'git')).message,
      /it needs core\.repositoryFormatVersion 99\. Update/,
    );
  });

  it('has a broken configuration', async () => {
    const model = repository();
    model.commit('A');
    writeFileSync(join(model.path, '.git', 'config'), '[core\n');
    assert.match((await failureOf(model.path, 'git')).message, /bad config/);
  });

  it('has names that are not UTF-8', async () => {
    const model = repository();
    commitEntries(model, [
      { mode: '100644', path: Buffer.from([0x61, 0xff]), content: 'x' },
      { mode: '100644', path: 'fine', content: 'x' },
    ]);
    assert.match((await failureOf(model.path, 'unpublishable')).message, /UTF-8 only.*: a\\xff\. Rename/);
  });

  it('has files in folders that are not for files', async () => {
    const model = repository();
    commitEntries(model, [
      { mode: '100644', path: '.cache/huggingface/x', content: 'x' },
      { mode: '100644', path: 'a/git~1/config', content: 'x' },
      { mode: '100644', path: 'fine', content: 'x' },
    ]);
    const failure = await failureOf(model.path, 'unpublishable');
    assert.deepEqual(failure.paths, ['.cache/huggingface/x', 'a/git~1/config']);
  });

  it('has a damaged tree', async () => {
    const model = repository();
    const blob = model.gitWith('x', 'hash-object', '-w', '--stdin');
    const entry = Buffer.concat([Buffer.from('100644 a\0'), Buffer.from(blob, 'hex')]);
    const tree = model.gitWith(
      Buffer.concat([entry, entry]),
      'hash-object',
      '-w',
      '-t',
      'tree',
      '--stdin',
      '--literally',
    );
    model.git('update-ref', 'HEAD', model.git('commit-tree', '-m', 'Twice', tree));
    assert.match((await failureOf(model.path, 'git')).message, /holds “a” twice/);
  });
});

// Windows has no bound of file handles that a shell could set.
if (process.platform !== 'win32') {
  describe('A machine without handles for files', () => {
    const { repository } = scratch();

    it('is told of in a sentence, or has enough', async () => {
      const model = repository();
      model.write('README.md', '# Model');
      model.write('large', Buffer.alloc(400 * 1024));
      model.commit('Model');
      const script = fileURLToPath(new URL('fewHandles.ts', import.meta.url));
      const command = 'ulimit -n 128; exec "$0" --import tsx "$@"';
      const { stdout } = await promisify(execFile)(
        'sh',
        ['-c', command, process.execPath, script, model.path],
        {
          cwd: projectFolder,
        },
      );
      const ends = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly kind: string; readonly message?: string });
      for (const { kind, message } of ends) {
        if (kind === 'opened') continue;
        assert(kind === 'git' || kind === 'disk', `${kind}: ${message}`);
        assert.match(message ?? '', /oo many (?:files are open|open files)/);
      }
      assert.notEqual(ends[0]?.kind, 'opened');
      assert.equal(ends.at(-1)?.kind, 'opened');
    });
  });
}

if (process.platform !== 'win32') {
  describe('A pipe in place of a file that Git reads', () => {
    const { folder, repository } = scratch();

    const inWorkTree = ['.gitignore', '.gitattributes', 'sub/.gitignore', 'sub/deep/.gitattributes'];
    const inGit = [
      '.git/objects/info/alternates',
      '.git/packed-refs',
      `.git/objects/pack/pack-${'1'.repeat(40)}.idx`,
    ];
    for (const place of [...inWorkTree, ...inGit]) {
      it(`is named, and waited for no longer: ${place}`, async () => {
        const model = repository();
        model.write('README.md', '# Model');
        model.write('sub/deep/config.json', '{}');
        model.commit('Model');
        const pipe = join(model.path, place);
        mkdirSync(dirname(pipe), { recursive: true });
        execFileSync('mkfifo', [pipe]);
        // Nobody's clock says that a file was not written since.
        model.write('README.md', '# Other');
        const opening = openGitSnapshot(model.path, {
          signal: new AbortController().signal,
          log: silent,
          patience: 500,
        });
        const ended = await opening.then(
          async (snapshot) => {
            await snapshot.dispose();
            return undefined;
          },
          (error: unknown) => error,
        );
        // A Git that leaves the file alone opens the repository.
        if (ended !== undefined) {
          assert(ended instanceof Failure);
          assert.equal(ended.kind, 'git', ended.message);
          assert(ended.message.includes(pipe), ended.message);
        }
        assert.deepEqual(processes(), []);
      });
    }

    it('is left out where it says what a person ignores', async () => {
      const model = repository();
      model.write('README.md', '# Model');
      model.commit('Model');
      model.write('new.txt', 'new');
      const pipe = join(folder(), 'pipe');
      execFileSync('mkfifo', [pipe]);
      for (const key of ['core.excludesFile', 'core.attributesFile']) model.git('config', key, pipe);
      for (const name of ['exclude', 'attributes']) {
        execFileSync('mkfifo', [join(model.path, '.git', 'info', name)]);
      }
      await withSnapshot(model.path, (snapshot) =>
        assert.deepEqual(snapshot.uncommitted, [{ kind: 'untracked', path: 'new.txt' }]),
      );
    });
  });
}

describe('A machine without a folder for temporary files', () => {
  const { folder, repository } = scratch();

  for (const [what, place] of Object.entries({
    'that is not there': (made: string) => join(made, 'nowhere'),
    'that is a file': (made: string) => {
      writeFileSync(join(made, 'file'), '');
      return join(made, 'file');
    },
  })) {
    it(`reads a commit, and says that it does not know what is not committed: one ${what}`, async () => {
      const model = repository();
      model.write('README.md', '# Model');
      model.write('sub/large', Buffer.alloc(400 * 1024));
      model.commit('Model');
      model.write('README.md', '# Changed');
      const saved = ['TMPDIR', 'TEMP', 'TMP'].map((name) => [name, process.env[name]] as const);
      const temporary = place(folder());
      for (const [name] of saved) process.env[name] = temporary;
      try {
        await withSnapshot(model.path, async (snapshot) => {
          assert.deepEqual(paths(snapshot), ['README.md', 'sub/large']);
          assert.equal((await contentOf(fileAt(snapshot, 'README.md').open())).toString(), '# Model');
          assert.equal((await contentOf(fileAt(snapshot, 'sub/large').open())).length, 400 * 1024);
          assert.deepEqual(snapshot.uncommitted, []);
          assert.match(
            snapshot.notCompared?.message ?? '',
            /Temporary files cannot be written in “.*”.*TMPDIR/,
          );
          assert(snapshot.notCompared?.message.includes(temporary));
        });
        await withSnapshot(join(model.path, 'sub'), (snapshot) =>
          assert.deepEqual(paths(snapshot), ['large']),
        );
      } finally {
        for (const [name, value] of saved) restore(name, value);
      }
    });
  }
});

describe('The end of a snapshot', () => {
  const { folder, repository } = scratch();

  function largeModel(): string {
    const model = repository();
    model.write('large', Buffer.alloc(3 * 1024 * 1024));
    model.write('small', 'small');
    model.commit('Model');
    return model.path;
  }

  it('comes with its signal: streams fail with the reason, and no process is left', async () => {
    const controller = new AbortController();
    const snapshot = await openGitSnapshot(largeModel(), { signal: controller.signal, log: silent });
    const stream = await fileAt(snapshot, 'large').open();
    const reason = new Error('enough');
    const reading = contentOf(Promise.resolve(stream));
    controller.abort(reason);
    await assert.rejects(reading, reason);
    await assert.rejects(fileAt(snapshot, 'small').open(), reason);
    await snapshot.dispose();
    assert.deepEqual(processes(), []);
  });

  it('comes with dispose, as often as one likes', async () => {
    const snapshot = await openGitSnapshot(largeModel(), {
      signal: new AbortController().signal,
      log: silent,
    });
    const stream = await fileAt(snapshot, 'large').open();
    await snapshot.dispose();
    await snapshot.dispose();
    assert(stream.destroyed);
    assert.deepEqual(processes(), []);
    await assert.rejects(fileAt(snapshot, 'small').open());
    await assert.rejects(fileAt(snapshot, 'large').open());
  });

  it('may come at any moment before it is open', async () => {
    const path = largeModel();
    const cached = cacheModel(folder(), MODEL).snapshot;
    const download = join(folder(), 'tiny');
    downloadModel(download, MODEL);
    const reason = new Error('never mind');
    for (const place of [path, cached, download]) {
      // After ever more turns of the event loop, whose number differs from time to time.
      for (let turns = 0, opened = 0; opened < 3; turns = Math.ceil(turns * 1.2) + 1) {
        const controller = new AbortController();
        const state = { isOpen: false };
        const ended = openSnapshot(place, { signal: controller.signal, log: silent }).then(
          async (snapshot) => {
            state.isOpen = true;
            await snapshot.dispose();
            return 'opened';
          },
          (error: unknown) => error,
        );
        for (let turn = 0; turn < turns && !state.isOpen; turn++) await nextTurn();
        if (state.isOpen) opened += 1;
        const expected = state.isOpen ? 'opened' : reason;
        controller.abort(reason);
        assert.equal(await ended, expected, `${place} after ${turns} turns`);
      }
    }
    assert.deepEqual(processes(), []);
  });

  it('may come before it is open', async () => {
    const path = largeModel();
    const reason = new Error('never mind');
    await assert.rejects(openGitSnapshot(path, { signal: AbortSignal.abort(reason), log: silent }), reason);

    // At every command that Git is asked to run.
    for (let commands = 1; ; commands++) {
      const controller = new AbortController();
      let left = commands;
      const trace = () => {
        left -= 1;
        if (left === 0) {
          controller.abort(reason);
        }
      };
      const opening = openGitSnapshot(path, { signal: controller.signal, log: { ...silent, trace } });
      const outcome = await opening.catch((error: unknown) => error);

      if (outcome === reason) {
        assert.deepEqual(processes(), []);
      } else {
        assert(left > 0, String(outcome));
        await (outcome as Snapshot).dispose();
        assert.deepEqual(processes(), []);
        assert(commands > 5);
        return;
      }
    }
  });
});
