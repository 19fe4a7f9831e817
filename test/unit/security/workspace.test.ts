import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { Failure } from '../../../src/core/failure.ts';
import { foreignGitFolder } from '../../../src/core/snapshot/foreignGitFolder.ts';
import { plainWorkTree } from '../../../src/core/snapshot/git/gitFolders.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import { confinedFolder, refuseUnconfined } from '../../../src/editor/tools/confinedFolder.ts';
import { createCli, eventsOf, type Cli } from '../cli/builtCli.ts';
import { startPublishing, type Publishing } from '../publish/publishing.ts';
import { openRepository, scratch, silent, type Repository } from '../snapshot/repositories.ts';

const { signal } = new AbortController();
/** One of them where a folder of the workspace would be, too. */
const SECRETS = ['model/secret.txt', 'secret.txt'];

describe('a workspace that a tool works in', () => {
  const files = scratch();
  let secret: Repository;
  let workspace: string;

  beforeEach(() => {
    const home = files.folder();
    secret = files.repository(join(home, 'private'));
    for (const path of SECRETS) secret.write(path, 'secret');
    secret.commit('Private work');
    workspace = join(home, 'workspace');
    mkdirSync(workspace);
  });

  const inWorkspace = (...names: readonly string[]): string => join(workspace, ...names);
  /** A repository of the workspace. */
  const model = (name = 'model'): Repository => {
    const made = files.repository(inWorkspace(name));
    made.write('README.md', '# A model\n');
    made.commit('A');
    return made;
  };
  const linked = (place: string, target: string): void => {
    rmSync(place, { recursive: true, force: true });
    symlinkSync(target, place);
  };

  /** The paths that a tool gets to see of a folder. */
  async function listed(text: string, roots = [workspace], between?: () => void): Promise<string[]> {
    const folder = await confinedFolder(text, roots);
    assert(folder !== undefined);
    between?.();
    const snapshot = await openSnapshot(folder, { signal, log: silent });
    try {
      await refuseUnconfined(snapshot, folder, roots, signal);
      return snapshot.files.map(({ path }) => path);
    } finally {
      await snapshot.dispose();
    }
  }
  const isRefused = (error: unknown): boolean =>
    error instanceof Failure &&
    error.kind === 'refused' &&
    error.message.includes('leads out of the workspace');

  /** What someone who may write in the workspace can write, to have another repository read; each in the folder `model`. */
  const ways: Readonly<Record<string, () => void>> = {
    'a gitfile': () => {
      mkdirSync(inWorkspace('model'));
      writeFileSync(inWorkspace('model', '.git'), `gitdir: ${secret.path}/.git\n`);
    },
    'a gitfile with a relative path': () => {
      mkdirSync(inWorkspace('model'));
      writeFileSync(inWorkspace('model', '.git'), 'gitdir: ../../private/.git');
    },
    'a gitfile above the folder, in the workspace': () => {
      mkdirSync(inWorkspace('model'));
      writeFileSync(inWorkspace('.git'), `gitdir: ${secret.path}/.git\n`);
    },
    'a gitfile above a folder that only looks like a Git folder': () => {
      mkdirSync(inWorkspace('model', '.git'), { recursive: true });
      writeFileSync(inWorkspace('model', '.git', 'HEAD'), 'ref: refs/heads/main\n');
      writeFileSync(inWorkspace('.git'), `gitdir: ${secret.path}/.git\n`);
    },
    'a gitfile to a work tree of someone else': () => {
      secret.git('worktree', 'add', '--quiet', join(files.folder(), 'other'));
      mkdirSync(inWorkspace('model'));
      writeFileSync(inWorkspace('model', '.git'), `gitdir: ${secret.path}/.git/worktrees/other\n`);
    },
    'a gitfile to a submodule of someone else': () => {
      secret.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', secret.path, 'inner');
      mkdirSync(inWorkspace('model'));
      writeFileSync(inWorkspace('model', '.git'), `gitdir: ${secret.path}/.git/modules/inner\n`);
    },
    'a work tree of a repository elsewhere, made within the workspace': () => {
      secret.git('worktree', 'add', '--quiet', inWorkspace('model'));
    },
    'a Git folder with a commondir': () => {
      writeFileSync(join(model().path, '.git', 'commondir'), `${secret.path}/.git\n`);
    },
    'a Git folder of its own that claims to be a work tree': () => {
      mkdirSync(inWorkspace('fake', 'worktrees', 'model'), { recursive: true });
      cpSync(join(secret.path, '.git', 'HEAD'), inWorkspace('fake', 'worktrees', 'model', 'HEAD'));
      writeFileSync(inWorkspace('fake', 'worktrees', 'model', 'commondir'), `${secret.path}/.git\n`);
      writeFileSync(inWorkspace('fake', 'worktrees', 'model', 'gitdir'), inWorkspace('model', '.git'));
      mkdirSync(inWorkspace('model'));
      writeFileSync(inWorkspace('model', '.git'), 'gitdir: ../fake/worktrees/model\n');
    },
    alternates: () => {
      const { path } = model();
      appendFileSync(join(path, '.git', 'objects', 'info', 'alternates'), `${secret.path}/.git/objects\n`);
      writeFileSync(join(path, '.git', 'refs', 'heads', 'main'), `${secret.git('rev-parse', 'HEAD')}\n`);
    },
    'alternates of alternates': () => {
      const between = model('between');
      appendFileSync(
        join(between.path, '.git', 'objects', 'info', 'alternates'),
        `${secret.path}/.git/objects\n`,
      );
      const { path } = model();
      writeFileSync(join(path, '.git', 'objects', 'info', 'alternates'), '../../../between/.git/objects\n');
      writeFileSync(join(path, '.git', 'refs', 'heads', 'main'), `${secret.git('rev-parse', 'HEAD')}\n`);
    },
  };
  /** The same with links, which may not be had on Windows. */
  const linkedWays: Readonly<Record<string, () => void>> = {
    'a link in place of .git': () => {
      mkdirSync(inWorkspace('model'));
      linked(inWorkspace('model', '.git'), join(secret.path, '.git'));
    },
    'a gitfile by a link': () => {
      mkdirSync(inWorkspace('model'));
      writeFileSync(join(files.folder(), 'gitfile'), `gitdir: ${secret.path}/.git\n`);
      writeFileSync(inWorkspace('gitfile'), `gitdir: ${secret.path}/.git\n`);
      linked(inWorkspace('model', '.git'), '../gitfile');
    },
    'links to refs and objects': () => {
      const { path } = model();
      for (const name of ['refs', 'objects'])
        linked(join(path, '.git', name), join(secret.path, '.git', name));
    },
    'links to a branch and to packs': () => {
      secret.git('repack', '-adq');
      const { path } = model();
      linked(join(path, '.git', 'objects', 'pack'), join(secret.path, '.git', 'objects', 'pack'));
      linked(join(path, '.git', 'refs', 'heads', 'main'), join(secret.path, '.git', 'refs', 'heads', 'main'));
    },
    'alternates by a link in the workspace': () => {
      const { path } = model();
      linked(inWorkspace('borrowed'), join(secret.path, '.git', 'objects'));
      appendFileSync(join(path, '.git', 'objects', 'info', 'alternates'), '../../../borrowed\n');
      writeFileSync(join(path, '.git', 'refs', 'heads', 'main'), `${secret.git('rev-parse', 'HEAD')}\n`);
    },
  };

  const here = { ...ways, ...(process.platform === 'win32' ? {} : linkedWays) };
  for (const [what, lay] of Object.entries(here)) {
    it(`shows no other repository through ${what}`, async () => {
      lay();
      await assert.rejects(listed('model'), isRefused);
    });
  }

  it('shows no other repository that takes the place of its own after it was looked at', async () => {
    const { path } = model();
    const gitfile = `gitdir: ${secret.path}/.git\n`;
    await assert.rejects(
      listed('model', [workspace], () => {
        rmSync(join(path, '.git'), { recursive: true });
        writeFileSync(join(path, '.git'), gitfile);
      }),
      isRefused,
    );
  });

  it('shows no other repository where one of its folders lies in another, whose .git leads there', async () => {
    const { path } = model('apart');
    ways.alternates?.();
    const borrowing = inWorkspace('model');
    mkdirSync(inWorkspace('root', 'inner'), { recursive: true });
    writeFileSync(inWorkspace('root', '.git'), `gitdir: ${secret.path}/.git\n`);
    const roots = [borrowing, path, inWorkspace('root', 'inner'), inWorkspace('root')];
    await assert.rejects(listed('.', roots), isRefused);
  });

  it('shows no other work tree by a setting', async () => {
    const made = model();
    made.write('model/README.md', '# Another model\n');
    made.commit('B');
    made.git('config', 'core.worktree', workspace);
    await assert.rejects(listed('model'), Failure);
  });

  it('shows its repositories, and folders of them', async () => {
    const made = model();
    made.write('deep/config.json', '{}');
    made.commit('B');
    assert.deepEqual(await listed('model'), ['README.md', 'deep/config.json']);
    assert.deepEqual(await listed('model/deep'), ['config.json']);
    assert.deepEqual(await listed('.', [made.path]), ['README.md', 'deep/config.json']);
  });

  it('shows work trees and submodules of its repositories', async () => {
    const made = model();
    made.git('worktree', 'add', '--quiet', inWorkspace('tree'));
    assert.deepEqual(await listed('tree'), ['README.md']);
    // As Git writes it with worktree.useRelativePaths, from 2.48 on.
    const back = join(made.path, '.git', 'worktrees', 'tree', 'gitdir');
    writeFileSync(back, `${relative(join(back, '..'), readFileSync(back, 'utf8').trim())}\n`);
    assert.deepEqual(await listed('tree'), ['README.md']);
    made.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', secret.path, 'inner');
    assert.deepEqual(await listed('model/inner'), SECRETS);
  });

  it('shows the work tree or submodule that it is itself, and others of the same repository', async () => {
    const tree = join(files.folder(), 'tree');
    secret.git('worktree', 'add', '--quiet', tree);
    assert.deepEqual(await listed('.', [tree]), SECRETS);
    openRepository(tree).git('worktree', 'add', '--quiet', join(tree, 'other'));
    assert.deepEqual(await listed('other', [tree]), SECRETS);
    const super_ = model();
    super_.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', secret.path, 'inner');
    assert.deepEqual(await listed('.', [inWorkspace('model', 'inner')]), SECRETS);
  });

  it('shows the repository that it lies in, as far as it is in the folder', async () => {
    const made = model();
    made.write('packages/one/config.json', '{}');
    made.commit('B');
    assert.deepEqual(await listed('one', [inWorkspace('model', 'packages')]), ['config.json']);
  });

  it('shows what it borrows from its other repositories', async () => {
    const made = model();
    made.git('clone', '--quiet', '--shared', '.', inWorkspace('borrower'));
    assert.deepEqual(await listed('borrower'), ['README.md']);
    await assert.rejects(listed('.', [inWorkspace('borrower')]), isRefused);
    assert.deepEqual(await listed('.', [inWorkspace('borrower'), made.path]), ['README.md']);
  });
});

