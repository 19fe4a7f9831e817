import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { folderMemory } from '../../../src/editor/folderMemory.ts';

describe('What is remembered of folders', () => {
  const KEY = 'folders';
  const memoryOfFolders = folderMemory(KEY, z.object({ model: z.string() }));

  function memory(kept: unknown): vscode.Memento & { readonly kept: () => unknown } {
    let now = kept;
    return {
      kept: () => now,
      keys: () => [KEY],
      get: <T>(_key: string, otherwise?: T) => (now ?? otherwise) as T,
      update(_key: string, value: unknown) {
        now = value;
        return Promise.resolve();
      },
    };
  }
  const at = (folder: string) => ({ repository: '/work', folder });
  const entry = (folder: string, value: unknown) => [JSON.stringify(['/work', folder]), value];

  it('is there whatever another version of the extension remembers of others, and leaves that alone', async () => {
    const newer = { model: { id: 'acme/new' }, release: 'v2' };
    const shared = memory([entry('new', newer), entry('old', { model: 'acme/old' })]);
    assert.deepEqual(memoryOfFolders.of(shared, at('old')), { model: 'acme/old' });
    assert.equal(memoryOfFolders.of(shared, at('new')), undefined);
    await memoryOfFolders.remember(shared, at('other'), { model: 'acme/other' });
    assert.deepEqual(shared.kept(), [
      entry('other', { model: 'acme/other' }),
      entry('new', newer),
      entry('old', { model: 'acme/old' }),
    ]);
  });

  it('is nothing where something else altogether is kept, and the newest for each folder', async () => {
    for (const kept of [undefined, 'text', { a: 1 }, [['one']], [1]]) {
      const odd = memory(kept);
      assert.equal(memoryOfFolders.of(odd, at('model')), undefined);
      await memoryOfFolders.remember(odd, at('model'), { model: 'acme/one' });
      await memoryOfFolders.remember(odd, at('model'), { model: 'acme/two' });
      assert.deepEqual(odd.kept(), [entry('model', { model: 'acme/two' })]);
    }
  });
});
