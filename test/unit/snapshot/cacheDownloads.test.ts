import assert from 'node:assert/strict';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure, FailureKind } from '../../../src/core/failure.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { planSetup } from '../../../src/core/setup/planSetup.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import { cacheModel, COMMIT, downloadModel, gitSha1, MODEL, refusal, sha256, write } from './caches.ts';
import type { DownloadOptions, HubFiles } from './caches.ts';
import { contentOf, fileAt, scratch, silent } from './repositories.ts';

const files = scratch();

async function withOpened<T>(folder: string, use: (snapshot: Snapshot) => T | Promise<T>): Promise<T> {
  const snapshot = await openSnapshot(folder, { signal: new AbortController().signal, log: silent });
  try {
    return await use(snapshot);
  } finally {
    await snapshot.dispose();
  }
}

const failureOf = (folder: string, kind: FailureKind): Promise<Failure> =>
  refusal(
    withOpened(folder, () => undefined),
    kind,
  );

function downloaded(model: HubFiles = MODEL, options?: DownloadOptions): string {
  const folder = join(files.folder(), 'tiny');
  downloadModel(folder, model, options);
  return folder;
}

/** Neither who publishes the folder nor who sets it up is told anything else. */
async function isTold(folder: string, words: RegExp): Promise<void> {
  assert.match((await failureOf(folder, 'unpublishable')).message, words);
  const options = { signal: new AbortController().signal, log: silent };
  await assert.rejects(planSetup(folder, options), { kind: 'unpublishable' });
}

const OLDER = 'decade00decade00decade00decade00decade00';

describe('a folder that hf download --local-dir filled', () => {
  for (const listed of [true, false]) {
    it(`is the commit that was downloaded, ${listed ? 'with' : 'without'} a listing of it`, async () => {
      const folder = downloaded(
        { ...MODEL, 'README.md': { content: '---\nmodel_name: acme/tiny\n---\n' } },
        { listed },
      );
      write(join(folder, 'onnx', 'notes.txt'), 'mine');
      for (const left of ['.DS_Store', 'onnx/Thumbs.db']) write(join(folder, left), 'of a desktop');
      await withOpened(folder, async (opened) => {
        assert.equal(opened.commit, COMMIT);
        assert.equal((await opened.proposeModels())[0], 'acme/tiny');
        assert.deepEqual(
          opened.files.map(({ path, kind }) => [path, kind]),
          Object.keys(MODEL)
            .sort()
            .map((path) => [path, MODEL[path]!.lfs ? 'lfs' : 'blob']),
        );
        assert.deepEqual(opened.uncommitted, [{ path: 'onnx/notes.txt', kind: 'untracked' }]);
        const weights = fileAt(opened, 'model.safetensors');
        assert(weights.kind === 'lfs');
        assert.equal(weights.sha256, sha256(MODEL['model.safetensors']!.content));
        assert.deepEqual(await contentOf(weights.open()), MODEL['model.safetensors']!.content);
      });
    });

    it(`is refused where a file was edited since, ${listed ? 'with' : 'without'} a listing`, async () => {
      const folder = downloaded(MODEL, { listed, notedAt: 1_000_000_000 });
      writeFileSync(join(folder, 'config.json'), '{"hidden_size": 9}\n');
      const failure = await failureOf(folder, 'corrupt');
      assert.deepEqual(failure.paths, ['config.json']);
      assert.match(failure.message, /--local-dir .*tiny --force-download/);
    });

    it(`is refused where a file is gone, ${listed ? 'with' : 'without'} a listing`, async () => {
      const folder = downloaded(MODEL, { listed });
      unlinkSync(join(folder, 'config.json'));
      assert.deepEqual((await failureOf(folder, 'missingObject')).paths, ['config.json']);
    });
  }

  it('is read again where files only look touched', async () => {
    const folder = downloaded(MODEL, { notedAt: 1_000_000_000 });
    await withOpened(folder, (opened) => {
      assert.equal(fileAt(opened, 'config.json').gitSha1, gitSha1(MODEL['config.json']!.content));
      assert.equal(fileAt(opened, 'model.safetensors').kind, 'lfs');
    });
  });

  it('is not read where notes tell its hashes', async () => {
    const folder = downloaded({ 'model.bin': { content: 'weights', lfs: true } });
    writeFileSync(join(folder, 'model.bin'), 'WEIGHTS');
    utimesSync(join(folder, 'model.bin'), 1, 1);
    await withOpened(folder, ({ files: [file] }) => {
      assert(file?.kind === 'lfs');
      assert.equal(file.sha256, sha256('weights'));
    });
  });

  it('is the newest commit after an update, without what that has no more', async () => {
    for (const listed of [true, false]) {
      const folder = downloaded(
        { 'old.json': { content: 'old' } },
        { commit: OLDER, listed, notedAt: 1_000_000_000 },
      );
      downloadModel(folder, MODEL, { listed });
      await withOpened(folder, (opened) => {
        assert.equal(opened.commit, COMMIT);
        assert.equal(opened.files.length, Object.keys(MODEL).length);
        assert.deepEqual(opened.uncommitted, [{ path: 'old.json', kind: 'untracked' }]);
      });
    }
  });

  it('is refused where the download was interrupted', async () => {
    const folder = downloaded(MODEL, { listed: false });
    const downloads = join(folder, '.cache', 'huggingface', 'download');
    write(join(downloads, `c2hvcnQ=.${sha256('onnx')}.01234567.incomplete`), 'on');
    await withOpened(folder, () => undefined);
    write(join(downloads, `c2hvcnQ=.${sha256('other')}.01234567.incomplete`), 'oth');
    assert.match((await failureOf(folder, 'missingObject')).message, /interrupted/);
  });

  it('is refused where a link leads out of it', async () => {
    const folder = downloaded({ key: { content: 'secret' } });
    writeFileSync(join(folder, '..', 'key'), 'secret');
    unlinkSync(join(folder, 'key'));
    symlinkSync('../key', join(folder, 'key'));
    assert.deepEqual((await failureOf(folder, 'unpublishable')).paths, ['key']);
  });

  it('is told to download again where no note can be understood', async () => {
    const folder = downloaded({ 'README.md': { content: '#' } });
    writeFileSync(join(folder, '.cache', 'huggingface', 'download', 'README.md.metadata'), 'torn');
    await failureOf(folder, 'noCommit');
  });

  it('is told to commit it itself where the server names versions otherwise', async () => {
    const folder = downloaded({ 'README.md': { content: '#' } });
    const note = join(folder, '.cache', 'huggingface', 'download', 'README.md.metadata');
    writeFileSync(note, readFileSync(note, 'latin1').replace(COMMIT, 'v'.repeat(64)));
    const { message } = await failureOf(folder, 'unpublishable');
    assert.match(message, /names its versions in a way of its own \(“v{64}”\).*Copy the files/);
  });
});

