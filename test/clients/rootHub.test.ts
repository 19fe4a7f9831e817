import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { hubServices } from '../../src/core/hosts/hub/service.ts';
import { createHttpClient } from '../../src/core/http/nodeClient.ts';
import type { ClientId } from '../../src/core/instructions/clients.ts';
import { publishSteps } from '../../src/core/instructions/fromHub.ts';
import { terminalVariables } from '../../src/core/instructions/snippets.ts';
import { createPublisher } from '../../src/core/publish/publisher.ts';
import type { RunningRegistry } from '../registry/registry.ts';
import { startRegistry } from '../registry/startRegistry.ts';
import { blob, lfs, memorySnapshot } from '../unit/publish/memorySnapshot.ts';
import { hfClientOrSkip } from '../setup/python.ts';
import { builtCli } from '../unit/cli/builtCli.ts';
import { clientEnvironment, pythonClient, type Client } from './client.ts';
import { modelFiles, readFiles } from './folder.ts';

const files = modelFiles();

/** The command of each release, how it asks who somebody is, and for whom it publishes what is on the Hub. */
const releases = [
  ['2.4.0', 'hf', ['auth', 'whoami'], ['hf', 'model-registries', 'python']],
  ['0.36.2', 'huggingface-cli', ['whoami'], ['huggingface-cli']],
] as const satisfies readonly (readonly [string, string, readonly string[], readonly ClientId[]])[];

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

  for (const [version, command, whoAmI, publishers] of releases) {
    describe(`with huggingface_hub ${version}`, () => {
      let client: Client;
      let path: string;

      before(async function () {
        // Covers the installation.
        this.timeout(10 * 60_000);
        client = await pythonClient(this, version, command);
        const { bin } = await hfClientOrSkip(this, version);
        const ours = join(folder, 'programs');
        await mkdir(ours, { recursive: true });
        const program = join(ours, 'model-registries');
        await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${await builtCli()}' "$@"\n`);
        await chmod(program, 0o755);
        path = [bin, ours, process.env.PATH ?? ''].join(delimiter);
      });

      /** In a terminal that has token and address of the registry. */
      const follow = async (endpoint: string, model: string, publisher: ClientId): Promise<void> => {
        const cwd = join(folder, version, publisher);
        await mkdir(cwd, { recursive: true });
        const source = { endpoint: registry.rootHub!.url, model: 'acme/tiny-model' };
        const choice = { client: publisher, shell: 'posix', variables: 'inTerminal' } as const;
        for (const { text, language } of publishSteps({ endpoint, model, source }, choice)) {
          const program = language === 'python' ? 'python' : 'sh';
          const surroundings = { home: cwd, endpoint, token: registry.token };
          const { failed, all } = await execa(program, ['-c', text!], {
            cwd,
            env: { ...clientEnvironment(surroundings), ...terminalVariables({ endpoint }), PATH: path },
            extendEnv: false,
            all: true,
            reject: false,
            // No token of the Hub; it is asked for at the terminal, where there is one.
            input: '\n',
            detached: true,
          });
          assert.ok(!failed, all);
        }
      };
      const tree = async (model: string): Promise<string> => {
        const git = registry.gitDirectory(registry.organization, registry.registry, model);
        return (await execa('git', ['--git-dir', git, 'ls-tree', '-r', 'main'])).stdout;
      };

      for (const publisher of publishers) {
        it(`is published to a registry by the commands for ${publisher}, and the Hub sees no token`, async () => {
          const { packagesUrl, organization, registry: slug, rootHub } = registry;
          const model = `acme/by-${publisher}`;
          const before = registry.requests.length;
          await follow(`${packagesUrl}/${organization}/${slug}/huggingface`, model, publisher);
          assert.equal(await tree(model), await tree('acme/tiny-model'));
          const ofHub = registry.requests
            .slice(before)
            .filter(({ headers }) => headers.host === new URL(rootHub!.url).host);
          assert.ok(ofHub.length > 0);
          assert.deepEqual(
            ofHub.filter(({ headers }) => headers.authorization !== undefined),
            [],
          );
        });
      }

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
