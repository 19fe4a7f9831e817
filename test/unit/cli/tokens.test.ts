import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningRegistry } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';
import { assertEnded, createCli, type Cli, type Ended } from './builtCli.ts';

describe('read tokens from the command line', () => {
  let cli: Cli;
  let registry: RunningRegistry;
  let dataDir: string;

  before(async () => {
    cli = await createCli();
    dataDir = await mkdtemp(join(tmpdir(), 'cli-tokens-'));
    registry = await startRegistry({ dataDir });
  });
  after(async () => {
    await registry.stop();
    await rm(dataDir, { recursive: true, force: true });
    await cli.remove();
  });

  const hub = () => `${registry.packagesUrl}/acme/models/huggingface`;
  const tokens = (args: readonly string[], token = registry.token): Promise<Ended> =>
    cli.run(['tokens', ...args, '--hub', hub(), '--api', registry.apiUrl, '--verbose'], {
      env: { HF_TOKEN: token },
    });

  it('are created, listed and revoked; the value stands on standard output alone', async () => {
    const created = await tokens(['create', ' build machine ']);
    assertEnded(created, 0);
    assert.match(created.stdout, /^bkpt_[0-9a-f]{40}\n?$/);
    const value = created.stdout.trim();
    assert.ok(!created.stderr.includes(value));
    assert.match(created.stderr, /Created the read token “build machine” of acme\/models/);
    const read = await fetch(`${hub()}/api/models`, { headers: { authorization: `Bearer ${value}` } });
    assert.equal(read.status, 200);

    const listed = await tokens(['list', '--json']);
    const [token] = listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    assert.ok(token);
    assert.deepEqual(
      [Object.keys(token).sort(), token.description, token.createdBy],
      [['createdAt', 'createdBy', 'description', 'id'], 'build machine', 'Grace Hopper'],
    );
    const line = (await tokens(['list'])).stdout.trim();
    assert.equal(line, `${token.id}  ${token.createdAt?.slice(0, 10)}  build machine (Grace Hopper)`);

    const unknown = await tokens(['revoke', 'other']);
    assertEnded(unknown, 1);
    assert.match(unknown.stderr, /acme\/models has no read token other/);
    assertEnded(await tokens(['revoke', token.id ?? '']), 0);
    const refused = await fetch(`${hub()}/api/models`, { headers: { authorization: `Bearer ${value}` } });
    assert.equal(refused.status, 401);
    assert.equal((await tokens(['list'])).stdout, '');
  });

  it('are refused with what it takes', async () => {
    const created = await tokens(['create', 'x'], registry.readOnlyToken);
    assertEnded(created, 1);
    assert.equal(created.stdout, '');
    assert.match(created.stderr, /the scope write_registries/);
    const unknown = await tokens(['list'], 'bkua_nobody');
    assertEnded(unknown, 1);
    assert.match(unknown.stderr, /model-registries login/);
  });

  it('want a registry of Buildkite, and its API where that is not known', async () => {
    const run = (...args: readonly string[]) => cli.run(['tokens', ...args], { env: { HF_TOKEN: 'x' } });
    for (const [args, words] of [
      [['list', '--hub', 'https://huggingface.co'], /Only registries of Buildkite/],
      [['list', '--hub', 'https://packages.example/acme/models/huggingface'], /Name it with --api/],
      [['list', '--hub', hub(), '--api', 'http://api.example'], /--api must begin with https/],
      [['create', ' ', '--hub', hub(), '--api', registry.apiUrl], /who or what/],
      [['create', 'x', '--token', 'secret-argument'], /HF_TOKEN/],
      [['create', '--hub', hub()], /description/],
      [['frobnicate'], /unknown command/],
      [[], /Usage: model-registries tokens/],
    ] as const) {
      const ended = await run(...args);
      assertEnded(ended, 2);
      assert.equal(ended.stdout, '');
      assert.match(ended.stderr, words);
      assert.ok(!ended.stderr.includes('secret-argument'));
    }
  });
});
