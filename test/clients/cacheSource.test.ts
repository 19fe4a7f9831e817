import assert from 'node:assert/strict';
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { openSnapshot } from '../../src/core/snapshot/openSnapshot.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import type { RunningRegistry } from '../registry/registry.ts';
import { startPublishing } from '../unit/publish/publishing.ts';
import type { Publishing } from '../unit/publish/publishing.ts';
import { pythonClient } from './client.ts';
import type { Client } from './client.ts';
import { modelFiles } from './folder.ts';

const source = 'acme/tiny-model';
const copy = 'acme/tiny-copy';
const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // Nobody reads it.
}

/** How a person gets a model, and what is then published. */
interface Way {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly arguments: (home: string) => string[];
  readonly folder: (home: string, commit: string) => string;
}

function inCache(home: string, commit: string): string {
  return join(home, 'huggingface', 'hub', 'models--acme--tiny-model', 'snapshots', commit);
}

const ways: readonly Way[] = [
  { name: 'into its cache', variables: {}, arguments: () => [], folder: inCache },
  {
    name: 'into its cache without links',
    variables: { HF_HUB_DISABLE_SYMLINKS: '1' },
    arguments: () => [],
    folder: inCache,
  },
  {
    name: 'into a folder',
    variables: {},
    arguments: (home) => ['--local-dir', join(home, 'tiny')],
    folder: (home) => join(home, 'tiny'),
  },
];

describe('a model that hf downloads, published again', () => {
  let home: string;
  let publishing: Publishing;
  let commit: string;

  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'cache-source-')));
    publishing = await startPublishing({ lfsThresholdBytes: 1024 * 1024 });
    const { registry } = publishing;
    commit = await registry.addModelVersion(
      registry.organization,
      registry.registry,
      source,
      Object.fromEntries(modelFiles()),
    );
  });

  afterEach(async () => {
    await publishing.stop();
    await rm(home, { recursive: true, force: true });
  });

  /** Paths and Git object ids at the head of a model. */
  async function tree(registry: RunningRegistry, model: string): Promise<string> {
    const git = registry.gitDirectory(registry.organization, registry.registry, model);
    return (await execa('git', ['--git-dir', git, 'ls-tree', '-r', 'main'])).stdout;
  }

  async function withOpened<T>(folder: string, use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const snapshot = await openSnapshot(folder, { signal: new AbortController().signal, log });
    try {
      return await use(snapshot);
    } finally {
      await snapshot.dispose();
    }
  }

  for (const version of ['2.4.0', '0.36.2'] as const) {
    describe(`by huggingface_hub ${version}`, () => {
      let client: Client;

      before(async function () {
        // Covers the installation.
        this.timeout(10 * 60_000);
        client = await pythonClient(this, version, 'hf');
      });

      async function download(way: Way, ...more: string[]): Promise<string> {
        const { registry } = publishing;
        const endpoint = `${registry.packagesUrl}/${registry.organization}/${registry.registry}/huggingface`;
        const { failed, output } = await client.run(
          { home, endpoint, token: registry.token },
          ['download', source, ...way.arguments(home), ...more],
          { HF_HUB_DISABLE_XET: '1', ...way.variables },
        );
        assert.ok(!failed, output);
        return way.folder(home, commit);
      }

      for (const way of ways) {
        it(`${way.name} is the same commit's tree, and says which commit`, async () => {
          const folder = await download(way);
          await withOpened(folder, async (snapshot) => {
            assert.equal(snapshot.commit, commit);
            assert.deepEqual(snapshot.uncommitted, []);
            await publishing.published(snapshot, copy);
          });
          assert.equal(await tree(publishing.registry, copy), await tree(publishing.registry, source));
          const [newest = ''] = await publishing.messages(copy);
          assert.ok(newest.includes(`Git-Commit: ${commit}`), newest);
        });
      }

      it('finds that its source holds it already', async () => {
        const folder = await download(ways[0]!);
        await withOpened(folder, async (snapshot) => {
          assert.deepEqual(await snapshot.proposeModels(), [source]);
          assert.equal(snapshot.branch, 'main');
          const { created, sentBytes } = await publishing.published(snapshot, source);
          assert.deepEqual({ created, sentBytes }, { created: false, sentBytes: 0 });
        });
      });

      if (version !== '2.4.0') return;

      it('is refused as long as only a part of it is here, and whole after the command it is told', async () => {
        const folder = await download(ways[0]!, '--include', '*.json');
        await assert.rejects(
          withOpened(folder, () => Promise.resolve()),
          (error: Error) => {
            const [, command = ''] = /“(hf download .*?)”/.exec(error.message) ?? [];
            const told = /^hf (download \S+ --revision \S+ --cache-dir) (.*)$/.exec(command);
            assert.deepEqual(told?.[1]?.split(' '), [
              'download',
              source,
              '--revision',
              commit,
              '--cache-dir',
            ]);
            assert.equal(told[2], join(home, 'huggingface', 'hub'));
            return true;
          },
        );
        await download(ways[0]!, '--revision', commit, '--cache-dir', join(home, 'huggingface', 'hub'));
        await withOpened(folder, async ({ files }) => {
          const held = (await tree(publishing.registry, source)).split('\n');
          assert.equal(files.length, held.length);
          assert.ok((await readdir(folder)).length > 0);
        });
      });
    });
  }
});
