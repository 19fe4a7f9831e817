import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../../../src/core/failure.ts';
import { gitIn } from '../../../src/core/snapshot/git/git.ts';
import { openGitSnapshot } from '../../../src/core/snapshot/git/openGitSnapshot.ts';
import { findGit } from '../../../src/core/snapshot/git/program.ts';
import { findRepository } from '../../../src/core/snapshot/git/repository.ts';
import {
  failureOf,
  openRepository,
  restore,
  scratch,
  silent,
  withSnapshot,
  type Repository,
} from '../snapshot/repositories.ts';

describe('A Git folder', () => {
  const { folder, repository } = scratch();

  function model(path?: string): Repository {
    const made = repository(path);
    made.write('a.txt', 'a');
    made.commit('A');
    return made;
  }

  it('that sends Git to the files of another folder is not read', async () => {
    const made = model();
    const other = model();
    for (const elsewhere of [folder(), other.path]) {
      made.git('config', 'core.worktree', elsewhere);
      assert.match((await failureOf(made.path, 'notARepository')).message, /outside the work tree/);
    }
    // The folder above, whose other files are none of the repository's.
    made.git('config', 'core.worktree', '../..');
    assert.match((await failureOf(made.path, 'git')).message, /core\.worktree/);
  });

  it('beside its work tree is read: of a submodule, a linked work tree, and one that stands apart', async () => {
    const inner = model();
    const made = model();
    made.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.path, 'sub');
    const linked = join(folder(), 'linked');
    made.git('worktree', 'add', '--quiet', '--detach', linked);
    const apart = join(folder(), 'apart');
    made.git('clone', '--quiet', '--separate-git-dir', join(folder(), 'git folder\n2'), inner.path, apart);
    for (const path of [join(made.path, 'sub'), linked, apart]) {
      openRepository(path).write('b.txt', 'b');
      await withSnapshot(path, ({ repository: top, uncommitted }) => {
        assert.equal(top, path);
        assert.deepEqual(uncommitted, [{ path: 'b.txt', kind: 'untracked' }]);
      });
    }
  });

  it('that looks like a bare repository in a clone is refused with a sentence that says what it is', async () => {
    const made = repository();
    const bare = join(made.path, 'model');
    mkdirSync(bare);
    made.git('init', '--quiet', '--bare', 'model');
    appendFileSync(join(bare, 'config'), '[core]\n\tbare = false\n\tworktree = .\n');
    assert.match((await failureOf(bare, 'notARepository')).message, /made to look like one/);
  });

  it('without room for a temporary folder is read without its work tree, and a sentence names the place', async () => {
    const made = model();
    const { TMPDIR, TEMP, TMP } = process.env;
    const nowhere = join(made.path, 'nowhere');
    Object.assign(process.env, { TMPDIR: nowhere, TEMP: nowhere, TMP: nowhere });
    try {
      await withSnapshot(made.path, ({ notCompared, uncommitted }) => {
        const { message = '' } = notCompared ?? {};
        assert(message.includes(nowhere) && message.includes('ENOENT'), message);
        assert.deepEqual(uncommitted, []);
      });
    } finally {
      for (const [name, value] of Object.entries({ TMPDIR, TEMP, TMP })) restore(name, value);
    }
  });

  it('of ours is gone when its snapshot is aborted or disposed of', async () => {
    const made = model();
    const { TMPDIR, TEMP, TMP } = process.env;
    const temporary = folder();
    Object.assign(process.env, { TMPDIR: temporary, TEMP: temporary, TMP: temporary });
    try {
      for (const end of ['abort', 'dispose']) {
        const controller = new AbortController();
        const snapshot = await openGitSnapshot(made.path, { signal: controller.signal, log: silent });
        assert.equal(readdirSync(temporary).length, 1);
        if (end === 'abort') controller.abort();
        else await snapshot.dispose();
        while (readdirSync(temporary).length > 0) await nextTurn();
      }
    } finally {
      for (const [name, value] of Object.entries({ TMPDIR, TEMP, TMP })) restore(name, value);
    }
  });

  // Windows has no such files.
  if (process.platform !== 'win32') {
    const pipe = (path: string) => execFileSync('mkfifo', [path]);

    it('is read without the pipes that stand for files of patterns', async () => {
      const made = model();
      const home = folder();
      const info = join(made.path, '.git', 'info');
      mkdirSync(info, { recursive: true });
      pipe(join(home, 'ignore'));
      for (const name of ['attributes', 'sparse-checkout']) pipe(join(info, name));
      made.git('config', 'core.excludesFile', join(home, 'ignore'));
      made.git('config', 'core.attributesFile', '/dev/zero');
      made.write('b.txt', 'b');
      await withSnapshot(made.path, ({ uncommitted }) =>
        assert.deepEqual(uncommitted, [{ path: 'b.txt', kind: 'untracked' }]),
      );
    });

    it('whose configuration includes a pipe is given up, with a sentence', async () => {
      const made = model();
      const included = join(folder(), 'pipe');
      pipe(included);
      const config = join(made.path, '.git', 'config');
      writeFileSync(config, `${readFileSync(config, 'utf8')}[include]\n\tpath = ${included}\n`);
      const git = gitIn(made.path, {
        program: await findGit(process.env, process.platform),
        environment: process.env,
        signal: new AbortController().signal,
        log: silent,
        patience: 500,
      });
      await assert.rejects(findRepository(git), (error: unknown) => {
        assert(error instanceof Failure);
        assert.match(error.message, /does not answer/);
        return true;
      });
      await git.idle();
    });
  }
});
