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
    const made = repository();
    const content = Buffer.from([0, 255, 10, 13, 10]);
    made.write('deep/weights.bin', content);
    made.commit('One');
    const oid = made.git('rev-parse', 'HEAD:deep/weights.bin') as GitObjectId;
    assert.deepEqual(await readBlob(join(made.path, 'deep'), oid, options), content);
    assert.deepEqual(processes(), []);
  });

  it('is read without running what the configuration names', async () => {
    const made = repository();
    made.write('.gitattributes', '*.txt filter=evil diff=evil\n');
    made.write('a.txt', 'a');
    made.commit('One');
    const trace = join(folder(), 'trace');
    for (const key of ['filter.evil.smudge', 'filter.evil.clean', 'diff.evil.textconv', 'core.fsmonitor']) {
      made.git('config', key, `touch ${trace}`);
    }
    const oid = made.git('rev-parse', 'HEAD:a.txt') as GitObjectId;
    assert.equal((await readBlob(made.path, oid, options)).toString(), 'a');
    assert.equal(existsSync(trace), false);
  });

  it('is said to be missing where it is', async () => {
    const made = repository();
    made.commit('One');
    const missing = readBlob(made.path, '0'.repeat(39).concat('1') as GitObjectId, options);
    await assert.rejects(missing, (error) => error instanceof Failure && error.kind === 'git');
    await assert.rejects(
      readBlob(folder(), 'a'.repeat(40) as GitObjectId, options),
      (error) => error instanceof Failure && error.kind === 'notARepository',
    );
    assert.deepEqual(processes(), []);
  });
});
