import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure, FailureKind } from '../../../src/core/failure.ts';
import type { Log } from '../../../src/core/log.ts';
import { openCacheSnapshot } from '../../../src/core/snapshot/hfCache/openCacheSnapshot.ts';
import { createHashMemory, type HashMemory } from '../../../src/core/snapshot/hashMemory.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import {
  cacheModel,
  COMMIT,
  gitSha1,
  MODEL,
  pointerId,
  refusal,
  sha256,
  write,
  type CachedModel,
  type CacheOptions,
  type HubFiles,
} from './caches.ts';
import { contentOf, fileAt, scratch, silent } from './repositories.ts';

const files = scratch();

async function withCached<T>(
  folder: string,
  use: (snapshot: Snapshot) => T | Promise<T>,
  options: { readonly hashes?: HashMemory; readonly log?: Log } = {},
): Promise<T> {
  const snapshot = await openCacheSnapshot(folder, {
    signal: new AbortController().signal,
    log: silent,
    ...options,
  });
  try {
    return await use(snapshot);
  } finally {
    await snapshot.dispose();
  }
}

const failureOf = (folder: string, kind: FailureKind): Promise<Failure> =>
  refusal(
    withCached(folder, () => undefined),
    kind,
  );

function cached(model: HubFiles = MODEL, options?: CacheOptions): CachedModel {
  return cacheModel(join(files.folder(), 'hub'), model, options);
}

/** What the commit has: kind, size and ids by path, and the content. */
async function assertIs(snapshot: Snapshot, model: HubFiles): Promise<void> {
  assert.deepEqual(
    snapshot.files.map(({ path }) => path),
    Object.keys(model).sort(),
  );
  for (const file of snapshot.files) {
    const { content, lfs } = model[file.path]!;
    assert.equal(file.size, Buffer.byteLength(content));
    if (lfs) {
      assert(file.kind === 'lfs', file.path);
      assert.equal(file.sha256, sha256(content));
      assert.equal(file.gitSha1, pointerId(content));
      assert(await file.present());
      assert.deepEqual(await contentOf(file.open(1, 3)), Buffer.from(content).subarray(1, 3));
    } else {
      assert.equal(file.kind, 'blob', file.path);
      assert.equal(file.gitSha1, gitSha1(content));
    }
    assert.deepEqual(await contentOf(file.open()), Buffer.from(content));
    assert.deepEqual(await contentOf(file.open(2)), Buffer.from(content).subarray(2));
  }
}

