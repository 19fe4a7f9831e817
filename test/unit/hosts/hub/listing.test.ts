import assert from 'node:assert/strict';
import { all } from '../buildkite/hosts.ts';
import { openForNobody, openWith, serviceAt, useHubs } from './hubs.ts';

const SIGNAL = new AbortController().signal;

describe('a Hub as a registry host', () => {
  const { start, client } = useHubs();

  /** A Hub below the path of a registry, as Buildkite has it. */
  async function hubOf(publishes: Readonly<Record<string, number>>) {
    const registry = await start();
    const { organization, registry: slug } = registry;
    for (const [model, versions] of Object.entries(publishes)) {
      for (let version = 1; version <= versions; version += 1) {
        const files = { 'README.md': `# ${model} ${String(version)}` };
        await registry.addModelVersion(organization, slug, model, files);
      }
    }
    return { registry, address: `${registry.packagesUrl}/${organization}/${slug}/huggingface` };
  }

  it('is one organization, with a registry for each namespace of the person and of the setting', async () => {
    const { registry, address } = await hubOf({});
    registry.addOrganization('globex', 'Globex');
    const service = serviceAt(address, { namespaces: ['initech', 'Globex'] });
    const host = await openWith(service, client(), registry.token);
    const organizations = await all((cursor) => host.listing.organizations(cursor, SIGNAL));
    const { host: slug } = new URL(address);
    assert.deepEqual(organizations, [{ slug, name: 'Local', webUrl: new URL(address) }]);
    const registries = await all((cursor) => host.listing.registries(slug, cursor, SIGNAL));
    assert.deepEqual(
      registries.map((each) => [each.slug, each.holdsModels, each.webUrl?.href]),
      ['grace', 'acme', 'globex', 'initech'].map((name) => [name, true, `${address}/${name}`]),
    );
    const asked = registry.requests.filter(({ path }) => path.endsWith('/whoami-v2'));
    assert.equal(asked.length, 1, 'the answer at the sign-in was not kept');
  });

  it('lists the models of a namespace, page after page, with their newest commits', async () => {
    const { registry, address } = await hubOf({ 'acme/one': 2, 'acme/two': 1, 'globex/three': 1 });
    const host = await openWith(serviceAt(address), client(), registry.token);
    const namespace = await host.listing.registry('', 'acme', SIGNAL);
    const models = await all((cursor) =>
      host.listing.models(namespace, cursor === undefined ? {} : { cursor }, SIGNAL),
    );
    assert.deepEqual(models.map(({ model }) => model).sort(), ['acme/one', 'acme/two']);
    const one = models.find(({ model }) => model === 'acme/one');
    const { items } = await host.listing.versions(namespace, 'acme/one', {}, SIGNAL);
    assert.equal(items.length, 2);
    assert.ok(one?.newest);
    assert.equal(one.newest.commit, items[0]?.commit);
    assert.equal(one.newest.webUrl?.href, `${address}/acme/one/tree/${one.newest.commit ?? ''}`);
    assert.ok(one.newest.createdAt instanceof Date);
  });

  it('is searched by the server', async () => {
    const { registry, address } = await hubOf({ 'acme/one': 1, 'acme/two': 1 });
    const host = await openWith(serviceAt(address), client(), registry.token);
    const namespace = await host.listing.registry('', 'acme', SIGNAL);
    const { items } = await host.listing.models(namespace, { name: 'TW' }, SIGNAL);
    assert.deepEqual(
      items.map(({ model }) => model),
      ['acme/two'],
    );
  });

  it('shows nobody what the setting pins, and asks for no token', async () => {
    const { registry, address } = await hubOf({});
    const host = openForNobody(serviceAt(address, { namespaces: ['acme'] }), client());
    const { items } = await host.listing.registries('', undefined, SIGNAL);
    assert.deepEqual(
      items.map(({ slug }) => slug),
      ['acme'],
    );
    assert.equal(host.may('publish'), false);
    assert.deepEqual(registry.requests, []);
  });
});