describe('the setting that a submodule is linked back by', () => {
  it('is read as Git writes it, and as nothing else', () => {
    assert.equal(
      plainWorkTree('[core]\n\tbare = false\n\tworktree = ../../../inner one\n'),
      '../../../inner one',
    );
    for (const text of [
      '',
      '[core]\n\tworktree = a\n\tworktree = b\n',
      '[core]\n\tworktree = a\\\nb\n',
      '[core]\n\tworktree = "a"\n',
      '[core]\n\tworktree = a # b\n',
      '[core "sub"]\n\tworktree = a\n',
      '[other]\n\tworktree = a\n',
    ]) {
      assert.equal(plainWorkTree(text), undefined, text);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        plainWorkTree(text);
      }),
    );
  });
});

describe('a person who publishes by a .git that leads elsewhere', () => {
  const files = scratch();
  let publishing: Publishing;
  let cli: Cli;
  before(async () => {
    publishing = await startPublishing();
    cli = await createCli();
  });
  after(async () => {
    await publishing.stop();
    await cli.remove();
  });

  it('is told which repository is read', async () => {
    const made = files.repository();
    made.write('README.md', '# A model\n');
    made.commit('A');
    const other = join(files.folder(), 'other');
    mkdirSync(other);
    writeFileSync(join(other, '.git'), `gitdir: ${made.path}/.git\n`);
    const tree = join(files.folder(), 'tree');
    made.git('worktree', 'add', '--quiet', tree);
    const real = realpathSync.native(join(made.path, '.git'));
    const { packagesUrl, organization, registry, token } = publishing.registry;
    const hub = `${packagesUrl}/${organization}/${registry}/huggingface`;
    for (const [folder, expected] of [
      [made.path, undefined],
      [other, real],
      [tree, real],
    ] as const) {
      const snapshot = await openSnapshot(folder, { signal, log: silent });
      await snapshot.dispose();
      assert.equal(foreignGitFolder(snapshot), expected);
      const run = (...more: string[]) =>
        cli.run(['publish', folder, '--hub', hub, '--model', 'acme/model', '--dry-run', ...more], {
          env: { HF_TOKEN: token },
        });
      const { stdout, stderr } = await run();
      assert.equal(
        `${stdout}${stderr}`.includes(`Reads the commit of the repository ${real}`),
        expected !== undefined,
      );
      const plan = eventsOf((await run('--json')).stdout).find(({ kind }) => kind === 'plan');
      assert.equal(plan?.repository, expected);
    }
  });
});
