import assert from 'node:assert/strict';
import { mayDo } from '../../../../src/core/hosts/buildkite/scopes.ts';
import type { NewRegistry, RegistryAction } from '../../../../src/core/hosts/host.ts';
import { allPages } from '../../../../src/core/hosts/page.ts';
import { failing, models, useHosts } from './hosts.ts';

const SIGNAL = new AbortController().signal;
const vision: NewRegistry = {
  name: 'Vision Models',
  description: 'Eyes',
  teamIds: [],
};

describe('what a person does at Buildkite', () => {
  const { start, hostOf, serve } = useHosts();

  it('creates, describes and deletes a registry', async () => {
    const registry = await start();
    const host = hostOf(registry, registry.token);
    const created = await host.admin!.createRegistry('acme', vision, SIGNAL);
    assert.deepEqual(
      [created.slug, created.name, created.description, created.holdsModels],
      ['vision-models', 'Vision Models', 'Eyes', true],
    );
    const described = await host.admin!.describeRegistry(created, 'Eyes and ears', SIGNAL);
    assert.equal(described.description, 'Eyes and ears');
    const silent = await host.admin!.describeRegistry(created, '', SIGNAL);
    assert.equal(silent.description, undefined);
    assert.deepEqual(await host.listing.registry('acme', 'vision-models', SIGNAL), silent);
    await host.admin!.deleteRegistry(created, SIGNAL);
    await assert.rejects(host.listing.registry('acme', 'vision-models', SIGNAL), failing('notFound'));
    await host.admin!.deleteRegistry(created, SIGNAL);
  });

  it('gives a registry to teams where the organization has them', async () => {
    const registry = await start();
    registry.addOrganization('lab', 'Lab', ['Vision', 'Speech']);
    const host = hostOf(registry, registry.token, { pageSize: 2 });
    await assert.rejects(
      host.admin!.createRegistry('lab', vision, SIGNAL),
      failing('refused', /Validation Failed; Team ids can't be blank/),
    );
    const teams = await allPages((cursor) => host.admin!.teams('lab', cursor, SIGNAL));
    assert.deepEqual(
      teams.map(({ name, slug }) => [name, slug]),
      [
        ['Everyone', 'everyone'],
        ['Vision', 'vision'],
        ['Speech', 'speech'],
      ],
    );
    const teamIds = teams.filter(({ slug }) => slug === 'vision').map(({ id }) => id);
    const created = await host.admin!.createRegistry('lab', { ...vision, teamIds }, SIGNAL);
    assert.equal(created.organization, 'lab');
  });

  it("shows the server's own words where it refuses an ecosystem or a name", async () => {
    const registry = await start();
    const host = hostOf(registry, registry.token);
    const other = hostOf(registry, registry.token, { ecosystem: () => 'hugging-face' });
    await assert.rejects(
      other.admin!.createRegistry('acme', vision, SIGNAL),
      failing('refused', /acme\/Vision Models.*Ecosystem is not included in the list/),
    );
    await assert.rejects(
      host.admin!.createRegistry('acme', { ...vision, name: 'models' }, SIGNAL),
      failing('refused', /Name has already been taken/),
    );
  });

  it('deletes one version and no other, and takes one that is gone for deleted', async () => {
    const registry = await start();
    for (const text of ['1', '2', '3']) {
      await registry.addModelVersion('acme', 'models', 'acme/bert', { 'README.md': text });
    }
    const host = hostOf(registry, registry.token);
    const models = await host.listing.registry('acme', 'models', SIGNAL);
    const versions = async () => (await host.listing.versions(models, 'acme/bert', {}, SIGNAL)).items;
    const [newest, middle, oldest] = await versions();
    assert.ok(newest && middle && oldest);
    await host.admin!.deleteVersion(middle, SIGNAL);
    await host.admin!.deleteVersion(middle, SIGNAL);
    assert.deepEqual(
      (await versions()).map(({ id }) => id),
      [newest.id, oldest.id],
    );
  });

  for (const [refused, expected] of [
    [[], ['POST']],
    [['POST'], ['POST', 'PUT']],
    [
      ['POST', 'PUT'],
      ['POST', 'PUT', 'PATCH'],
    ],
  ] as const) {
    for (const status of [404, 405]) {
      const words = refused.length === 0 ? 'no method' : `${refused.join(' and ')} with ${status}`;
      it(`describes a registry where the server refuses ${words}`, async () => {
        const asked: string[] = [];
        const { host } = await serve((request, response) => {
          asked.push(request.method ?? '');
          const known = !(refused as readonly string[]).includes(request.method ?? '');
          response.writeHead(known ? 200 : status);
          response.end(JSON.stringify(known ? { id: '1', slug: 'models', description: 'New' } : {}));
        });
        const described = await host.admin!.describeRegistry(models, 'New', SIGNAL);
        assert.equal(described.description, 'New');
        assert.deepEqual(asked, expected);
      });
    }
  }

  it('is what the scopes of the token allow, and a refusal names the one it takes', async () => {
    const registry = await start();
    await registry.addModelVersion('acme', 'models', 'acme/bert', { 'README.md': '1' });
    const every = hostOf(registry, registry.token);
    const models = await every.listing.registry('acme', 'models', SIGNAL);
    const [version] = (await every.listing.versions(models, 'acme/bert', {}, SIGNAL)).items;
    assert.ok(version);

    const actions: Partial<Record<RegistryAction, (host: typeof every) => Promise<unknown>>> = {
      createRegistry: (host) => host.admin!.createRegistry('acme', vision, SIGNAL),
      describeRegistry: (host) => host.admin!.describeRegistry(models, 'Text', SIGNAL),
      listTeams: (host) => host.admin!.teams('acme', undefined, SIGNAL),
      deleteVersion: (host) => host.admin!.deleteVersion(version, SIGNAL),
      deleteRegistry: (host) => host.admin!.deleteRegistry(models, SIGNAL),
    };
    const scopes = ['write_registries', 'delete_registries', 'delete_packages', 'read_teams'];
    for (const [name, act] of Object.entries(actions)) {
      const action = name as RegistryAction;
      const needed = scopes.filter((scope) => mayDo(action, new Set([scope])));
      assert.equal(needed.length, 1, action);
      const others = scopes.filter((scope) => !needed.includes(scope));
      await assert.rejects(
        act(hostOf(registry, registry.addToken({ scopes: others }))),
        failing(
          'forbidden',
          new RegExp(action === 'listTeams' ? needed.join('') : `the scope ${needed.join('')}, and a team`),
        ),
        action,
      );
      await act(hostOf(registry, registry.addToken({ scopes: needed })));
    }
    assert.ok(mayDo('publish', new Set(['write_packages'])));
    assert.ok(!mayDo('publish', new Set(scopes)));
  });
});
