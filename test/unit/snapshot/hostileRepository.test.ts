import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gitIn } from '../../../src/core/snapshot/git/git.ts';
import { findGit } from '../../../src/core/snapshot/git/program.ts';
import { withIndexCopy } from '../../../src/core/snapshot/git/indexCopy.ts';
import { ownRepository } from '../../../src/core/snapshot/git/ownRepository.ts';
import { findRepository, headOf } from '../../../src/core/snapshot/git/repository.ts';
import { parseStatus, statusOf } from '../../../src/core/snapshot/git/status.ts';
import {
  contentOf,
  failureOf,
  fileAt,
  scratch,
  silent,
  withSnapshot,
  type Repository,
} from './repositories.ts';

describe('A stranger’s repository', () => {
  const { folder, repository } = scratch();

  /** A command that leaves a trace, and the trace. */
  function trap(): { command: string; sprung: () => boolean } {
    const trace = join(folder(), 'sprung').replaceAll('\\', '/');
    const script = join(folder(), 'trap.sh').replaceAll('\\', '/');
    writeFileSync(script, `#!/bin/sh\ntouch '${trace}'\ncat\n`);
    chmodSync(script, 0o755);
    return { command: `sh '${script}'`, sprung: () => existsSync(trace) };
  }

  /** A repository with one committed and then touched file of the filter `evil`. */
  function touched(filter = 'evil'): Repository {
    const model = repository();
    model.write('.gitattributes', `*.txt filter=${filter} diff=evil\n`);
    model.write('a.txt', 'a');
    model.write('README.md', '---\nname: a\n---\n');
    model.commit('A');
    model.write('a.txt', 'b');
    return model;
  }

  /** Opens it and reads everything in it. */
  async function readAll(path: string): Promise<void> {
    await withSnapshot(path, async (snapshot) => {
      for (const file of snapshot.files) {
        await contentOf(file.open());
      }
      assert(snapshot.uncommitted.some((change) => change.path === 'a.txt'));
    });
  }

  it('springs its traps when Git is used on it carelessly', () => {
    // Proof that the traps below are none of paper.
    for (const key of ['filter.evil.clean', 'core.fsmonitor', 'alias.s']) {
      const model = touched();
      const { command, sprung } = trap();
      model.git('config', key, key === 'alias.s' ? `!${command}` : command);
      try {
        model.git(key === 'alias.s' ? 's' : 'status');
      } catch {
        // A trap makes a poor filter.
      }
      assert(sprung(), key);
    }
  });

  it('does not run the programs that its configuration names', async () => {
    const named = [
      'core.fsmonitor',
      'core.sshCommand',
      'core.gitProxy',
      'core.askPass',
      'core.pager',
      'core.editor',
      'core.alternateRefsCommand',
      'pager.status',
      'pager.ls-tree',
      'diff.external',
      'diff.evil.command',
      'diff.evil.textconv',
      'credential.helper',
      'gpg.program',
      'gpg.ssh.program',
      'uploadpack.packObjectsHook',
    ];
    // A filter's process stands in for its two commands.
    for (const filter of [['filter.evil.clean', 'filter.evil.smudge'], ['filter.evil.process']]) {
      const model = touched();
      model.git('config', 'log.showSignature', 'true');
      const traps = [...named, ...filter].map((key) => {
        const { command, sprung } = trap();
        model.git('config', key, command);
        return { key, sprung };
      });
      model.git('config', 'filter.evil.required', 'true');
      await readAll(model.path);
      assert.deepEqual(
        traps.filter(({ sprung }) => sprung()).map(({ key }) => key),
        [],
      );
    }
  });

  it('does not run its aliases', async () => {
    const model = touched();
    const { command, sprung } = trap();
    for (const name of ['status', 'config', 'rev-parse', 'symbolic-ref', 'ls-tree', 'cat-file']) {
      model.git('config', `alias.${name}`, `!${command}`);
    }
    await readAll(model.path);
    assert(!sprung());
  });

  it('does not run its hooks, wherever they are', async () => {
    const model = touched();
    const { command, sprung } = trap();
    const hooks = join(folder(), 'hooks');
    mkdirSync(hooks);
    for (const place of [join(model.path, '.git', 'hooks'), hooks]) {
      mkdirSync(place, { recursive: true });
      for (const name of ['post-index-change', 'fsmonitor-watchman', 'reference-transaction']) {
        writeFileSync(join(place, name), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
      }
    }
    await readAll(model.path);
    model.git('config', 'core.hooksPath', hooks);
    await readAll(model.path);
    assert(!sprung());
  });

  it('does not run what it includes', async () => {
    const model = touched('other.name with "quotes"');
    const { command, sprung } = trap();
    const included = join(folder(), 'included');
    model.git('config', '--file', included, 'core.fsmonitor', command);
    model.git('config', '--file', included, 'filter.other.name with "quotes".clean', command);
    model.git('config', '--file', included, 'filter.evil.process', command);
    model.git('config', 'include.path', included);
    model.git('config', 'includeIf.onbranch:main.path', included);
    await readAll(model.path);
    assert(!sprung());
  });

  it('does not run the filters of a submodule', async () => {
    const inner = touched();
    const model = repository();
    model.write('model/a.txt', 'a');
    model.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.path, 'inner');
    model.commit('A');
    const { command, sprung } = trap();
    model.git('-C', 'inner', 'config', 'filter.evil.clean', command);
    model.write('inner/a.txt', 'touched');
    model.write('model/a.txt', 'b');
    await readAll(join(model.path, 'model'));
    await failureOf(model.path, 'unpublishable');
    const git = gitIn(model.path, {
      program: await findGit(process.env, process.platform),
      environment: process.env,
      signal: new AbortController().signal,
      log: silent,
    });
    const found = await findRepository(git);
    const own = await ownRepository(found, (await headOf(found)).commit);
    const status = await withIndexCopy(found, own, async (index) =>
      parseStatus(await statusOf(index.git, '')),
    );
    await own.remove();
    assert.deepEqual(
      status.map(({ path }) => path),
      ['model/a.txt'],
    );
    assert(!sprung());
  });

  it('is read when a filter cannot be named on the command line, which does not run', async () => {
    const model = touched('a=b');
    const { command, sprung } = trap();
    model.git('config', 'filter.a=b.clean', command);
    await readAll(model.path);
    assert(!sprung());
  });

  it('does not fetch from its promisor remote', async () => {
    const model = touched();
    const { command, sprung } = trap();
    model.git('config', 'core.repositoryFormatVersion', '1');
    model.git('config', 'extensions.partialClone', 'origin');
    model.git('config', 'remote.origin.promisor', 'true');
    model.git('config', 'remote.origin.url', `ext::${command}`);
    model.git('config', 'protocol.ext.allow', 'always');
    model.git('config', 'remote.origin.uploadpack', command);
    const blob = model.git('rev-parse', 'HEAD:a.txt');
    chmodSync(join(model.path, '.git/objects', blob.slice(0, 2), blob.slice(2)), 0o644);
    rmSync(join(model.path, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    await failureOf(model.path, 'git');
    assert(!sprung());
  });

  it('does not bring its own git', async () => {
    const model = touched();
    const { command, sprung } = trap();
    for (const name of ['git', 'git.exe', 'git.cmd']) {
      writeFileSync(join(model.path, name), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    }
    const saved = process.env.PATH ?? '';
    process.env.PATH = `.${process.platform === 'win32' ? ';' : ':'}${saved}`;
    try {
      await readAll(model.path);
    } finally {
      process.env.PATH = saved;
    }
    assert(!sprung());
  });

  it('cannot send Git elsewhere through this process’s environment', async () => {
    const model = touched();
    const other = repository();
    process.env.GIT_DIR = join(other.path, '.git');
    process.env.GIT_INDEX_FILE = join(other.path, 'index');
    process.env.GIT_ASKPASS = trap().command;
    try {
      await readAll(model.path);
    } finally {
      delete process.env.GIT_DIR;
      delete process.env.GIT_INDEX_FILE;
      delete process.env.GIT_ASKPASS;
    }
  });

  it('cannot put other objects in the place of its own', async () => {
    const model = repository();
    model.write('a', 'honest');
    model.commit('A');
    const blob = model.git('rev-parse', 'HEAD:a');
    const forged = model.gitWith('forged', 'hash-object', '-w', '--stdin');
    model.git('replace', blob, forged);
    assert.equal(model.git('show', 'HEAD:a'), 'forged');
    await withSnapshot(model.path, async (snapshot) =>
      assert.equal((await contentOf(fileAt(snapshot, 'a').open())).toString(), 'honest'),
    );
  });

  it('changes nothing in the repository', async () => {
    const model = touched();
    const before = statSync(join(model.path, '.git/index')).mtimeMs;
    await readAll(model.path);
    assert.equal(statSync(join(model.path, '.git/index')).mtimeMs, before);
  });
});
