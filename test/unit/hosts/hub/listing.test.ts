import assert from 'node:assert/strict';
import type http from 'node:http';
import { Failure } from '../../../../src/core/failure.ts';
import type { ListedModel, RegistryHost } from '../../../../src/core/hosts/host.ts';
import type { RootHub, RootHubOptions, RunningRegistry } from '../../../registry/registry.ts';
import { allPages } from '../../../../src/core/hosts/page.ts';
import { failing } from '../buildkite/hosts.ts';
import { openForNobody, openWith, serviceAt, useHubs, type Descriptor } from './hubs.ts';

const SIGNAL = new AbortController().signal;

describe('a Hub as a registry host', () => {
  const { start, client, serve } = useHubs();

  interface Opened {
    readonly registry: RunningRegistry;
    readonly hub: RootHub;
    readonly host: RegistryHost;
  }

  /** A Hub with models of so many commits each, and its host for the one who may do everything, or for nobody. */
  async function opened(
    publishes: Readonly<Record<string, number>>,
    {
      options = {},
      descriptor = {},
      as = 'owner',
    }: {
      readonly options?: RootHubOptions;
      readonly descriptor?: Descriptor;
      readonly as?: 'owner' | 'nobody';
    } = {},
  ): Promise<Opened> {
    const registry = await start({ rootHub: options });
    const { rootHub: hub } = registry;
    assert.ok(hub);
    for (const [model, versions] of Object.entries(publishes)) {
      for (let version = 1; version <= versions; version += 1) {
        const files = { 'README.md': `# ${model} ${String(version)}` };
        await registry.addModelVersion(registry.organization, registry.registry, model, files);
      }
    }
    const service = serviceAt(hub.url, descriptor);
    const host =
      as === 'owner' ? await openWith(service, client(), hub.token) : openForNobody(service, client());
    return { registry, hub, host };
  }

  const namespace = (host: RegistryHost, slug = 'acme') => host.listing.registry('', slug, SIGNAL);
  const modelsOf = async (host: RegistryHost, slug = 'acme', name?: string) => {
    const registry = await namespace(host, slug);
    return allPages((cursor) =>
      host.listing.models(
        registry,
        { ...(name !== undefined && { name }), ...(cursor !== undefined && { cursor }) },
        SIGNAL,
      ),
    );
  };
  const modelOf = async (host: RegistryHost, model: string): Promise<ListedModel> => {
    assert.ok(host.listing.model);
    return host.listing.model(await namespace(host), model, SIGNAL);
  };
  const ids = (models: readonly ListedModel[]) => models.map(({ model }) => model);

  describe('namespaces', () => {
    it('are those of the person, of their organizations and of the setting, each once, in one organization', async () => {
      const { registry, hub } = await opened({});
      registry.addOrganization('globex', 'Globex');
      registry.addOrganization('secret', 'Secret');
      const roles = { acme: 'admin', globex: 'read', secret: 'no_access' } as const;
      const token = hub.addToken({ role: { kind: 'read' }, organizations: roles });
      const service = serviceAt(hub.url, { namespaces: ['initech', 'Globex'] });
      const host = await openWith(service, client(), token);
      const organizations = await allPages((cursor) => host.listing.organizations(cursor, SIGNAL));
      const { host: slug } = new URL(hub.url);
      assert.deepEqual(organizations, [{ slug, name: 'Local', webUrl: new URL(hub.url) }]);
      const registries = await allPages((cursor) => host.listing.registries(slug, cursor, SIGNAL));
      assert.deepEqual(
        registries.map((each) => [each.slug, each.organization, each.holdsModels, each.webUrl?.href]),
        ['ada', 'acme', 'globex', 'initech'].map((name) => [name, slug, true, `${hub.url}/${name}`]),
      );
    });

    it('stand for themselves: one that is named is not asked for, and none can be a step', async () => {
      const { host, registry } = await opened({}, { as: 'nobody' });
      assert.equal((await namespace(host, 'anybody')).slug, 'anybody');
      for (const slug of ['', '.', '..'])
        await assert.rejects(namespace(host, slug), failing('notFound'), slug);
      assert.equal((await namespace(host, 'a/b')).webUrl?.pathname, '/a%2Fb');
      assert.deepEqual(registry.requests, []);
    });

    it('are where one publishes to', async () => {
      const { host, hub } = await opened({});
      const target = host.hub(await namespace(host));
      const { endpoint, createFirst, revision, revisions, modelIdSegments, namespace: only } = target;
      assert.deepEqual(
        [endpoint.href, createFirst, revision, revisions, modelIdSegments, only],
        [`${hub.url}/`, true, 'main', 'branch', 2, 'acme'],
      );
      assert.equal(target.token.authorizationFor(endpoint), `Bearer ${hub.token}`);
    });

    it('are not where models have one name: there is one registry with all of them', async () => {
      const descriptor = {
        ...{ modelIdSegments: 1, createFirst: false, revision: 'latest', revisions: 'release' },
        name: 'Harness',
      };
      const { host } = await opened(
        { 'models/tiny': 2, 'models/small': 1 },
        { options: { modelIdSegments: 1 }, descriptor },
      );
      const [only, ...others] = await allPages((cursor) => host.listing.registries('', cursor, SIGNAL));
      assert.deepEqual([only?.name, others], ['Harness', []]);
      assert.ok(only);
      assert.deepEqual(ids(await modelsOf(host, only.slug)).sort(), ['small', 'tiny']);
      const { items } = await host.listing.versions(only, 'tiny', { revision: 'main' }, SIGNAL);
      assert.equal(items.length, 2);
      const { createFirst, revision, revisions, modelIdSegments, ...target } = host.hub(only);
      assert.deepEqual([createFirst, revision, revisions, modelIdSegments], [false, 'latest', 'release', 1]);
      assert.ok(!('namespace' in target));
    });
  });

  describe('models', () => {
    it('are those of a namespace, with their newest commits, also to nobody', async () => {
      const { host, hub } = await opened(
        { 'acme/one': 2, 'acme/two': 1, 'globex/three': 1 },
        { as: 'nobody' },
      );
      const models = await modelsOf(host);
      assert.deepEqual(ids(models).sort(), ['acme/one', 'acme/two']);
      const one = models.find(({ model }) => model === 'acme/one');
      const { items } = await host.listing.versions(await namespace(host), 'acme/one', {}, SIGNAL);
      assert.equal(items.length, 2);
      assert.ok(one?.newest);
      assert.deepEqual(
        [one.newest.id, one.newest.commit, one.newest.webUrl?.href, one.access],
        [items[0]?.id, items[0]?.commit, `${hub.url}/acme/one/tree/${one.newest.commit ?? ''}`, 'public'],
      );
      assert.ok(one.newest.createdAt instanceof Date);
    });

    it('come in pages, without gaps or repetitions', async () => {
      const { host, registry } = await opened({}, { as: 'nobody' });
      const counts = { models: 256, versions: 256 };
      const names = await registry.addManyVersions(registry.organization, registry.registry, counts);
      // The one with the newest version is first in both.
      const expected = names.filter((name) => name.startsWith('acme/'));
      assert.ok(expected.length > 50);
      assert.deepEqual(ids(await modelsOf(host)), expected);
      assert.equal(registry.requests.length, 2);
    }).timeout(60_000);

    it('are searched by the server', async () => {
      const { host } = await opened({ 'acme/one': 1, 'acme/two': 1 });
      assert.deepEqual(ids(await modelsOf(host, 'acme', ' TW')), ['acme/two']);
    });

    it('tell who may read them', async () => {
      const { host, hub } = await opened({ 'acme/open': 1, 'acme/gated': 1, 'acme/private': 1 });
      hub.setAccess('acme/gated', { gated: 'auto' });
      hub.setAccess('acme/private', { private: true });
      const access = Object.fromEntries((await modelsOf(host)).map((each) => [each.model, each.access]));
      assert.deepEqual(access, { 'acme/open': 'public', 'acme/gated': 'gated', 'acme/private': 'private' });
    });

    it('are asked for with less where the server refuses the question', async () => {
      const queries: string[] = [];
      const server = await serve((request, response) => {
        const { searchParams } = new URL(request.url ?? '', 'http://x');
        queries.push([...searchParams.keys()].join(' '));
        const refused = searchParams.has('expand') || searchParams.has('sort');
        response.writeHead(refused ? 400 : 200, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify(refused ? { error: 'x' } : [{ id: 'acme/tiny' }, { id: 'globex/x' }, 1, {}]),
        );
      });
      const host = openForNobody(serviceAt(server.url.href), client());
      for (let time = 0; time < 2; time += 1) {
        assert.deepEqual(await modelsOf(host), [{ model: 'acme/tiny', newest: undefined }]);
      }
      assert.deepEqual(queries, [
        'author limit sort direction expand expand expand expand',
        ...['author limit sort direction', 'author limit', 'author limit'],
      ]);
    });

    it('are asked for in full again after a question that is refused in every form', async () => {
      const expands: boolean[] = [];
      const server = await serve((request, response) => {
        const { searchParams } = new URL(request.url ?? '', 'http://x');
        expands.push(searchParams.has('expand'));
        const isRefused = searchParams.get('search') === 'odd';
        response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' });
        response.end('[]');
      });
      const host = openForNobody(serviceAt(server.url.href), client());
      await Promise.all([
        assert.rejects(modelsOf(host, 'acme', 'odd'), failing('refused')),
        assert.rejects(modelsOf(host, 'acme', 'odd'), failing('refused')),
      ]);
      await modelsOf(host);
      assert.deepEqual([expands.length, expands.at(-1)], [7, true]);
    });

    it('are opened by name on a server that takes no fields', async () => {
      const asked: (string | undefined)[] = [];
      const server = await serve((request, response) => {
        asked.push(request.url);
        const isRefused = request.url?.includes('expand=') === true;
        response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(isRefused ? {} : { id: 'acme/tiny', sha: 'b'.repeat(40) }));
      });
      const host = openForNobody(serviceAt(server.url.href), client());
      assert.equal((await modelOf(host, 'acme/tiny')).newest?.commit, 'b'.repeat(40));
      assert.equal(asked.length, 2);
      await modelOf(host, 'acme/tiny');
      assert.equal(asked.length, 3);
    });

    for (const lacking of ['404', '405', '501', 'page'] as const) {
      it(`are opened by name where the server lists none and says ${lacking}`, async () => {
        const { host, registry } = await opened(
          { 'acme/tiny': 1 },
          { options: { lacks: ['list'], lacking }, as: 'nobody' },
        );
        for (let time = 0; time < 2; time += 1)
          await assert.rejects(modelsOf(host), failing('notFound', /lists no models.*by its name/));
        assert.equal(registry.requests.length, 1, 'asked once');
        const tiny = await modelOf(host, 'acme/tiny');
        assert.equal(tiny.model, 'acme/tiny');
        assert.ok(tiny.newest?.commit);
      });
    }

    it('may lead to another one, which tells its own name and namespace', async () => {
      const { host, hub } = await opened({ 'globex/new': 1 }, { as: 'nobody' });
      hub.move('acme/old', 'globex/new');
      const { model, newest } = await modelOf(host, 'acme/old');
      assert.deepEqual([model, newest?.registry.slug], ['globex/new', 'globex']);
      assert.ok(newest);
      assert.equal(newest.webUrl?.href, `${hub.url}/globex/new/tree/${newest.commit ?? ''}`);
    });

    it('that are missing or private are one thing to nobody, and no verdict on a token', async () => {
      const { hub, host: nobody } = await opened({ 'acme/private': 1 }, { as: 'nobody' });
      hub.setAccess('acme/private', { private: true });
      for (const model of ['acme/private', 'acme/missing'])
        await assert.rejects(modelOf(nobody, model), failing('notFound', /sign in/), model);
      const stranger = hub.addToken({ role: { kind: 'read' }, organizations: {} });
      const other = await openWith(serviceAt(hub.url), client(), stranger);
      await assert.rejects(modelOf(other, 'acme/private'), failing('notFound', /acme\/private/));
    });
  });

  describe('versions', () => {
    it('are the commits of a branch or tag, newest first, page after page', async () => {
      const { host, registry } = await opened({ 'acme/tiny': 5 });
      const acme = await namespace(host);
      const commits = (revision?: string) =>
        allPages((cursor) =>
          host.listing.versions(
            acme,
            'acme/tiny',
            {
              limit: 2,
              ...(revision !== undefined && { revision }),
              ...(cursor !== undefined && { cursor }),
            },
            SIGNAL,
          ),
        );
      const main = await commits();
      assert.equal(main.length, 5);
      assert.equal(new Set(main.map(({ id }) => id)).size, 5);
      const dates = main.map(({ createdAt }) => createdAt?.getTime() ?? 0);
      assert.deepEqual(
        dates,
        dates.toSorted((one, other) => other - one),
      );
      assert.equal(registry.requests.filter(({ path }) => path.includes('/commits/')).length, 3);

      const old = main[3]?.commit ?? '';
      const made = await fetch(`${registry.rootHub?.url ?? ''}/api/models/acme/tiny/tag/${old}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${registry.rootHub?.token ?? ''}` },
        body: JSON.stringify({ tag: 'v1/beta' }),
      });
      assert.equal(made.status, 200);
      assert.deepEqual(await host.listing.revisions?.(acme, 'acme/tiny', SIGNAL), [
        { name: 'main', kind: 'branch', commit: main[0]?.commit },
        { name: 'v1/beta', kind: 'tag', commit: old },
      ]);
      assert.deepEqual(
        (await commits('v1/beta')).map(({ commit }) => commit),
        main.slice(3).map(({ commit }) => commit),
      );
      await assert.rejects(commits('gone'), failing('notFound'));
    });

    for (const lacking of ['404', '405', '501', 'page'] as const) {
      it(`are the one that a revision leads to where the server has no history and says ${lacking}`, async () => {
        const options = { lacks: ['commits', 'refs'], lacking } as const;
        const { host } = await opened({ 'acme/tiny': 2 }, { options, as: 'nobody' });
        const acme = await namespace(host);
        const { items, next } = await host.listing.versions(acme, 'acme/tiny', {}, SIGNAL);
        assert.equal(items.length, 1);
        assert.equal(next, undefined);
        assert.equal(items[0]?.commit, (await modelOf(host, 'acme/tiny')).newest?.commit);
        assert.deepEqual(await host.listing.revisions?.(acme, 'acme/tiny', SIGNAL), []);
        await assert.rejects(host.listing.versions(acme, 'acme/missing', {}, SIGNAL), failing('notFound'));
      });
    }

    it('of a gated model are for those who are let in; others are told where to ask', async () => {
      const { hub, host: nobody } = await opened({ 'acme/gated': 1 }, { as: 'nobody' });
      const guest = hub.addToken({ role: { kind: 'read' }, organizations: {} });
      hub.setAccess('acme/gated', { gated: 'manual', letIn: [guest] });
      const stranger = hub.addToken({ role: { kind: 'read' }, organizations: {} });
      const service = serviceAt(hub.url);
      const acme = await namespace(nobody);
      for (const host of [nobody, await openWith(service, client(), stranger)]) {
        await assert.rejects(host.listing.versions(acme, 'acme/gated', {}, SIGNAL), (error) => {
          assert.ok(failing('forbidden', /gated/)(error));
          assert.ok(
            error instanceof Failure && error.message.includes(`${hub.url}/acme/gated,`),
            String(error),
          );
          return true;
        });
      }
      const host = await openWith(service, client(), guest);
      assert.equal((await host.listing.versions(acme, 'acme/gated', {}, SIGNAL)).items.length, 1);
    });
  });

  describe('what a server answers', () => {
    const json = (response: http.ServerResponse, value: unknown, headers: http.OutgoingHttpHeaders = {}) =>
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));

    it('leads from page to page below its own address only', async () => {
      const links: [string, 'followed' | 'refused'][] = [
        ['/prefix/api/models?cursor=2', 'followed'],
        ['?cursor=2', 'followed'],
        ['/api/models?cursor=2', 'refused'],
        ['/prefix/../api/models', 'refused'],
        ['//other.example/prefix/api/models', 'refused'],
        ['https://hub.example/prefix/api/models', 'refused'],
      ];
      for (const [link, outcome] of links) {
        const asked: (string | undefined)[] = [];
        const server = await serve((request, response) => {
          asked.push(request.url);
          const isFirst = request.url?.includes('cursor=') === false;
          json(response, [], isFirst ? { link: `<${link}>; rel="next"` } : {});
        });
        const host = openForNobody(serviceAt(`${server.url.origin}/prefix`), client());
        if (outcome === 'followed') {
          await modelsOf(host);
          assert.equal(asked.length, 2, link);
        } else {
          await assert.rejects(modelsOf(host), failing('protocol', /modelRegistries\.hubs/), link);
          assert.equal(asked.length, 1, link);
        }
      }
    });

    it('ends some time, also where its pages lead in a circle', async () => {
      const server = await serve((request, response) => {
        const page = Number(/p=(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
        json(response, [{ id: 'a'.repeat(40) }], { link: `<?p=${String((page + 1) % 3)}>; rel="next"` });
      });
      const host = openForNobody(serviceAt(server.url.href), client());
      const acme = await namespace(host);
      const versions = allPages((cursor) =>
        host.listing.versions(acme, 'acme/x', cursor === undefined ? {} : { cursor }, SIGNAL),
      );
      await assert.rejects(versions, failing('protocol', /never ends/));
    });

    it('is not taken from where a redirect leads elsewhere', async () => {
      const stranger = await serve((_request, response) => json(response, [{ id: 'acme/evil' }]));
      const server = await serve((_request, response) => {
        response.writeHead(307, { location: `${stranger.url.origin}/api/models` }).end();
      });
      const host = openForNobody(serviceAt(server.url.href), client());
      await assert.rejects(modelsOf(host), failing('protocol', /leads elsewhere/));
    });

    it('may tell little or too much of models, commits and branches', async () => {
      const server = await serve((request, response) => {
        if (request.url?.includes('/commits/') === true) {
          json(response, [
            { id: 'B'.repeat(40), date: 'x' },
            { id: '' },
            { title: 'x' },
            null,
            { id: 'v1.2' },
          ]);
        } else if (request.url?.includes('/refs') === true) {
          const branches = [{ name: 'main' }, { name: 7 }, null, { name: 'b', targetCommit: '*'.repeat(40) }];
          json(response, { branches, tags: 'none' });
        } else {
          json(response, [
            { id: 'acme/../evil' },
            { id: 'acme/a/b' },
            { id: '..' },
            { id: 'acme/x?y' },
            {
              modelId: 'acme/by-alias',
              sha: '*'.repeat(40),
              gated: 'manual',
              last_modified: '2026-01-01T00:00:00Z',
            },
            { id: 'acme/tiny', sha: null, private: true, gated: null },
          ]);
        }
      });
      const host = openForNobody(serviceAt(server.url.href), client());
      const acme = await namespace(host);
      const [alias, tiny, ...others] = await modelsOf(host);
      assert.deepEqual(others, []);
      assert.deepEqual([alias?.model, alias?.access], ['acme/by-alias', 'gated']);
      assert.equal(alias?.newest, undefined);
      assert.deepEqual(tiny, { model: 'acme/tiny', newest: undefined, access: 'private' });
      const { items } = await host.listing.versions(acme, 'acme/tiny', {}, SIGNAL);
      assert.deepEqual(
        items.map(({ commit, createdAt }) => [commit, createdAt]),
        [
          ['b'.repeat(40), undefined],
          ['v1.2', undefined],
        ],
      );
      assert.deepEqual(await host.listing.revisions?.(acme, 'acme/tiny', SIGNAL), [
        { name: 'main', kind: 'branch', commit: undefined },
        { name: 'b', kind: 'branch', commit: undefined },
      ]);
    });

    it('tells how many more questions it takes: browsing leaves the last ones alone', async () => {
      let asked = 0;
      const server = await serve((_request, response) => {
        asked += 1;
        json(response, [], {
          ratelimit: '"api";r=3;t=55',
          'ratelimit-policy': '"fixed window";"api";q=500;w=300',
        });
      });
      const host = openForNobody(serviceAt(server.url.href), client());
      await modelsOf(host);
      await assert.rejects(modelsOf(host), (error) => {
        assert.ok(failing('rateLimit', /seconds/)(error));
        assert.ok(error instanceof Failure && error.retryAt instanceof Date);
        return true;
      });
      assert.equal(asked, 1);
    });
  });
});
