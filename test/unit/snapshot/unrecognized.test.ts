import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../src/core/failure.ts';
import { folderHead } from '../../../src/core/localModels/head.ts';
import { isInNoRepository } from '../../../src/core/snapshot/git/explain.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import { downloadModel, MODEL } from './caches.ts';
import {
  failureOf,
  openRepository,
  restore,
  scratch,
  silent,
  withSnapshot,
  type Repository,
} from './repositories.ts';

describe('A repository that Git does not recognize', () => {
  const { folder, repository } = scratch();

  function model(path?: string): Repository {
    const made = repository(path);
    made.write('sub/config.json', '{}');
    made.commit('Model');
    return made;
  }

  /** Whoever opens `path` is told of `named`, and not to make a repository, which is offered to nobody either. */
  async function isTold(path: string, named: string): Promise<string> {
    const failure = await failureOf(path, 'git');
    assert(failure.message.includes(`“${named}”`), failure.message);
    assert.doesNotMatch(failure.message, /git init|Commit the model/);
    assert(!isInNoRepository(failure));
    const head = await folderHead(path, { signal: new AbortController().signal, log: silent });
    assert(head.kind === 'unreadable', head.kind);
    return failure.message;
  }

  it('is that of a work tree, and was moved', async () => {
    const made = model();
    const linked = join(folder(), 'linked');
    made.git('worktree', 'add', '--quiet', linked);
    const moved = join(folder(), 'moved');
    renameSync(made.path, moved);
    for (const path of [linked, join(linked, 'sub')]) {
      const message = await isTold(path, join(linked, '.git'));
      assert.match(message, /In a container, .*run “git worktree repair” in it/);
    }
    openRepository(moved).git('worktree', 'repair');
    await withSnapshot(linked, () => undefined);
  });

  it('is that of a submodule, and is not there', async () => {
    const path = folder();
    writeFileSync(join(path, '.git'), 'gitdir: ../outer/.git/modules/model\n');
    assert.doesNotMatch(await isTold(path, join(path, '.git')), /worktree/);
  });

  if (process.platform !== 'win32') {
    it('is where a link leads, which leads to nothing', async () => {
      const path = folder();
      symlinkSync('elsewhere', join(path, '.git'));
      await isTold(path, join(path, 'elsewhere'));
    });
  }

  it('was copied without empty folders', async () => {
    const made = model();
    made.git('pack-refs', '--all');
    rmSync(join(made.path, '.git', 'refs'), { recursive: true });
    for (const path of [made.path, join(made.path, 'sub')]) {
      assert.match(await isTold(path, join(made.path, '.git', 'refs')), /Make that folder/);
    }
    mkdirSync(join(made.path, '.git', 'refs'));
    await withSnapshot(made.path, () => undefined);
  });

  for (const [what, text] of [
    ['empty', ''],
    ['of zeros', '\0'.repeat(21)],
    ['gone', undefined],
  ] as const) {
    it(`has a HEAD that is ${what}, as after a crash`, async () => {
      const made = model();
      const head = join(made.path, '.git', 'HEAD');
      const before = readFileSync(head);
      rmSync(head);
      if (text !== undefined) writeFileSync(head, text);
      assert.match(await isTold(join(made.path, 'sub'), head), /Write “ref: refs\/heads\/”/);
      writeFileSync(head, before);
      await withSnapshot(made.path, () => undefined);
    });
  }

  it('has lost its objects', async () => {
    const made = model();
    rmSync(join(made.path, '.git', 'objects'), { recursive: true });
    assert.match(await isTold(made.path, join(made.path, '.git')), /Clone the repository anew/);
  });

  it('is above what Git is told not to look above', async () => {
    const made = model();
    const saved = process.env.GIT_CEILING_DIRECTORIES;
    process.env.GIT_CEILING_DIRECTORIES = made.path;
    try {
      assert.match(await isTold(join(made.path, 'sub'), made.path), /GIT_CEILING_DIRECTORIES forbids it/);
    } finally {
      restore('GIT_CEILING_DIRECTORIES', saved);
    }
  });

  if (process.platform !== 'win32') {
    it('is above the mount of a folder', async () => {
      const made = model();
      const git = join(folder(), 'git');
      // To mount something is not everybody's right. Words of Git 2.55.
      const words =
        'fatal: not a git repository (or any parent up to mount point /model)\\n' +
        'Stopping at filesystem boundary (GIT_DISCOVERY_ACROSS_FILESYSTEM not set).\\n';
      writeFileSync(git, `#!/bin/sh\nprintf '${words}' >&2\nexit 128\n`);
      chmodSync(git, 0o755);
      const options = { signal: new AbortController().signal, log: silent, git };
      const failure = await openSnapshot(join(made.path, 'sub'), options).catch((error: unknown) => error);
      assert(failure instanceof Failure && failure.kind === 'git', String(failure));
      assert.match(failure.message, /on another drive or mount.*GIT_DISCOVERY_ACROSS_FILESYSTEM=1/);
      assert(failure.message.includes(made.path), failure.message);
      const elsewhere = await openSnapshot(folder(), options).catch((error: unknown) => error);
      assert(elsewhere instanceof Failure && isInNoRepository(elsewhere), String(elsewhere));
    });
  }

  it('is elsewhere, and only variables say so', async () => {
    const made = model();
    const elsewhere = join(folder(), 'elsewhere.git');
    renameSync(join(made.path, '.git'), elsewhere);
    const variables = { GIT_DIR: elsewhere, GIT_WORK_TREE: made.path };
    const saved = Object.keys(variables).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, variables);
    try {
      assert.match(
        await isTold(join(made.path, 'sub'), join(made.path, 'sub')),
        /variable GIT_DIR, .* not obeyed/,
      );
      assert(isInNoRepository(await failureOf(folder(), 'notARepository')));
      writeFileSync(join(made.path, '.git'), `gitdir: ${elsewhere}`);
      await withSnapshot(made.path, () => undefined);
    } finally {
      for (const [name, value] of saved) restore(name, value);
    }
  });

  it('is none where a folder above merely has that name', async () => {
    const path = folder();
    mkdirSync(join(path, '.git', 'notes'), { recursive: true });
    mkdirSync(join(path, 'sub'));
    assert(isInNoRepository(await failureOf(join(path, 'sub'), 'notARepository')));
    await isTold(path, join(path, '.git'));
  });

  it('does not keep a download in it from being published', async () => {
    const made = folder();
    downloadModel(made, MODEL);
    writeFileSync(join(made, '.git'), 'gitdir: /nowhere/.git/worktrees/model\n');
    const snapshot = await openSnapshot(made, { signal: new AbortController().signal, log: silent });
    assert.equal(snapshot.origin.kind, 'download');
    await snapshot.dispose();
  });
});
