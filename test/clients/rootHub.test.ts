import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hubServices } from '../../src/core/hosts/hub/service.ts';
import { createHttpClient } from '../../src/core/http/nodeClient.ts';
import { createPublisher } from '../../src/core/publish/publisher.ts';
import type { RunningRegistry } from '../registry/registry.ts';
import { startRegistry } from '../registry/startRegistry.ts';
import { blob, lfs, memorySnapshot } from '../unit/publish/memorySnapshot.ts';
import { pythonClient, type Client } from './client.ts';
import { modelFiles, readFiles } from './folder.ts';

const files = modelFiles();

/** The command of each release, and how it asks who somebody is. */
const releases = [
  ['2.4.0', 'hf', ['auth', 'whoami']],
  ['0.36.2', 'huggingface-cli', ['whoami']],
] as const;

describe('a model that we publish to a Hub at the root of its address', () => {
  const log = {
    trace: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  const http = createHttpClient({ userAgent: 'root-hub-tests', log });
  const { signal } = new AbortController();
  let folder: string;
  let registry: RunningRegistry;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'root-hub-client-')));
    registry = await startRegistry({
      dataDir: join(folder, 'registry'),
      rootHub: {},
      hub: { lfsThresholdBytes: 1024 * 1024 },
    });
    const { url: address, token: text } = registry.rootHub!;
    const [service] = hubServices({
      setting: () => [{ address, name: 'Local' }],
      findProgram: () => Promise.resolve(undefined),
      environment: {},
      platform: process.platform,
    });
    const { token, scopes } = await service!.signIn.check(text, http, signal);
    const host = service!.open(token, scopes, http);
    const hub = host.hub(await host.listing.registry('', 'acme', signal));
    const publisher = createPublisher({ http, log });
    const kept = [...files].map(([path, content]) => [
      path,
      content.length >= 1024 * 1024 ? lfs(content) : blob(content),
    ]);
    const snapshot = memorySnapshot(Object.fromEntries(kept) as Parameters<typeof memorySnapshot>[0]);
    const plan = await publisher.plan(snapshot, { hub, model: 'acme/tiny-model' }, signal);
    const outcome = await publisher.publish(plan, { onEvent: () => undefined, signal });
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
  });

  after(async () => {
    http.dispose();
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [version, command, whoAmI] of releases) {
    describe(`with huggingface_hub ${version}`, () => {
      let client: Client;

      before(async function () {
        // Covers the installation.
        this.timeout(10 * 60_000);
        client = await pythonClient(this, version, command);
      });

      const run = async (args: readonly string[]): Promise<string> => {
        const { url: endpoint, token } = registry.rootHub!;
        const home = join(folder, version);
        const { failed, output } = await client.run({ home, endpoint, token }, args, {
          HF_HUB_DISABLE_XET: '1',
        });
        assert.ok(!failed, output);
        return output;
      };

      it('is downloaded, also by a name that it had before', async () => {
        registry.rootHub!.move('acme/old-name', 'acme/tiny-model');
        for (const model of ['acme/tiny-model', 'acme/old-name']) {
          const target = join(folder, version, model);
          await run(['download', model, '--local-dir', target]);
          const held = await readFiles(target);
          for (const [path, content] of files) assert.ok(held.get(path)?.equals(content), path);
        }
      });

      it('belongs to whom the Hub says that the token is', async () => {
        const output = await run(whoAmI);
        assert.match(output, /grace/);
        assert.match(output, /acme/);
      });
    });
  }
});
