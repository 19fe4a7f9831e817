import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { newsOf } from '../../../src/editor/localModels/fileNews.ts';
import { HeadWatches } from '../../../src/editor/localModels/headWatches.ts';
import { ModelIndex, type FoundModel } from '../../../src/editor/localModels/modelIndex.ts';
import { modelFoldersUnder } from '../../../src/editor/localModels/subtree.ts';
import type { WorkspaceModel } from '../../../src/editor/localModels/localModel.ts';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import { until } from '../../setup/until.ts';
import { scratch } from '../snapshot/repositories.ts';

const { signal } = new AbortController();

describe('local models: a part of the workspace', () => {
  const temporary = scratch();
  const made = (...files: readonly string[]): string => {
    const top = temporary.folder();
    for (const file of files) {
      mkdirSync(dirname(join(top, file)), { recursive: true });
      writeFileSync(join(top, file), file.endsWith('config.json') ? '{"model_type":"x"}' : '');
    }
    return top;
  };
  /** What is found, and the paths that were looked at. */
  const search = async (top: string, under: string) => {
    const looked: string[] = [];
    const isExcluded = (path: string) => {
      looked.push(path);
      return false;
    };
    return { found: await modelFoldersUnder(top, under, { signal, isExcluded }), looked };
  };

  it('is searched without what lies beside it', async () => {
    const top = made('a/model.pt', 'b/c/model.pt', 'b/d/e/model.pt', 'z/y/x/model.pt');
    const { found, looked } = await search(top, 'b/d');
    assert.deepEqual(found, ['b/d/e']);
    assert.deepEqual(looked, ['b', 'b/d', 'b/d/e', 'b/d/e/model.pt']);
    assert.deepEqual((await search(top, 'b')).found, ['b/c', 'b/d/e']);
    assert.deepEqual((await search(top, '')).found, ['a', 'b/c', 'b/d/e', 'z/y/x']);
    assert.deepEqual((await search(top, 'gone/too')).found, []);
  });

  it('holds no model of its own where what is above declares one, or has weights', async () => {
    const declared = made('a/config.json', 'a/b/c/model.pt');
    assert.deepEqual((await search(declared, 'a/b')).found, []);
    const weights = made('a/model.pt', 'a/b/model.pt', 'a/c/config.json');
    assert.deepEqual((await search(weights, 'a/b')).found, []);
    assert.deepEqual((await search(weights, 'a/c')).found, ['a/c']);
    assert.deepEqual((await search(made('node_modules/a/model.pt'), 'node_modules/a')).found, []);
  });
});

describe('local models: their index', () => {
  const commit = asGitObjectId('0123456789abcdef0123456789abcdef01234567');
  const at = (path: string): string => join(sep, 'w', path);
  const model = (path: string): FoundModel => ({
    origin: 'workspace',
    folder: at(path),
    name: path,
    place: '',
  });

  function index(...paths: readonly string[]) {
    const there = new Set(paths);
    const searched: (string | undefined)[] = [];
    const read: string[] = [];
    const lists: (readonly string[])[] = [];
    const made = new ModelIndex({
      search: (from) => {
        searched.push(from);
        const found = [...there].map(model);
        return Promise.resolve(
          found.filter(({ folder }) => from === undefined || `${folder}${sep}`.startsWith(`${from}${sep}`)),
        );
      },
      withHeads: (models) => {
        read.push(...models.map(({ name }) => name));
        return Promise.resolve(
          models.map((one): WorkspaceModel => ({
            ...one,
            head: one.name.startsWith('no')
              ? { kind: 'none' }
              : {
                  kind: 'repository',
                  repository: one.folder,
                  folder: '',
                  commit,
                  branch: 'main',
                  gitFolder: join(one.folder, '.git'),
                },
          })),
        );
      },
      onTaken: (models, isNews) => {
        if (isNews) lists.push(models.map(({ name }) => name));
      },
    });
    return { made, there, searched, read, lists };
  }

  it('searches a folder that came alone, and reads the HEADs of its models alone', async () => {
    const { made, there, searched, read, lists } = index('a', 'b', 'c/d');
    await made.searchAll('new');
    assert.deepEqual(read.splice(0), ['a', 'b', 'c/d']);
    there.add('new/one').add('new/two');
    await made.search([], [at('new'), at('new/one')]);
    assert.deepEqual(searched, [undefined, at('new')]);
    assert.deepEqual(read.splice(0), ['new/one', 'new/two']);
    assert.deepEqual(lists.at(-1), ['a', 'b', 'c/d', 'new/one', 'new/two']);
    await made.search([], [at('empty')]);
    assert.deepEqual(read, []);
    assert.equal(lists.length, 2);
  });

  it('reads no HEAD again where files of a model change, unless it was in no repository', async () => {
    const { made, read } = index('a', 'none');
    await made.searchAll('new');
    read.splice(0);
    await made.search([at('a')], []);
    assert.deepEqual(read, []);
    await made.search([at('none')], []);
    assert.deepEqual(read, ['none']);
  });

  it('reads the HEAD of what was replaced, and all where that is asked for', async () => {
    const { made, there, read, lists } = index('a', 'b');
    await made.searchAll('new');
    read.splice(0);
    await made.search([], [at('a')]);
    assert.deepEqual(read.splice(0), ['a']);
    await made.searchAll('all');
    assert.deepEqual(read.splice(0), ['a', 'b']);
    there.delete('a');
    await made.search([], [at('a')]);
    assert.deepEqual(read, []);
    assert.deepEqual(lists.at(-1), ['b']);
  });

  it('reads the HEADs of the repository in which something happened', async () => {
    const { made, read } = index('a', 'b');
    await made.searchAll('new');
    read.splice(0);
    await made.readHeads([at('b')]);
    await made.readHeads([at('elsewhere')]);
    assert.deepEqual(read, ['b']);
  });
});

