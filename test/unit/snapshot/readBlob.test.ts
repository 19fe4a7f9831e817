import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../src/core/failure.ts';
import type { GitObjectId } from '../../../src/core/objectIds.ts';
import { readBlob } from '../../../src/core/snapshot/git/readBlob.ts';
import { processes, scratch, silent } from './repositories.ts';

describe('a blob of a repository', () => {
  const { folder, repository } = scratch();
  const options = { signal: new AbortController().signal, log: silent };

  it('is read from any folder of the repository, byte by byte', async () => {
    const { path, write, commit, git } = repository();
    const content = Buffer.from([0, 255, 10, 13, 10]);
    write('deep/weights.bin', content);
    commit('One');
    const oid = git('rev-parse', 'HEAD:deep/weights.bin') as GitObjectId;
    assert.deepEqual(await readBlob(join(path, 'deep'), oid, options), content);
    assert.equal(await processes(), 0);
  });

  it('is read without running what the configuration names', async () => {
    const { path, write, commit, git } = repository();
    write('.gitattributes', '*.txt filter=evil diff=evil\n');
    write('a.txt', 'a');
    commit('One');
    const trace = join(folder(), 'trace');
    for (const key of ['filter.evil.smudge', 'filter.evil.clean', 'diff.evil.textconv', 'core.fsmonitor']) {
      git('config', key, `touch ${trace}`);
    }
    const oid = git('rev-parse', 'HEAD:a.txt') as GitObjectId;
    assert.equal((await readBlob(path, oid, options)).toString(), 'a');
    assert.equal(existsSync(trace), false);
  });

  it('is said to be missing where it is', async () => {
    const { path, commit } = repository();
    commit('One');
    const missing = readBlob(path, '0'.repeat(39).concat('1') as GitObjectId, options);
    await assert.rejects(missing, (error) => error instanceof Failure && error.kind === 'git');
    await assert.rejects(
      readBlob(folder(), 'a'.repeat(40) as GitObjectId, options),
      (error) => error instanceof Failure && error.kind === 'notARepository',
    );
    assert.equal(await processes(), 0);
  });
});
