import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { publishableFolders } from '../../../src/editor/git/publishableFolders.ts';

describe('Folders of a workspace that can be published', () => {
  let root = '';
  const at = (...parts: string[]) => path.join(root, ...parts);
  const repository = (...parts: string[]) => mkdir(at(...parts, '.git'), { recursive: true });

  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'repositories-')));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('are the workspace folder itself and repositories up to two levels below', async () => {
    await repository('work');
    await repository('work', 'a');
    await repository('work', 'models', 'b');
    await repository('work', 'much', 'too', 'deep');
    await repository('work', 'node_modules', 'foreign');
    assert.deepEqual(await publishableFolders([at('work')], []), [
      at('work'),
      at('work', 'a'),
      at('work', 'models', 'b'),
    ]);
  });

  it('take worktrees and submodules, where .git is a file', async () => {
    await mkdir(at('work', 'worktree'), { recursive: true });
    await writeFile(at('work', 'worktree', '.git'), 'gitdir: elsewhere\n');
    assert.deepEqual(await publishableFolders([at('work')], []), [at('work', 'worktree')]);
  });

  it('take a workspace folder inside a repository, rather than the whole repository', async () => {
    await repository('mono');
    await mkdir(at('mono', 'models', 'phi'), { recursive: true });
    assert.deepEqual(await publishableFolders([at('mono', 'models', 'phi')], [at('mono')]), [
      at('mono', 'models', 'phi'),
    ]);
  });

  it('take what Git knows deeper down, once, and nothing outside the workspace', async () => {
    await repository('work', 'a');
    const deep = at('work', 'very', 'much', 'deeper', 'b');
    await repository('work', 'very', 'much', 'deeper', 'b');
    await repository('workshop');
    assert.deepEqual(await publishableFolders([at('work')], [deep, at('work', 'a'), at('workshop')]), [
      at('work', 'a'),
      deep,
    ]);
  });

  it('are not what Git has still open and is gone', async () => {
    await repository('work', 'a');
    await mkdir(at('work', 'emptied'));
    const known = [at('work', 'a'), at('work', 'deleted'), at('work', 'emptied')];
    assert.deepEqual(await publishableFolders([at('work')], known), [at('work', 'a')]);
  });

  it('name a folder once that is known by two paths', async function () {
    await repository('real');
    await mkdir(at('work'));
    await symlink(at('real'), at('work', 'link'), 'junction');
    assert.deepEqual(await publishableFolders([at('work', 'link'), at('real')], []), [at('real')]);
  });

  it('are none where there is no repository', async () => {
    await mkdir(at('work', 'empty'), { recursive: true });
    assert.deepEqual(await publishableFolders([at('work'), at('gone')], []), []);
  });
});
