import assert from 'node:assert/strict';
import type { RunningRegistry } from '../../registry/registry.ts';
import { Cleanup } from './rawHub.ts';

interface Package {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly created_at: string;
}

describe('local registry: many versions', () => {
  const cleanup = new Cleanup();
  let registry: RunningRegistry;
  let models: readonly string[];
  beforeEach(async () => {
    registry = await cleanup.registry();
    models = await registry.addManyVersions('acme', 'models', { models: 7, versions: 250 });
  });
  afterEach(() => cleanup.run());

  async function get<T>(url: string): Promise<T> {
    const response = await fetch(url, { headers: { Authorization: `Bearer ${registry.token}` } });
    assert.equal(response.status, 200, url);
    return (await response.json()) as T;
  }

  async function packages(query = ''): Promise<Package[]> {
    const found: Package[] = [];
    let next: string | undefined =
      `${registry.apiUrl}/packages/organizations/acme/registries/models/packages?per_page=100${query}`;
    while (next !== undefined) {
      const page: { readonly items: Package[]; readonly links: { readonly next?: string } } = await get(next);
      found.push(...page.items);
      next = page.links.next;
    }
    return found;
  }

  it('are listed newest first, the models taking turns', async () => {
    const listed = await packages();
    assert.equal(listed.length, 250);
    assert.equal(new Set(listed.map(({ version }) => version)).size, 250);
    assert.deepEqual(
      listed.slice(0, 7).map(({ name }) => name),
      models,
    );
    const dates = listed.map(({ created_at: date }) => date);
    assert.deepEqual(dates, dates.toSorted().toReversed());
  });

  it('are found by a part of their name', async () => {
    const [newest = ''] = models;
    const found = await packages(`&name=${newest.slice(3)}`);
    assert.deepEqual(
      found,
      (await packages()).filter(({ name }) => name === newest),
    );
  });

  it('have files and a history, and take another version', async () => {
    const model = models.at(-1) ?? '';
    const endpoint = `${registry.packagesUrl}/acme/models/huggingface/api/models/${model}`;
    const versions = (await packages()).filter(({ name }) => name === model);
    for (const { version } of [versions[0]!, versions[10]!, versions.at(-1)!]) {
      const files = await get<{ readonly path: string }[]>(`${endpoint}/tree/${version}`);
      assert.deepEqual(
        files.map(({ path }) => path),
        ['README.md', 'config.json'],
      );
    }
    const commits = await get<{ readonly id: string }[]>(`${endpoint}/commits/main`);
    assert.deepEqual(
      commits.map(({ id }) => id),
      versions.map(({ version }) => version),
    );
    const sha = await registry.addModelVersion('acme', 'models', model, { 'notes.txt': 'More' });
    const [newest] = await packages();
    assert.deepEqual([newest?.name, newest?.version], [model, sha]);
    const files = await get<{ readonly path: string }[]>(`${endpoint}/tree/main`);
    assert.equal(files.length, 3);
  });
});