describe('the source of a folder', () => {
  it('is the cache, by the path', async () => {
    const { snapshot, storage } = cacheModel(join(files.folder(), 'hub'), MODEL);
    for (const folder of [snapshot, storage]) {
      await withOpened(folder, ({ commit, subject }) => {
        assert.equal(commit, COMMIT);
        assert.match(subject, /^Snapshot/);
      });
    }
  });

  it('is the cache, even within a repository', async () => {
    const repository = files.repository();
    repository.write('notes.md', 'mine');
    repository.commit('Notes');
    const { snapshot } = cacheModel(join(repository.path, 'hub'), MODEL);
    await withOpened(snapshot, ({ commit }) => assert.equal(commit, COMMIT));
  });

  it('is Git where a commit holds the folder, whatever was downloaded there', async () => {
    const repository = files.repository();
    repository.write('README.md', '# Mine\n');
    const head = repository.commit('Mine');
    downloadModel(repository.path, MODEL);
    await withOpened(repository.path, ({ commit }) => assert.equal(commit, head));
  });

  it('is the download where the repository around it does not hold it', async () => {
    const repository = files.repository();
    repository.write('.gitignore', 'models/\n');
    repository.commit('Ignore models');
    const folder = join(repository.path, 'models', 'tiny');
    downloadModel(folder, MODEL);
    await withOpened(folder, ({ commit }) => assert.equal(commit, COMMIT));
  });

  it('is a repository that bears a name of the cache', async () => {
    const repository = files.repository(join(files.folder(), 'models--acme--tiny'));
    repository.write('README.md', '# Mine\n');
    const head = repository.commit('Mine');
    await withOpened(repository.path, ({ commit }) => assert.equal(commit, head));
  });

  it('is none in a part of the cache that is no snapshot, of which no repository is to be made', async () => {
    const repository = files.repository();
    repository.write('notes.md', 'mine');
    repository.commit('Notes');
    for (const cache of [join(files.folder(), 'hub'), join(repository.path, 'hub')]) {
      const { snapshot, storage } = cacheModel(cache, MODEL);
      for (const name of ['f'.repeat(64), 'main']) {
        const renamed = join(dirname(snapshot), name);
        renameSync(snapshot, renamed);
        for (const folder of [renamed, storage])
          await isTold(folder, /Copy the files themselves to a folder/);
        renameSync(renamed, snapshot);
      }
      await isTold(join(storage, 'blobs'), /Choose a folder in “.*snapshots”/);
      const data = join(cache, 'datasets--acme--tiny');
      renameSync(storage, data);
      for (const folder of [data, join(data, 'snapshots', COMMIT)])
        await isTold(folder, /Only models can be/);
    }
  });

  it('is Git where the name alone is that of a part of the cache', async () => {
    const path = join(files.folder(), 'datasets--acme--tiny');
    mkdirSync(path);
    assert.match((await failureOf(path, 'notARepository')).message, /git init/);
    const repository = files.repository(join(path, 'snapshots', 'main'));
    repository.write('README.md', '# Mine\n');
    const head = repository.commit('Mine');
    await withOpened(repository.path, ({ commit }) => assert.equal(commit, head));
  });

  it('is none elsewhere, which Git says in its words', async () => {
    const folder = downloaded();
    rmSync(join(folder, '.cache'), { recursive: true });
    assert.match((await failureOf(folder, 'notARepository')).message, /Git repository/);
    renameSync(folder, `${folder}.moved`);
    await failureOf(folder, 'notARepository');
  });
});
