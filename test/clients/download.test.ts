import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDownloader } from '../../src/core/download/downloader.ts';
import type {
  DownloadDestination,
  DownloadOptions,
  DownloadOutcome,
} from '../../src/core/download/downloading.ts';
import { asGitObjectId } from '../../src/core/objectIds.ts';
import { startPublishing, type Publishing } from '../unit/publish/publishing.ts';
import { pythonClient, type Client } from './client.ts';
import { modelFiles, oddlyNamedFiles, readFiles } from './folder.ts';

const model = 'acme/tiny-model';
const files = new Map([...modelFiles(), ...oddlyNamedFiles()]);

/** The command of each release, and whether it lists a commit in `trees/`. */
const releases = [
  ['2.4.0', 'hf'],
  ['1.33.0', 'hf'],
  ['1.19.0', 'hf'],
  ['0.36.2', 'huggingface-cli'],
] as const;

describe('a model that we download', () => {
  let home: string;
  let publishing: Publishing;
  let commit: string;

  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'download-client-')));
    publishing = await startPublishing({ lfsThresholdBytes: 1024 * 1024 });
    const { registry } = publishing;
    const { organization, registry: slug } = registry;
    commit = await registry.addModelVersion(organization, slug, model, Object.fromEntries(files));
  });

  afterEach(async () => {
    await publishing.stop();
    await rm(home, { recursive: true, force: true });
  });

  const cache = () => join(home, 'huggingface', 'hub');

  async function download(
    destination: DownloadDestination,
    options: Pick<DownloadOptions, 'cacheConflict'> = {},
  ): Promise<DownloadOutcome> {
    const id = asGitObjectId(commit);
    assert.ok(id);
    const downloader = createDownloader(publishing);
    const { signal } = new AbortController();
    const plan = await downloader.plan({ ...publishing.target(model), commit: id }, destination, { signal });
    const outcome = await downloader.download(plan, {
      onProgress: () => undefined,
      signal,
      differing: 'keep',
      ...options,
    });
    assert.equal(outcome.kind, 'downloaded', outcome.kind === 'failed' ? outcome.failure.message : '');
    publishing.arrived();
    return outcome;
  }

  /** Contents that were asked for since the last look. */
  function contentsFetched(): string[] {
    return publishing
      .arrived()
      .filter(({ method, path }) => method === 'GET' && /\/(?:resolve|objects)\//.test(path))
      .map(({ path }) => path);
  }

  for (const [version, command] of releases) {
    describe(`for huggingface_hub ${version}`, () => {
      let client: Client;

      before(async function () {
        // Covers the installation.
        this.timeout(10 * 60_000);
        client = await pythonClient(this, version, command);
      });

      async function hf(args: readonly string[], variables: Record<string, string> = {}): Promise<string> {
        const { registry } = publishing;
        const endpoint = `${registry.packagesUrl}/${registry.organization}/${registry.registry}/huggingface`;
        const { failed, output } = await client.run(
          { home, endpoint, token: registry.token },
          ['download', model, ...args],
          { HF_HUB_DISABLE_XET: '1', ...variables },
        );
        assert.ok(!failed, output);
        return output;
      }

      async function isTheModel(folder: string): Promise<void> {
        const held = await readFiles(folder);
        assert.deepEqual([...held.keys()].sort(), [...files.keys()].sort());
        for (const [path, content] of files) assert.ok(held.get(path)?.equals(content), path);
      }

      for (const links of [true, false]) {
        it(`is in its cache ${links ? 'with' : 'without'} links: it loads offline, and online nothing is fetched again`, async () => {
          const variables: Record<string, string> = links ? {} : { HF_HUB_DISABLE_SYMLINKS: '1' };
          const outcome = await download({ kind: 'cache', folder: cache(), links });
          const snapshot = join(cache(), 'models--acme--tiny-model', 'snapshots', commit);
          assert.equal(outcome.kind === 'downloaded' && outcome.path, snapshot);
          for (const revision of [[], ['--revision', commit]]) {
            const output = await hf(revision, { ...variables, HF_HUB_OFFLINE: '1' });
            assert.ok(output.includes(snapshot), output);
          }
          assert.deepEqual(publishing.arrived(), []);
          await hf([], variables);
          assert.deepEqual(contentsFetched(), []);
          await isTheModel(snapshot);
        });
      }

      it('is in a folder that it takes for one of its own: nothing is fetched again', async () => {
        const folder = join(home, 'tiny');
        await download({ kind: 'folder', path: folder });
        await isTheModel(folder);
        await hf(['--local-dir', folder]);
        assert.deepEqual(contentsFetched(), []);
        await isTheModel(folder);
      });

      it('is only a part of what it has: the rest is fetched by us, and the whole loads', async () => {
        await hf(['README.md']);
        publishing.arrived();
        // Which server it had that from, the cache does not tell: a person is asked.
        await download({ kind: 'cache', folder: cache(), links: true }, { cacheConflict: 'replace' });
        const output = await hf([], { HF_HUB_OFFLINE: '1' });
        await isTheModel(join(cache(), 'models--acme--tiny-model', 'snapshots', commit));
        assert.ok(output.includes(commit), output);
      });
    });
  }
});
