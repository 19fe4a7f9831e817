import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { RunningRegistry } from '../registry/registry.ts';
import { startRegistry } from '../registry/startRegistry.ts';
import { hfClientOrSkip } from '../setup/python.ts';
import { clientEnvironment } from './client.ts';

interface Refused {
  readonly error: string;
  readonly status: number | null;
  readonly text: string;
}

/** One process of Python makes all the calls; each test looks at some. */
describe('huggingface_hub 2.4.0 against the local registry, call by call', () => {
  const model = 'acme/tiny-model';
  const cleanups: (() => Promise<void>)[] = [];
  let registry: RunningRegistry;
  let outcomes: Readonly<Record<string, unknown>>;

  before(async function () {
    // Covers the installation.
    this.timeout(10 * 60_000);
    const { bin } = await hfClientOrSkip(this, '2.4.0');
    const home = await realpath(await mkdtemp(join(tmpdir(), 'registry-calls-')));
    cleanups.unshift(() => rm(home, { recursive: true, force: true }));
    registry = await startRegistry({ dataDir: join(home, 'data') });
    cleanups.unshift(() => registry.stop());
    const { organization, registry: slug } = registry;
    await registry.addModelVersion(organization, slug, model, {
      'README.md': '# Tiny\n',
      'config.json': '{}',
    });
    await registry.addModelVersion(organization, slug, 'other/tiny', { 'config.json': '{}' });
    const { stdout } = await execa(
      join(bin, 'python'),
      [fileURLToPath(new URL('hubCalls.py', import.meta.url)), model],
      {
        env: clientEnvironment({
          home,
          endpoint: `${registry.packagesUrl}/${organization}/${slug}/huggingface`,
          token: registry.token,
        }),
        extendEnv: false,
      },
    );
    outcomes = JSON.parse(stdout) as typeof outcomes;
  });

  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  function refused(name: string, error: string, status: number, text = /^/): void {
    const outcome = outcomes[name] as Refused;
    assert.deepEqual([outcome.error, outcome.status], [error, status], name);
    assert.match(outcome.text, text);
  }

  it('publishes cards and their metadata, which it has judged without a token', () => {
    assert.match(String(outcomes['push a card']), /^[0-9a-f]{40}$/);
    assert.equal(outcomes['update metadata'], true);
    assert.deepEqual(outcomes.metadata, { license: 'mit', library_name: 'transformers' });
    const judged = registry.requests.filter(({ path }) => path.endsWith('/validate-yaml'));
    assert.ok(judged.some(({ headers, status }) => headers.authorization === undefined && status === 200));
  });

  it('lists models', () => {
    assert.deepEqual(outcomes.list, [model, 'other/tiny']);
    assert.deepEqual(outcomes["list an author's"], [model]);
    assert.deepEqual(outcomes.search, ['other/tiny']);
    assert.deepEqual(outcomes['list in full'], [[outcomes.head, ['README.md', 'config.json']]]);
    assert.deepEqual(outcomes['list expanded'], [[false, outcomes.head]]);
    assert.deepEqual(outcomes['list by tag'], []);
  });

  it('learns what it may do', () => {
    assert.deepEqual([outcomes['may read'], outcomes['may write']], [null, null]);
    refused('may read nothing', 'RepositoryNotFoundError', 404);
    refused('may read without token', 'HfHubHTTPError', 401);
  });

  it('makes and deletes branches', () => {
    assert.deepEqual([outcomes.branch, outcomes['branch again, exist_ok']], [null, null]);
    refused('branch again', 'HfHubHTTPError', 409, /Reference refs\/heads\/trial\/one already exists/);
    refused('forbidden branch', 'BadRequestError', 400, /Invalid reference for a branch/);
    assert.equal(outcomes['delete branch'], null);
    refused('delete branch again', 'RevisionNotFoundError', 404, /Invalid rev id/);
    refused('delete main', 'HfHubHTTPError', 403, /Cannot delete refs\/heads\/main/);
    refused('delete tag as branch', 'RevisionNotFoundError', 404, /Invalid rev id/);
  });

  it('makes, lists and deletes tags', () => {
    for (const name of ['tag', 'tag a branch', 'tag again, exist_ok'])
      assert.equal(outcomes[name], null, name);
    refused('tag again', 'HfHubHTTPError', 409);
    refused('tag nowhere', 'RevisionNotFoundError', 404);
    refused("no tag's name", 'BadRequestError', 400);
    const { head } = outcomes;
    assert.deepEqual(outcomes.refs, {
      branches: ['main', 'trial/one'],
      tags: { v1: head, v2: head },
      'pull requests': [],
    });
    assert.equal(outcomes.tagged, head);
    assert.equal(outcomes['delete tag'], null);
    refused('delete tag again', 'RevisionNotFoundError', 404);
    refused('deleted', 'RevisionNotFoundError', 404);
    assert.deepEqual(outcomes['refs at last'], {
      branches: ['main'],
      tags: { v1: head },
      'pull requests': [],
    });
  });
});
