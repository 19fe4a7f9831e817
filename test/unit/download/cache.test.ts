import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DownloadSource } from '../../../src/core/download/downloading.ts';
import { Failure } from '../../../src/core/failure.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import { modelFiles, noise } from '../../clients/folder.ts';
import { failed, filesIn, leftovers, startDownloads, type Downloads } from './downloads.ts';

const FILES = Object.fromEntries(modelFiles());
const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

for (const links of [true, false]) {
  describe(`a version downloaded into the Hugging Face cache ${links ? 'with' : 'without'} links`, () => {
    let downloads: Downloads;

    beforeEach(async () => {
      downloads = await startDownloads();
    });
    afterEach(() => downloads.stop());

    const into = () => ({ kind: 'cache', folder: join(downloads.folder, 'hub'), links }) as const;
    const storage = () => join(downloads.folder, 'hub', 'models--acme--tiny-model');

    async function isWhole(
      source: DownloadSource,
      files: Readonly<Record<string, string | Buffer>>,
    ): Promise<void> {
      const held = await filesIn(join(storage(), 'snapshots', source.commit));
      const paths = [...(await downloads.inGit(source)).keys()].sort();
      assert.deepEqual([...held.keys()].sort(), paths);
      for (const [path, content] of Object.entries(files)) {
        assert.ok(held.get(path)?.equals(Buffer.from(content)), path);
      }
      assert.deepEqual(await leftovers(downloads.folder), []);
    }

    it('has the layout that clients look for', async () => {
      const source = await downloads.version(FILES);
      const { path } = await downloads.downloaded(source, into());
      assert.equal(path, join(storage(), 'snapshots', source.commit));
      await isWhole(source, FILES);
      assert.equal(await readFile(join(storage(), 'refs', 'main'), 'utf8'), source.commit);
      assert.match(
        await readFile(join(downloads.folder, 'hub', 'CACHEDIR.TAG'), 'utf8'),
        /^Signature: 8a477f597d28d1727/,
      );
      const blobs = await readdir(join(storage(), 'blobs'));
      if (!links) assert.deepEqual(blobs, []);
      else {
        for (const blob of blobs) {
          const content = await readFile(join(storage(), 'blobs', blob));
          const name =
            blob.length === 64
              ? createHash('sha256').update(content).digest('hex')
              : createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
          assert.equal(blob, name);
        }
        const weights = createHash('sha256')
          .update(FILES['model.safetensors'] ?? '')
          .digest('hex');
        assert.equal(await readlink(join(path, 'model.safetensors')), `../../blobs/${weights}`);
        assert.match(
          await readlink(join(path, 'sub folder', 'größe & 尺寸.json')),
          /^\.\.\/\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/,
        );
      }
      await downloads.nothingLeft();
    });

    it('is what a publish takes it for', async () => {
      const source = await downloads.version(FILES);
      const { path } = await downloads.downloaded(source, into());
      assert.equal(await downloads.publishable(path, source), 'main');
    });

    it('may have names as long as file systems take', async () => {
      const files = { ['n'.repeat(255)]: 'one', [`d/m${'é'.repeat(127)}`]: 'two', 'README.md': 'three' };
      const source = await downloads.version(files);
      await downloads.downloaded(source, into());
      await isWhole(source, files);
    });

    it('shares contents with another version, and leaves the branch where it is', async () => {
      const first = await downloads.version(FILES);
      const files = { ...FILES, 'config.json': '{"hidden_size": 16}\n' };
      const second = await downloads.version(files);
      await downloads.downloaded(second, into());
      downloads.fetches();
      const plan = await downloads.plan(first, into());
      assert.equal(plan.branch, undefined);
      await downloads.downloaded(first, into());
      // Without links there is nothing that one version could take over from another.
      if (links) assert.equal(downloads.fetches(), 1);
      await isWhole(first, FILES);
      await isWhole(second, files);
      assert.equal(await readFile(join(storage(), 'refs', 'main'), 'utf8'), second.commit);
    });

    it('needs nothing more the second time', async () => {
      const source = await downloads.version(FILES);
      await downloads.downloaded(source, into());
      downloads.fetches();
      const plan = await downloads.plan(source, into());
      assert.deepEqual([plan.missing, plan.differing, plan.bytes], [[], [], 0]);
      await downloads.downloaded(source, into());
      assert.equal(downloads.fetches(), 0);
    });

    it('can be completed where a part is missing', async () => {
      const source = await downloads.version(FILES);
      const { path } = await downloads.downloaded(source, into());
      await rm(join(path, 'config.json'));
      await rm(join(path, 'README.md'));
      if (links) {
        const blobs = join(storage(), 'blobs');
        for (const name of await readdir(blobs)) {
          const { size } = await stat(join(blobs, name));
          if (size === FILES['config.json']?.length) await rm(join(blobs, name));
        }
      }
      downloads.fetches();
      await downloads.downloaded(source, into());
      assert.equal(downloads.fetches(), links ? 1 : 2);
      await isWhole(source, FILES);
    });

    it('tells where somebody edited a file, and restores it only where a person agreed', async () => {
      const source = await downloads.version(FILES);
      const { path } = await downloads.downloaded(source, into());
      // Through the link, where there is one.
      await writeFile(join(path, 'config.json'), 'mine');
      const plan = await downloads.plan(source, into());
      assert.deepEqual(
        plan.differing.map((file) => file.path),
        ['config.json'],
      );
      const { kept } = await downloads.downloaded(source, into());
      assert.deepEqual(kept, ['config.json']);
      assert.equal(await readFile(join(path, 'config.json'), 'utf8'), 'mine');
      await downloads.downloaded(source, into(), { differing: 'replace' });
      await isWhole(source, FILES);
    });

    it('goes on after a failure, and is no whole snapshot before', async () => {
      const source = await downloads.version(FILES);
      downloads.registry.inject({ path: /\/objects\//, fault: { kind: 'resetAnswer', afterBytes: 900_000 } });
      downloads.registry.inject({
        path: /\/objects\//,
        fault: { kind: 'status', status: 403 },
        times: Infinity,
      });
      assert.equal(failed(await downloads.download(source, into())).kind, 'forbidden');
      await downloads.nothingLeft();
      downloads.registry.clearFaults();
      await assert.rejects(
        openSnapshot(join(storage(), 'snapshots', source.commit), {
          signal: new AbortController().signal,
          log,
        }),
      );
      await downloads.downloaded(source, into());
      await isWhole(source, FILES);
    });

    it('of two versions at once is whole for both', async () => {
      const shared = noise(1_500_000, 9);
      const one = await downloads.version({ 'weights.bin': shared, 'a.txt': 'one' });
      const two = await downloads.version({ 'weights.bin': shared, 'a.txt': 'two' });
      await Promise.all([downloads.downloaded(one, into()), downloads.downloaded(two, into())]);
      await isWhole(one, { 'weights.bin': shared, 'a.txt': 'one' });
      await isWhole(two, { 'weights.bin': shared, 'a.txt': 'two' });
      assert.equal(await readFile(join(storage(), 'refs', 'main'), 'utf8'), two.commit);
    });

    it('writes through no link out of the model’s folder', async () => {
      const source = await downloads.version(FILES);
      const outside = join(downloads.folder, 'outside');
      await mkdir(outside);
      await mkdir(join(storage(), 'snapshots'), { recursive: true });
      await symlink(outside, join(storage(), 'snapshots', source.commit));
      await assert.rejects(
        downloads.plan(source, into()),
        (error) => error instanceof Failure && error.kind === 'disk',
      );
      assert.deepEqual(await readdir(outside), []);
    });

    it('may lie elsewhere by a link of the person’s own', async () => {
      const source = await downloads.version(FILES);
      const elsewhere = join(downloads.folder, 'large disk');
      await mkdir(elsewhere);
      await mkdir(dirname(storage()), { recursive: true });
      await symlink(elsewhere, storage());
      await downloads.downloaded(source, into());
      await isWhole(source, FILES);
    });
  });
}

describe('a version of an oddly named model', () => {
  it('gets no folder in the cache', async () => {
    const downloads = await startDownloads();
    try {
      const source = { ...(await downloads.version({ 'a.txt': 'a' })), model: 'acme/tiny-model' };
      const plan = await downloads.plan(source, {
        kind: 'cache',
        folder: join(downloads.folder, 'hub'),
        links: true,
      });
      for (const model of ['../evil', 'acme/..', 'a/b/c', 'acme/ti--ny', 'acme\\evil', '']) {
        const outcome = await downloads.downloader.download(
          { ...plan, source: { ...source, model } },
          { onProgress: () => undefined, signal: new AbortController().signal, differing: 'keep' },
        );
        assert.equal(failed(outcome).kind, 'protocol', model);
      }
      assert.deepEqual(await readdir(downloads.folder), []);
    } finally {
      await downloads.stop();
    }
  });
});

function ignore(): void {
  // Nobody reads it.
}