describe('a snapshot in the Hugging Face cache', () => {
  for (const listed of [true, false]) {
    const how = listed ? 'with a listing of the commit' : 'without a listing';

    for (const layout of ['links', 'shared'] as const) {
      it(`is what the server named, kept as ${layout}, ${how}`, async () => {
        const { snapshot, storage } = cached(MODEL, { layout, listed });
        // A desktop showed the folder.
        for (const left of ['.DS_Store', 'onnx/Desktop.ini']) writeFileSync(join(snapshot, left), 'icons');
        await withCached(snapshot, async (opened) => {
          await assertIs(opened, MODEL);
          assert.equal(opened.commit, COMMIT);
          assert.equal(opened.branch, 'main');
          assert.equal(opened.subject, 'Snapshot c0ffee01 of acme/tiny-model');
          assert.deepEqual(await opened.proposeModels(), ['acme/tiny-model']);
          assert.deepEqual(opened.uncommitted, []);
          assert.equal(opened.repository, join(storage, 'snapshots', COMMIT));
          assert.equal(opened.folder, '');
        });
      });
    }
  }

  it('is what its listing says where the cache may hold no links', async () => {
    const { snapshot } = cached(MODEL, { layout: 'files' });
    await withCached(snapshot, (opened) => assertIs(opened, MODEL));
  });

  it('is hashed where nothing names its contents', async () => {
    const { snapshot } = cached(MODEL, { layout: 'files', listed: false });
    const warnings: string[] = [];
    const log = { ...silent, warn: (message: string) => void warnings.push(message) };
    const asBlobs = Object.fromEntries(
      Object.entries(MODEL).map(([path, { content }]) => [path, { content }]),
    );
    await withCached(snapshot, (opened) => assertIs(opened, asBlobs), { log });
    assert.match(warnings.join('\n'), /whether all are here is not known/);
  });

  it('is never read where names tell its hashes', async () => {
    const { snapshot, storage } = cached();
    // The same sizes, other bytes: who had read them would know.
    for (const blob of readdirSync(join(storage, 'blobs'))) {
      const file = join(storage, 'blobs', blob);
      const content = Object.values(MODEL).find((one) =>
        [gitSha1(one.content), sha256(one.content)].includes(blob),
      )!;
      writeFileSync(file, Buffer.alloc(Buffer.byteLength(content.content), 'x'));
    }
    await withCached(snapshot, (opened) => {
      const weights = fileAt(opened, 'model.safetensors');
      assert(weights.kind === 'lfs');
      assert.equal(weights.sha256, sha256(MODEL['model.safetensors']!.content));
    });
  });

  it('takes the sizes of contents, and the name of the first link', async () => {
    const { snapshot, cache } = cached(MODEL, { layout: 'shared' });
    assert(readdirSync(join(cache, 'blobs')).length > 1);
    await withCached(snapshot, (opened) => {
      const weights = fileAt(opened, 'onnx/größe 尺寸.onnx');
      assert(weights.kind === 'lfs');
      assert.equal(weights.size, 4);
      assert.equal(weights.sha256, sha256('onnx'));
    });
  });

  it('is hashed where a server names contents in a way of its own', async () => {
    const { snapshot, storage } = cached(
      { 'model.bin': { content: 'weights' }, 'config.json': { content: '{}' } },
      { listed: false },
    );
    const blobs = join(storage, 'blobs');
    renameSync(join(blobs, gitSha1('weights')), join(blobs, '"d41d8cd9-2"'));
    unlinkSync(join(snapshot, 'model.bin'));
    symlinkSync('../../blobs/"d41d8cd9-2"', join(snapshot, 'model.bin'));
    await withCached(snapshot, (opened) => {
      assert.equal(fileAt(opened, 'model.bin').gitSha1, gitSha1('weights'));
    });
  });

  it('is hashed where name and listing disagree, and refused where the bytes do, too', async () => {
    // A server that names every content by its SHA-256.
    const { snapshot, storage } = cached({ 'config.json': { content: '{}' } });
    unlinkSync(join(snapshot, 'config.json'));
    write(join(storage, 'blobs', sha256('{}')), '{}');
    symlinkSync(`../../blobs/${sha256('{}')}`, join(snapshot, 'config.json'));
    await withCached(snapshot, (opened) => {
      assert.equal(fileAt(opened, 'config.json').kind, 'blob');
      assert.equal(fileAt(opened, 'config.json').gitSha1, gitSha1('{}'));
    });
    writeFileSync(join(storage, 'blobs', sha256('{}')), '[]');
    assert.deepEqual((await failureOf(snapshot, 'corrupt')).paths, ['config.json']);
  });

  it('is refused where a size is not that of the commit', async () => {
    for (const layout of ['links', 'files'] as const) {
      const { snapshot } = cached(MODEL, { layout });
      truncateSync(join(snapshot, 'model.safetensors'), 1000);
      const failure = await failureOf(snapshot, 'corrupt');
      assert(failure.paths.includes('model.safetensors'));
      assert.match(failure.message, /hf download acme\/tiny-model --revision c0ffee.* --force-download/);
    }
  });

  it('is refused where a content went empty', async () => {
    const { snapshot } = cached(MODEL, { listed: false });
    truncateSync(join(snapshot, 'model.safetensors'), 0);
    assert((await failureOf(snapshot, 'corrupt')).paths.includes('model.safetensors'));
  });

  it('holds an empty LFS file as the empty file that it is', async () => {
    const { snapshot } = cached({ 'empty.safetensors': { content: '', lfs: true } });
    await withCached(snapshot, async (opened) => {
      const file = fileAt(opened, 'empty.safetensors');
      assert.deepEqual([file.kind, file.size, file.gitSha1], ['blob', 0, gitSha1('')]);
      assert.equal((await contentOf(file.open())).length, 0);
    });
  });

  it('leaves out what came into its folder otherwise, and says so', async () => {
    const { snapshot } = cached();
    write(join(snapshot, 'onnx', 'notes.txt'), 'mine');
    await withCached(snapshot, async (opened) => {
      await assertIs(opened, MODEL);
      assert.deepEqual(opened.uncommitted, [{ path: 'onnx/notes.txt', kind: 'untracked' }]);
    });
  });

  it('is read without its listing where that cannot be understood', async () => {
    for (const listing of ['{"format_version": 1, "files": {"a": {', '{"format_version": 2, "files": {}}']) {
      const { snapshot, storage } = cached();
      writeFileSync(join(storage, 'trees', `${COMMIT}.json`), listing);
      const warnings: string[] = [];
      const log = { ...silent, warn: (message: string) => void warnings.push(message) };
      await withCached(snapshot, (opened) => assertIs(opened, MODEL), { log });
      assert.match(warnings.join('\n'), /cannot be understood/);
    }
  });

  describe('that is not here as a whole', () => {
    it('is refused with the names of what is missing and the command that gets it', async () => {
      const missing = ['model.safetensors', 'config.json'];
      const { snapshot, cache } = cached(MODEL, { without: missing });
      const failure = await failureOf(snapshot, 'missingObject');
      assert.deepEqual(failure.paths, missing.toSorted());
      assert.match(failure.message, /config\.json, model\.safetensors/);
      assert(
        failure.message.includes(
          `hf download acme/tiny-model --revision ${COMMIT} --cache-dir ${realpathSync(cache)}`,
        ),
        failure.message,
      );
    });

    it('is refused where links lead to nothing', async () => {
      const { snapshot, storage } = cached(MODEL, { listed: false });
      unlinkSync(join(storage, 'blobs', sha256('onnx')));
      assert.deepEqual((await failureOf(snapshot, 'missingObject')).paths, ['onnx/größe 尺寸.onnx']);
    });

    it('is refused after an interrupted download, where nothing lists the commit', async () => {
      const { snapshot, storage } = cached(MODEL, { listed: false });
      const left = `${sha256('other')}.0123abcd.incomplete`;
      write(join(storage, 'blobs', left), 'oth');
      const failure = await failureOf(snapshot, 'missingObject');
      assert(failure.message.includes(left));
    });

    it('is whole where an interrupted download was completed, or belongs to another commit', async () => {
      const unlisted = cached(MODEL, { listed: false });
      write(join(unlisted.storage, 'blobs', `${sha256('onnx')}.0123abcd.incomplete`), 'on');
      await withCached(unlisted.snapshot, (opened) => assertIs(opened, MODEL));
      const listed = cached();
      write(join(listed.storage, 'blobs', `${sha256('other')}.incomplete`), 'oth');
      await withCached(listed.snapshot, (opened) => assertIs(opened, MODEL));
    });

    it('is refused where it holds nothing', async () => {
      const { snapshot } = cached({}, { listed: false });
      await failureOf(snapshot, 'missingObject');
    });

    it('says so, too, where a content goes away later', async () => {
      const { snapshot, storage } = cached();
      await withCached(snapshot, async (opened) => {
        rmSync(join(storage, 'blobs'), { recursive: true });
        const weights = fileAt(opened, 'model.safetensors');
        assert(weights.kind === 'lfs');
        assert.equal(await weights.present(), false);
        await assert.rejects(weights.open(), { kind: 'missingObject', paths: ['model.safetensors'] });
      });
    });
  });

  describe('of a stranger', () => {
    const secret = 'a secret of 27 bytes length';

    it('is refused where a link leads out of the cache', async () => {
      const outside = join(files.folder(), 'id_rsa');
      writeFileSync(outside, secret);
      for (const listed of [true, false]) {
        const { snapshot, storage } = cached({ ...MODEL, key: { content: secret } }, { listed });
        unlinkSync(join(storage, 'blobs', gitSha1(secret)));
        symlinkSync(outside, join(storage, 'blobs', gitSha1(secret)));
        const failure = await failureOf(snapshot, 'unpublishable');
        assert.deepEqual(failure.paths, ['key']);
      }
    });

    it('is refused where a link leads beside the cache, by whatever way', async () => {
      const { snapshot, cache, storage } = cached();
      writeFileSync(join(cache, '..', 'id_rsa'), secret);
      writeFileSync(join(cache, 'token'), secret);
      symlinkSync('../../../../id_rsa', join(snapshot, 'one'));
      symlinkSync('../../../token', join(snapshot, 'two'));
      symlinkSync('../../../..', join(storage, 'up'));
      symlinkSync('../../up/blobs', join(snapshot, 'three'));
      rmSync(join(storage, 'trees'), { recursive: true });
      const failure = await failureOf(snapshot, 'unpublishable');
      assert.deepEqual(failure.paths, ['one', 'two']);
    });

    it('is refused where its blobs are a folder elsewhere', async () => {
      const { snapshot, storage } = cached({ key: { content: secret } });
      const elsewhere = join(files.folder(), 'elsewhere');
      renameSync(join(storage, 'blobs'), elsewhere);
      symlinkSync(elsewhere, join(storage, 'blobs'));
      assert.deepEqual((await failureOf(snapshot, 'unpublishable')).paths, ['key']);
    });

    it('is refused where a link leads to a folder', async () => {
      const { snapshot, storage } = cached({ 'README.md': { content: '#' } }, { listed: false });
      mkdirSync(join(storage, 'blobs', 'folder'));
      symlinkSync('../../blobs/folder', join(snapshot, 'folder'));
      assert.deepEqual((await failureOf(snapshot, 'unpublishable')).paths, ['folder']);
    });

    it('is refused where it is itself a link', async () => {
      const { snapshot } = cached();
      const elsewhere = join(files.folder(), 'elsewhere');
      renameSync(snapshot, elsewhere);
      symlinkSync(elsewhere, snapshot);
      await failureOf(snapshot, 'unpublishable');
    });

    it('is refused with names that registries refuse', async () => {
      const { snapshot } = cached({ 'README.md': { content: '#' }, 'a/.git/config': { content: '' } });
      assert.deepEqual((await failureOf(snapshot, 'unpublishable')).paths, ['a/.git/config']);
    });
  });

  describe('chosen by its model', () => {
    const other = 'decade00decade00decade00decade00decade00';

    it('is the one that main names', async () => {
      const { cache, storage } = cached();
      cacheModel(cache, { 'README.md': { content: 'older' } }, { commit: other, refs: {} });
      await withCached(storage, ({ commit, branch }) => {
        assert.equal(commit, COMMIT);
        assert.equal(branch, 'main');
      });
      await withCached(join(storage, 'snapshots', other), ({ commit, branch }) => {
        assert.equal(commit, other);
        assert.equal(branch, undefined);
      });
    });

    it('is the only one', async () => {
      const { storage } = cached(MODEL, { refs: { main: other } });
      await withCached(`${storage}/`, ({ commit }) => assert.equal(commit, COMMIT));
    });

    it('is asked for where there are several, or none', async () => {
      const { cache, storage } = cached(MODEL, { refs: {} });
      cacheModel(cache, MODEL, { commit: other, refs: {} });
      const several = await failureOf(storage, 'noCommit');
      assert.match(several.message, /c0ffee01, decade00/);
      rmSync(join(storage, 'snapshots'), { recursive: true });
      assert.match((await failureOf(storage, 'noCommit')).message, /hf download acme\/tiny-model/);
    });
  });

  it('is of the branch that was downloaded, never of a pull request or a shortened commit', async () => {
    const refs = {
      'refs/pr/1': COMMIT,
      c0ffee0: COMMIT,
      'trial/one': COMMIT,
      zeta: COMMIT,
      main: 'no commit',
    };
    await withCached(cached(MODEL, { refs }).snapshot, ({ branch }) => assert.equal(branch, 'trial/one'));
  });

  it('proposes no name where the cache has none with a namespace', async () => {
    await withCached(cached(MODEL, { model: 'gpt2' }).snapshot, async (opened) => {
      assert.deepEqual(await opened.proposeModels(), []);
      assert.equal(opened.subject, 'Snapshot c0ffee01 of gpt2');
    });
  });

  it('is found by a link to its folder, and where its model was moved to another disk', async () => {
    const { snapshot, storage } = cached();
    const link = join(files.folder(), 'latest');
    symlinkSync(snapshot, link);
    await withCached(link, (opened) => assertIs(opened, MODEL));
    const disk = join(files.folder(), 'disk');
    renameSync(storage, disk);
    symlinkSync(disk, storage);
    await withCached(snapshot, async (opened) => {
      await assertIs(opened, MODEL);
      assert.deepEqual(await opened.proposeModels(), ['acme/tiny-model']);
    });
  });

  it('is no folder inside a snapshot, and no other folder', async () => {
    const { snapshot, cache } = cached();
    const failure = await failureOf(join(snapshot, 'onnx'), 'unpublishable');
    assert(failure.message.includes(realpathSync(snapshot)));
    await failureOf(cache, 'notARepository');
    await failureOf(join(dirname(snapshot), '0'.repeat(40)), 'notARepository');
  });

  it('hashes a large file once for as long as it is not touched', async () => {
    const weights = Buffer.alloc(200_000, 3);
    const { snapshot } = cached({ 'model.bin': { content: weights } }, { layout: 'files', listed: false });
    const memory = createHashMemory({ folder: join(files.folder(), 'memory'), log: silent });
    const asked: string[] = [];
    const hashes: HashMemory = {
      ...memory,
      // Content of a file that was written this moment is not yet to be trusted to its times; here it is made to be.
      sha256Of: async (key) => {
        asked.push(key);
        return key.startsWith('file:') ? (sha256('remembered') as never) : memory.sha256Of(key);
      },
      gitSha1Of: () => Promise.resolve(gitSha1('remembered') as never),
    };
    await withCached(snapshot, (opened) => assert.equal(opened.files[0]!.gitSha1, gitSha1('remembered')), {
      hashes,
    });
    assert.equal(asked.length, 1);
    appendFileSync(join(snapshot, 'model.bin'), 'more');
    await withCached(snapshot, () => undefined, { hashes });
    assert.notEqual(asked[0], asked[1]);
    // Under the blob's name it is known at once: that cannot change.
    await withCached(snapshot, () => undefined, { hashes: memory });
    const gitKey = `git:${gitSha1(Buffer.concat([weights, Buffer.from('more')]))}` as never;
    assert.equal(await memory.sha256Of(gitKey), sha256(Buffer.concat([weights, Buffer.from('more')])));
  });

  it('opens nothing more once it is disposed of or aborted', async () => {
    const { snapshot } = cached();
    const controller = new AbortController();
    const opened = await openCacheSnapshot(snapshot, { signal: controller.signal, log: silent });
    const stream = await fileAt(opened, 'model.safetensors').open();
    controller.abort(new Error('enough'));
    await assert.rejects(contentOf(Promise.resolve(stream)), /enough/);
    await assert.rejects(fileAt(opened, 'README.md').open(), /enough/);
    await opened.dispose();
    await assert.rejects(openCacheSnapshot(snapshot, { signal: controller.signal, log: silent }), /enough/);
  });
});
