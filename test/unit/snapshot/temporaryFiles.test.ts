import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { commitAll, committed, setUp } from '../setup/settingUp.ts';
import { restore, scratch, withSnapshot } from './repositories.ts';

describe('Temporary files among those that are looked at', () => {
  const { folder, repository } = scratch();
  const variables = ['TMPDIR', 'TEMP', 'TMP'];
  const saved = variables.map((name) => [name, process.env[name]] as const);
  afterEach(() => {
    for (const [name, value] of saved) restore(name, value);
  });

  /** Has temporary files be in a folder of `path`, which is made. */
  function keptIn(path: string, spelled = (folder: string) => folder): string {
    const temporary = join(path, 'my *tmp');
    mkdirSync(temporary);
    for (const name of variables) process.env[name] = spelled(temporary);
    return temporary;
  }

  it('are no change of the work tree', async () => {
    const made = repository();
    made.write('config.json', '{}');
    made.commit('Model');
    const temporary = keptIn(made.path);
    await withSnapshot(made.path, ({ uncommitted }) => assert.deepEqual(uncommitted, []));
    writeFileSync(join(temporary, 'theirs'), '');
    await withSnapshot(made.path, ({ uncommitted }) =>
      assert.deepEqual(uncommitted, [{ path: 'my *tmp/', kind: 'untracked' }]),
    );
  });

  it('are in no commit', async () => {
    const made = repository();
    made.write('config.json', '{}');
    made.commit('Model');
    made.write('new.txt', 'new');
    const temporary = keptIn(made.path);
    await commitAll(made.path);
    assert.deepEqual(committed(made.path), ['config.json', 'new.txt']);
    assert.deepEqual(readdirSync(temporary), []);
  });

  it('are in no repository that is made', async () => {
    const path = join(folder(), 'model');
    mkdirSync(path);
    writeFileSync(join(path, 'config.json'), '{}');
    keptIn(path);
    await setUp(path);
    assert.deepEqual(committed(path), ['.gitignore', 'README.md', 'config.json']);
  });

  it('are found by Git where a variable says from the current folder where they are', async () => {
    const made = repository();
    made.write('config.json', '{}');
    made.commit('Model');
    keptIn(folder(), (temporary) => relative(process.cwd(), temporary));
    await withSnapshot(made.path, ({ files, uncommitted }) => {
      assert.deepEqual(uncommitted, []);
      assert.equal(files.length, 1);
    });
  });
});
