import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedModels, hasCachedModels } from '../../../src/core/localModels/cachedModels.ts';
import { cacheModel, MODEL } from '../snapshot/caches.ts';
import { scratch } from '../snapshot/repositories.ts';

const { signal } = new AbortController();
const OTHER = 'd'.repeat(40);

describe('local models: the Hugging Face cache', () => {
  const temporary = scratch();

  it('lists the snapshots of all models, by name, with the branch that each was downloaded as', async () => {
    const cache = temporary.folder();
    const b = cacheModel(cache, MODEL, { model: 'b/model' });
    const a1 = cacheModel(cache, MODEL, { model: 'a/model', refs: {} });
    const a2 = cacheModel(cache, MODEL, { model: 'a/model', commit: OTHER, refs: { v2: OTHER } });
    assert.deepEqual(await cachedModels(cache, signal), [
      { model: 'a/model', commit: a1.commit, branch: undefined, folder: a1.snapshot },
      { model: 'a/model', commit: OTHER, branch: 'v2', folder: a2.snapshot },
      { model: 'b/model', commit: b.commit, branch: 'main', folder: b.snapshot },
    ]);
    assert.equal(await hasCachedModels(cache), true);
  });

  it('passes over data sets, halves of models and what is no commit', async () => {
    const cache = temporary.folder();
    for (const folder of [
      `datasets--a--b/snapshots/${OTHER}`,
      'models--a--empty',
      'models--a--named/snapshots/main',
      'blobs/ab',
    ]) {
      mkdirSync(join(cache, folder), { recursive: true });
    }
    mkdirSync(join(cache, 'models--a--file', 'snapshots'), { recursive: true });
    writeFileSync(join(cache, 'models--a--file', 'snapshots', OTHER), '');
    assert.deepEqual(await cachedModels(cache, signal), []);
  });

  it('has nothing where there is no cache', async () => {
    const nowhere = join(temporary.folder(), 'nowhere');
    assert.deepEqual(await cachedModels(nowhere, signal), []);
    assert.equal(await hasCachedModels(nowhere), false);
  });
});
