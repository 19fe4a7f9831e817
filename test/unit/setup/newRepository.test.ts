import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import { carryOut } from '../../../src/core/setup/carryOut.ts';
import { planCommit } from '../../../src/core/setup/planCommit.ts';
import { planSetup } from '../../../src/core/setup/planSetup.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import { hasGitLfs, pointerTo, restore, scratch, sha256, silent } from '../snapshot/repositories.ts';
import {
  ADA,
  bytes,
  commitAll,
  committed,
  contentsOf,
  options,
  pathWithoutLfs,
  plainGit,
  setUp,
  trainerOutput,
  WEIGHTS,
  write,
} from './settingUp.ts';

const { folder, repository } = scratch();
const modelFolder = (files = trainerOutput()): string => {
  const path = join(folder(), 'my model');
  mkdirSync(path);
  write(path, files);
  return path;
};
const objectOf = (path: string, content: Buffer): string => {
  const oid = sha256(content);
  return join(path, '.git/lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid);
};

async function refusedBy(work: Promise<unknown>, kind: FailureKind): Promise<Failure> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert(error instanceof Failure, String(error));
  assert.equal(error.kind, kind, error.message);
  return error;
}

for (const lfs of hasGitLfs() ? (['with', 'without'] as const) : (['without'] as const)) {
  describe(`Setting up a folder ${lfs} Git LFS`, () => {
    const PATH = process.env.PATH;
    beforeEach(() => {
      if (lfs === 'without') process.env.PATH = pathWithoutLfs(folder());
    });
    afterEach(() => restore('PATH', PATH));

    it('commits exactly what was listed, with pointers, and Git calls it clean', async () => {
      const path = modelFolder();
      const { plan, made } = await setUp(path, { message: 'The model\n\nTrained today' });
      assert.deepEqual(
        committed(path),
        plan.files.map((file) => file.path),
      );
      assert.equal(plainGit(path, 'show', 'HEAD:model.safetensors'), pointerTo(WEIGHTS).trimEnd());
      assert(readFileSync(objectOf(path, WEIGHTS)).equals(WEIGHTS));
      assert.equal(
        plainGit(path, 'log', '--format=%an %ae %cn %s|%b|%P'),
        'Ada ada@example.org Ada The model|Trained today\n|',
      );
      assert.equal(plainGit(path, 'rev-parse', 'HEAD', 'refs/heads/main'), `${made.commit}\n${made.commit}`);
      assert.equal(plainGit(path, 'status', '--porcelain'), '');
      assert.equal(plainGit(path, 'fsck', '--strict', '--full'), '');
      assert.match(plainGit(path, 'reflog'), /HEAD@\{0\}: commit \(initial\): The model$/);
      assert.deepEqual(
        readdirSync(path).filter((name) => name.startsWith('.git')),
        ['.git', '.gitattributes', '.gitignore'],
      );
      assert.equal(made.lfs, lfs === 'with' ? 'installed' : 'absent');
      // What Git does next, such as a commit of another file, keeps it so.
      write(path, { 'more.txt': 'x' });
      plainGit(path, 'add', 'more.txt');
      plainGit(path, 'commit', '--quiet', '--message', 'more');
      assert.equal(plainGit(path, 'show', 'HEAD:model.safetensors'), pointerTo(WEIGHTS).trimEnd());
      assert.equal(plainGit(path, 'status', '--porcelain'), '');
    });

    it('of files that were written a moment ago', async () => {
      const path = modelFolder();
      const fresh = join(path, 'fresh.safetensors');
      writeFileSync(fresh, bytes(200_000, 'fresh'));
      // As a file system does whose clock is ahead, or counts whole seconds.
      const soon = Date.now() / 1000 + 0.5;
      utimesSync(fresh, soon, soon);
      await setUp(path);
      assert.equal(plainGit(path, 'status', '--porcelain'), '');
    });

    it('an object is none that a later edit changes', async () => {
      const path = modelFolder();
      await setUp(path);
      writeFileSync(join(path, 'model.safetensors'), 'edited');
      assert(readFileSync(objectOf(path, WEIGHTS)).equals(WEIGHTS));
      assert.equal(plainGit(path, 'status', '--porcelain'), ' M model.safetensors');
    });

    it('keeps modes, links, empty files, pointers and what was in .gitignore', async () => {
      const path = modelFolder();
      write(path, {
        'run.sh': '#!/bin/sh\n',
        'empty.safetensors': '',
        'not here.safetensors': pointerTo('elsewhere'),
        '.gitignore': 'mine\n',
        mine: 'x',
      });
      chmodSync(join(path, 'run.sh'), 0o755);
      chmodSync(join(path, '.gitignore'), 0o600);
      chmodSync(join(path, 'model.safetensors'), 0o755);
      symlinkSync('run.sh', join(path, 'alias'));
      await setUp(path);
      const modes = plainGit(path, 'ls-files', '--stage', 'run.sh', 'alias', 'model.safetensors');
      assert.match(modes, /^120000 .*alias\n100755 .*model\.safetensors\n100755 .*run\.sh$/s);
      assert.equal(plainGit(path, 'cat-file', '-s', 'HEAD:empty.safetensors'), '0');
      assert.equal(plainGit(path, 'show', 'HEAD:not here.safetensors'), pointerTo('elsewhere').trimEnd());
      assert.match(readFileSync(join(path, '.gitignore'), 'utf8'), /^mine\n\n# Not part/);
      assert.equal(statSync(join(path, '.gitignore')).mode & 0o777, 0o600);
      assert(!committed(path).includes('mine'));
      assert.equal(plainGit(path, 'status', '--porcelain'), '');
    });

    it('of hostile names', async () => {
      const names = [
        '-rf.bin',
        '"q".bin',
        'new\nline.bin',
        'tab\t.bin',
        '*.x',
        'back\\slash',
        'ü ☃',
        ' lead',
        '$(touch x)',
      ];
      const path = modelFolder(Object.fromEntries(names.map((name) => [name, WEIGHTS])));
      await setUp(path);
      for (const name of names) {
        assert.equal(plainGit(path, 'cat-file', '-p', `HEAD:${name}`), pointerTo(WEIGHTS).trimEnd(), name);
      }
      assert.equal(plainGit(path, 'status', '--porcelain', '-z'), '');
    });

    it('of a repository without a commit', async () => {
      const model = repository();
      write(model.path, trainerOutput());
      plainGit(model.path, 'add', 'config.json');
      const { plan, made } = await setUp(model.path);
      assert.equal(plan.repository, 'empty');
      assert.equal(made.branch, 'main');
      assert.deepEqual(
        committed(model.path),
        plan.files.map((file) => file.path),
      );
      assert.equal(plainGit(model.path, 'status', '--porcelain'), '');
      assert(readFileSync(objectOf(model.path, WEIGHTS)).equals(WEIGHTS));
    });

    it('of a repository in whose index is what is to be left out', async () => {
      const model = repository();
      write(model.path, { ...trainerOutput(), 'patients.csv': 'a,b', 'private/notes.txt': 'x' });
      plainGit(model.path, 'add', '--all');
      await setUp(model.path, {}, ['patients.csv', 'private']);
      const paths = committed(model.path);
      assert(
        paths.includes('model.safetensors') &&
          !paths.some((path) => /patients|private|checkpoint/.test(path)),
      );
      assert.equal(plainGit(model.path, 'status', '--porcelain'), '');
      assert.equal(readFileSync(join(model.path, 'patients.csv'), 'utf8'), 'a,b');
    });

    if (lfs === 'with') {
      it('Git LFS finds all of it, and nothing to mend', async () => {
        const path = modelFolder();
        write(path, {
          'a b#c.safetensors': bytes(110_000, 'odd'),
          'blob with space': Buffer.concat([Buffer.alloc(9), WEIGHTS]),
        });
        await setUp(path);
        assert.match(plainGit(path, 'lfs', 'fsck'), /Git LFS fsck OK/);
        assert.match(plainGit(path, 'lfs', 'ls-files'), /\* model\.safetensors/);
        assert(!/\.(?:safetensors|bin)/.test(plainGit(path, 'lfs', 'status', '--porcelain')));
        assert.match(plainGit(path, 'config', '--local', 'filter.lfs.process'), /git-lfs/);
        assert(existsSync(join(path, '.git/hooks/pre-push')));
        plainGit(path, 'rm', '--cached', '--quiet', 'model.safetensors');
        plainGit(path, 'add', 'model.safetensors');
        assert.equal(plainGit(path, 'status', '--porcelain'), '', 'its own filter makes the same pointer');
        plainGit(path, 'checkout', '--quiet', '--force', 'HEAD', '--', '.');
        assert(readFileSync(join(path, 'model.safetensors')).equals(WEIGHTS));
      });
    }
  });
}

describe('Setting up a folder', () => {
  it('is a commit that a snapshot takes for what is in the folder', async () => {
    const path = modelFolder();
    await setUp(path);
    const snapshot = await openSnapshot(path, options());
    try {
      assert.deepEqual(snapshot.uncommitted, []);
      assert.equal(snapshot.subject, 'The model');
    } finally {
      await snapshot.dispose();
    }
  });

  it('runs nothing that a template or a configuration names, and keeps the template', async () => {
    const path = modelFolder();
    const template = folder();
    const trap = join(template, 'ran');
    const hook = `#!/bin/sh\ntouch '${trap}'\n`;
    mkdirSync(join(template, 'hooks'));
    for (const name of [
      'pre-commit',
      'commit-msg',
      'post-index-change',
      'reference-transaction',
      'post-commit',
    ]) {
      writeFileSync(join(template, 'hooks', name), hook, { mode: 0o755 });
    }
    for (const [key, value] of Object.entries({
      'init.templateDir': template,
      'core.fsmonitor': `touch '${trap}'`,
      'filter.lfs.clean': `touch '${trap}'; cat`,
      'commit.gpgsign': 'true',
      'gpg.program': join(template, 'hooks', 'pre-commit'),
      'core.hooksPath': join(template, 'hooks'),
    })) {
      plainGit(path, 'config', '--global', key, value);
    }
    process.env.PATH = `${pathWithoutLfs(folder())}:${process.env.PATH ?? ''}`;
    await setUp(path);
    assert(!existsSync(trap));
    assert(existsSync(join(path, '.git/hooks/pre-commit')));
  });

  it('writes who was asked into the new repository', async () => {
    const path = modelFolder();
    delete process.env.GIT_AUTHOR_NAME;
    delete process.env.GIT_AUTHOR_EMAIL;
    await setUp(path, { author: { name: 'Max "M" M', email: 'max@example.org' } });
    assert.equal(plainGit(path, 'log', '--format=%an %ae'), 'Max "M" M max@example.org');
    assert.equal(plainGit(path, 'config', '--local', 'user.name'), 'Max "M" M');
  });

  it('leaves the folder as it was when it is cancelled, at any moment', async () => {
    const path = modelFolder();
    write(path, { 'large.safetensors': bytes(3_000_000, 'large') });
    const before = contentsOf(path);
    const plan = await planSetup(path, options());
    const stops: ((abort: () => void) => Partial<Parameters<typeof carryOut>[1]>)[] = [
      (abort) => ({ onBytes: abort }),
      (abort) => ({ log: { ...silent, trace: (line) => line.startsWith('git init') && abort() } }),
      (abort) => ({ log: { ...silent, trace: (line) => line.startsWith('git hash-object') && abort() } }),
      (abort) => ({ log: { ...silent, trace: (line) => line.startsWith('git write-tree') && abort() } }),
      (abort) => ({ log: { ...silent, trace: (line) => line.startsWith('git commit-tree') && abort() } }),
    ];
    for (const stop of stops) {
      const controller = new AbortController();
      const reason = new Error('cancelled');
      const making = { author: ADA, message: 'x', log: silent, ...stop(() => controller.abort(reason)) };
      await assert.rejects(carryOut(plan, { ...making, signal: controller.signal }), reason);
      assert.deepEqual(contentsOf(path), before);
      assert.deepEqual(
        readdirSync(path).filter((name) => name.startsWith('.git')),
        [],
      );
    }
    await setUp(path);
    assert.equal(plainGit(path, 'status', '--porcelain'), '');
  });

  it('goes on where a process was killed, and not beside one that is at work', async () => {
    const path = modelFolder();
    const left = join(path, '.git.setting-up');
    const dead = execFileSync(process.execPath, ['-e', 'console.log(process.pid)'], {
      encoding: 'utf8',
    }).trim();
    write(left, { 'work/.git/HEAD': 'ref: refs/heads/main\n', owner: `${dead} ${hostname()}` });
    const { plan } = await setUp(path);
    assert(!existsSync(left));
    assert(!plan.files.some((file) => file.path.startsWith('.git.')));
    renameSync(join(path, '.git'), join(folder(), 'moved'));
    write(left, { owner: `${process.ppid} ${hostname()}` });
    await refusedBy(setUp(path), 'busy');
    assert(!existsSync(join(path, '.git')));
  });

  it('changes nothing where the folder was changed meanwhile', async () => {
    for (const change of [
      (path: string) => write(path, { '.gitattributes': '# mine, and more\n*.x -text\n' }),
      (path: string) => write(path, { '.gitignore': 'other\n' }),
      (path: string) => write(path, { 'README.md': 'other\n' }),
      (path: string) => renameSync(join(path, 'config.json'), join(path, 'config2.json')),
      (path: string) => write(path, { '.git/HEAD': 'ref: refs/heads/x\n' }),
    ]) {
      const path = modelFolder({ ...trainerOutput(), '.gitattributes': '# mine\n' });
      const plan = await planSetup(path, options());
      change(path);
      const before = contentsOf(path);
      await refusedBy(carryOut(plan, { ...options(), author: ADA, message: 'x' }), 'conflict');
      assert.deepEqual(contentsOf(path), before);
      assert(!existsSync(join(path, '.git/objects')));
    }
  });

  // Windows knows permissions of other kinds, and no other user to be.
  if (process.platform !== 'win32') {
    it('says that a folder may not be written, where it may be read', async () => {
      const path = modelFolder();
      const plan = await planSetup(path, options());
      const isRoot = process.geteuid?.() === 0;
      for (const open of [dirname(path), dirname(process.env.GIT_CONFIG_GLOBAL ?? '')])
        chmodSync(open, 0o755);
      chmodSync(path, 0o555);
      if (isRoot) process.seteuid?.(54321);
      try {
        const { message } = await refusedBy(
          carryOut(plan, { ...options(), author: ADA, message: 'x' }),
          'disk',
        );
        assert.match(message, /my model.*may not be made, .*\(EACCES\).*right to write there/);
        assert.doesNotMatch(message, /may not be read/);
      } finally {
        if (isRoot) process.seteuid?.(0);
        chmodSync(path, 0o755);
      }
    });
  }

  it('a file that changes while it is read is none that is committed', async () => {
    const path = modelFolder();
    const plan = await planSetup(path, options());
    const making = { ...options(), author: ADA, message: 'x' };
    const touch = () => writeFileSync(join(path, 'model.safetensors'), bytes(150_000, 'other'));
    const log = { ...silent, trace: (line: string) => line.startsWith('git write-tree') && touch() };
    await refusedBy(carryOut(plan, { ...making, log }), 'disk');
    assert(!existsSync(join(path, '.git')));
  });
});

describe('Committing what is there', () => {
  it('takes exactly what is listed, and leaves what is staged elsewhere', async () => {
    const model = repository();
    write(model.path, {
      '.gitattributes': '*.safetensors filter=lfs diff=lfs merge=lfs -text\n',
      'm/old.txt': 'renamed without a change, long enough to be found\n',
      'm/gone.txt': 'x',
      'm/changed.txt': 'x',
      'other/staged.txt': 'x',
    });
    const parent = model.commit('first');
    plainGit(model.path, 'mv', 'm/old.txt', 'm/new.txt');
    plainGit(model.path, 'rm', '--quiet', 'm/gone.txt');
    writeFileSync(join(model.path, 'm/changed.txt'), 'changed');
    writeFileSync(join(model.path, 'other/staged.txt'), 'staged');
    plainGit(model.path, 'add', 'other/staged.txt');
    write(model.path, { 'm/deep/er/model.safetensors': WEIGHTS, 'm/deep/note.txt': 'x', 'top.txt': 'x' });
    write(model.path, { 'm/deep/.DS_Store': 'of a desktop, and nobody’s' });
    const { plan, made } = await commitAll(join(model.path, 'm'));
    assert.deepEqual(
      plan.files.map((file) => `${file.change} ${file.path} ${file.store}`),
      [
        'modified m/changed.txt git',
        'added m/deep/er/model.safetensors lfs',
        'added m/deep/note.txt git',
        'deleted m/gone.txt git',
        'added m/new.txt git',
        'deleted m/old.txt git',
      ],
    );
    assert.equal(
      plainGit(model.path, 'diff-tree', '-r', '--no-renames', '--no-commit-id', '--name-status', 'HEAD'),
      'M\tm/changed.txt\nA\tm/deep/er/model.safetensors\nA\tm/deep/note.txt\nD\tm/gone.txt\nA\tm/new.txt\nD\tm/old.txt',
    );
    assert.equal(plainGit(model.path, 'rev-parse', 'HEAD^'), parent);
    assert.equal(plainGit(model.path, 'rev-parse', 'HEAD'), made?.commit);
    assert.equal(
      plainGit(model.path, 'status', '--porcelain'),
      'M  other/staged.txt\n?? m/deep/.DS_Store\n?? top.txt',
    );
    assert.equal(
      plainGit(model.path, 'show', 'HEAD:m/deep/er/model.safetensors'),
      pointerTo(WEIGHTS).trimEnd(),
    );
    assert.equal(plainGit(model.path, 'fsck', '--strict'), '');
    assert.equal((await commitAll(join(model.path, 'm'))).made, undefined);
  });

  it('in a repository without commits, in a linked work tree, and on no branch', async () => {
    const model = repository();
    write(model.path, { 'a.txt': 'a', 'sub/b.txt': 'b' });
    assert.equal((await commitAll(model.path)).plan.parent, undefined);
    assert.deepEqual(committed(model.path), ['a.txt', 'sub/b.txt']);
    const linked = join(folder(), 'linked');
    plainGit(model.path, 'worktree', 'add', '--quiet', '-b', 'feature/x', linked);
    plainGit(model.path, 'pack-refs', '--all');
    write(linked, { 'c.txt': 'c' });
    assert.equal((await commitAll(linked)).made?.branch, 'feature/x');
    assert.equal(plainGit(linked, 'status', '--porcelain'), '');
    assert.equal(plainGit(model.path, 'rev-parse', 'feature/x^'), plainGit(model.path, 'rev-parse', 'main'));
    plainGit(linked, 'checkout', '--quiet', '--detach');
    write(linked, { 'd.txt': 'd' });
    const { made } = await commitAll(linked);
    assert.equal(made?.branch, undefined);
    assert.equal(plainGit(linked, 'rev-parse', 'HEAD'), made?.commit);
    assert.equal(plainGit(model.path, 'fsck', '--strict'), '');
  });

  it('changed weights become pointers, and those that were merely touched stay', async () => {
    const path = modelFolder();
    await setUp(path);
    writeFileSync(join(path, 'model.safetensors'), WEIGHTS);
    const touched = await commitAll(path);
    assert.equal(touched.made, undefined, 'the same content');
    const other = bytes(150_000, 'other');
    writeFileSync(join(path, 'model.safetensors'), other);
    const { made } = await commitAll(path);
    assert.equal(made?.lfsFiles, 1);
    assert.equal(plainGit(path, 'show', 'HEAD:model.safetensors'), pointerTo(other).trimEnd());
    assert(readFileSync(objectOf(path, other)).equals(other));
    assert.equal(plainGit(path, 'log', '--format=%s'), 'A change\nThe model');
  });

  it('changed weights keep the mode of the index where the file system has none', async () => {
    const path = modelFolder();
    chmodSync(join(path, 'model.safetensors'), 0o755);
    await setUp(path);
    plainGit(path, 'config', 'core.filemode', 'no');
    chmodSync(join(path, 'model.safetensors'), 0o644);
    writeFileSync(join(path, 'model.safetensors'), bytes(150_000, 'other'));
    await commitAll(path);
    assert.match(plainGit(path, 'ls-tree', 'HEAD', 'model.safetensors'), /^100755 /);
    assert.equal(plainGit(path, 'status', '--porcelain'), '');
  });

  it('names hooks that it does not run, and runs none', async () => {
    const model = repository();
    write(model.path, { 'a.txt': 'a' });
    const trap = join(folder(), 'ran');
    mkdirSync(join(model.path, '.git/hooks'));
    for (const name of [
      'pre-commit',
      'commit-msg',
      'post-commit',
      'reference-transaction',
      'post-index-change',
    ]) {
      writeFileSync(join(model.path, '.git/hooks', name), `#!/bin/sh\ntouch '${trap}'\n`, { mode: 0o755 });
    }
    // Of Git 2.54 and newer, which no setting switches off all at once.
    for (const event of ['pre-commit', 'reference-transaction', 'post-index-change', 'post-commit']) {
      plainGit(model.path, 'config', '--add', 'hook.trap.event', event);
    }
    plainGit(model.path, 'config', 'hook.trap.command', `touch '${trap}'`);
    plainGit(model.path, 'config', 'filter.lfs.clean', `touch '${trap}'; cat`);
    plainGit(model.path, 'config', 'core.fsmonitor', `touch '${trap}'`);
    const { plan } = await commitAll(model.path);
    assert.deepEqual(plan.unobserved, [
      { kind: 'hook', name: 'commit-msg' },
      { kind: 'hook', name: 'pre-commit' },
    ]);
    assert(!existsSync(trap));
    assert.deepEqual(committed(model.path), ['a.txt']);
  });

  it('is not made on top of what somebody else commits meanwhile', async () => {
    const model = repository();
    write(model.path, { 'a.txt': 'a' });
    model.commit('first');
    write(model.path, { 'b.txt': 'b' });
    const plan = await planCommit(model.path, options());
    let theirs = '';
    const log = {
      ...silent,
      trace: (line: string) => {
        if (!line.startsWith('git commit-tree')) return;
        theirs = plainGit(model.path, 'commit-tree', '-m', 'theirs', '-p', 'HEAD', 'HEAD^{tree}');
        writeFileSync(join(model.path, '.git/refs/heads/main'), `${theirs}\n`);
      },
    };
    await refusedBy(carryOut(plan, { ...options(), log, author: ADA, message: 'mine' }), 'conflict');
    assert.equal(plainGit(model.path, 'rev-parse', 'HEAD'), theirs);
    assert.equal(plainGit(model.path, 'status', '--porcelain'), '?? b.txt');
    // Nor where it was planned for another commit.
    await refusedBy(carryOut(plan, { ...options(), author: ADA, message: 'mine' }), 'conflict');
  });

  it('refuses what it cannot do, and leaves all as it is', async () => {
    const model = repository();
    write(model.path, { 'a.txt': 'a' });
    model.commit('first');
    write(model.path, { 'b.txt': 'b' });
    writeFileSync(join(model.path, '.git/index.lock'), '');
    await refusedBy(commitAll(model.path), 'busy');
    renameSync(join(model.path, '.git/index.lock'), join(model.path, '.git/MERGE_HEAD'));
    await refusedBy(commitAll(model.path), 'conflict');
    renameSync(join(model.path, '.git/MERGE_HEAD'), join(folder(), 'x'));
    writeFileSync(join(model.path, '.git/refs/heads/main.lock'), '');
    await refusedBy(commitAll(model.path), 'busy');
    assert.equal(plainGit(model.path, 'log', '--format=%s'), 'first');
    assert.equal(plainGit(model.path, 'status', '--porcelain'), '?? b.txt');
    assert(!existsSync(join(model.path, '.git/index.lock')));
    assert.deepEqual(
      readdirSync(join(model.path, '.git')).filter((name) => name.startsWith('model-registries')),
      [],
    );
  });
});