describe('local models: the HEADs that are watched', () => {
  const temporary = scratch();

  it('are read once more only where they were written since they were read, and again when they move', async () => {
    const moved: string[] = [];
    const watches = new HeadWatches((top) => moved.push(top));
    const model = (name: string, writtenAt: Date): WorkspaceModel => {
      const repository = join(temporary.folder(), name);
      const gitFolder = join(repository, '.git');
      mkdirSync(gitFolder, { recursive: true });
      writeFileSync(join(gitFolder, 'HEAD'), 'ref: refs/heads/main\n');
      utimesSync(join(gitFolder, 'HEAD'), writtenAt, writtenAt);
      const head = {
        kind: 'repository',
        repository,
        folder: '',
        commit: undefined,
        branch: 'main',
        gitFolder,
      } as const;
      return { origin: 'workspace', folder: repository, name, place: '', head };
    };
    const old = model('old', new Date(1_000_000));
    const fresh = model('fresh', new Date(2_000_000_000_000));
    try {
      watches.follow([old, fresh], Date.now());
      await until(() => moved.includes(fresh.folder), 'what was written since is told');
      assert.deepEqual(moved, [fresh.folder]);
      writeFileSync(join(old.folder, '.git', 'HEAD'), 'ref: refs/heads/next\n');
      await until(() => moved.includes(old.folder), 'the HEAD that moves is told');
    } finally {
      watches.dispose();
    }
  });
});

describe('local models: what an event of a file says', () => {
  const at = (...path: readonly string[]): string => join(sep, 'w', ...path);

  it('is of the folder whose own files make it a model, of what came and of what held models', () => {
    const models = [at('a', 'b')];
    assert.deepEqual(newsOf('changed', at('a', 'config.json'), models), {
      kind: 'evidence',
      folder: at('a'),
    });
    assert.deepEqual(newsOf('changed', at('a', 'model.pt'), models), { kind: 'nothing' });
    assert.deepEqual(newsOf('created', at('a', 'model.pt'), models), { kind: 'evidence', folder: at('a') });
    assert.deepEqual(newsOf('created', at('x'), models), { kind: 'came', path: at('x') });
    assert.deepEqual(newsOf('deleted', at('a'), models), { kind: 'gone', folder: at('a') });
    assert.deepEqual(newsOf('deleted', at('x'), models), { kind: 'nothing' });
    assert.deepEqual(newsOf('changed', at('a', '.git', 'HEAD'), models), { kind: 'head', top: at('a') });
    assert.deepEqual(newsOf('created', at('a', '.git', 'x'), models), { kind: 'nothing' });
  });
});
