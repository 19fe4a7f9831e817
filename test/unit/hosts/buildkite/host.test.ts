import assert from 'node:assert/strict';
import { allPages } from '../../../../src/core/hosts/page.ts';
import { failing, useHosts } from './hosts.ts';

const SIGNAL = new AbortController().signal;

describe('Buildkite as a registry host', () => {
  const { start, hostOf, serve } = useHosts();

  /** A server that answers each path with that JSON, and a host for it. */
  async function answering(
    answers: (origin: string) => Record<string, unknown>,
    headers: (origin: string) => Record<string, string> = () => ({}),
  ) {
    const requests: string[] = [];
    const { host, server } = await serve((request, response) => {
      requests.push(`${request.headers.host} ${request.url} ${request.headers.authorization}`);
      const known = answers(server.url.origin);
      const answer = known[request.url ?? ''] ?? known[request.url?.split('?')[0] ?? ''];
      response.writeHead(answer === undefined ? 404 : 200, headers(server.url.origin));
      response.end(JSON.stringify(answer ?? { message: 'Not found' }));
    });
    return { host, requests, origin: server.url.origin };
  }

  describe('organizations', () => {
    it('are those the token was granted, be it none, one or many pages of them', async () => {
      const registry = await start();
      for (let n = 0; n < 150; n += 1) registry.addOrganization(`org-${n}`, `Organization ${n}`);
      const scopes = ['read_organizations'];
      const none = hostOf(registry, registry.addToken({ scopes, organizations: [] }));
      assert.deepEqual(await allPages((cursor) => none.listing.organizations(cursor, SIGNAL)), []);

      const one = hostOf(registry, registry.addToken({ scopes, organizations: [registry.organization] }));
      const [acme] = await allPages((cursor) => one.listing.organizations(cursor, SIGNAL));
      assert.equal(acme?.slug, registry.organization);
      assert.equal(acme.name, 'Acme');
      assert.equal(acme.webUrl?.href, `${registry.webUrl}/${registry.organization}`);

      const many = hostOf(registry, registry.token);
      const slugs = (await allPages((cursor) => many.listing.organizations(cursor, SIGNAL))).map(
        ({ slug }) => slug,
      );
      assert.equal(new Set(slugs).size, 151);
      assert.equal(slugs.length, 151);
      const asked = registry.requests.filter(({ path }) => path.startsWith('/v2/organizations'));
      assert.equal(asked.length, 4);
    });

    it('need their scope', async () => {
      const registry = await start();
      const host = hostOf(registry, registry.addToken({ scopes: ['read_packages'] }));
      await assert.rejects(
        host.listing.organizations(undefined, SIGNAL),
        failing('forbidden', /read_organizations/),
      );
    });

    it('need a token that the server knows', async () => {
      const registry = await start();
      await assert.rejects(
        hostOf(registry, 'bkua_unknown').listing.organizations(undefined, SIGNAL),
        failing('auth', /Sign in/),
      );
    });
  });

  describe('registries', () => {
    it('tell which of them hold models', async () => {
      const registry = await start();
      registry.addRegistry(registry.organization, 'Gems', 'ruby');
      const host = hostOf(registry, registry.token);
      const { items, next } = await host.listing.registries(registry.organization, undefined, SIGNAL);
      assert.equal(next, undefined);
      assert.deepEqual(
        items.map(({ slug, name, ecosystem, holdsModels }) => ({ slug, name, ecosystem, holdsModels })),
        [
          { slug: 'models', name: 'models', ecosystem: 'huggingface', holdsModels: true },
          { slug: 'gems', name: 'Gems', ecosystem: 'ruby', holdsModels: false },
        ],
      );
      const [models] = items;
      assert.deepEqual(models, await host.listing.registry(registry.organization, 'models', SIGNAL));
      assert.equal(models.webUrl?.href, `${registry.webUrl}/organizations/acme/packages/registries/models`);
    });

    it('are named in what goes wrong', async () => {
      const registry = await start();
      const host = hostOf(registry, registry.token);
      await assert.rejects(host.listing.registry('acme', 'gone', SIGNAL), failing('notFound', /acme\/gone/));
      await assert.rejects(
        host.listing.registries('nobody', undefined, SIGNAL),
        failing('notFound', /nobody/),
      );
      await assert.rejects(host.listing.registry('..', '..', SIGNAL), failing('notFound'));
    });

    it('are asked for by names that cannot leave their place in the address', async () => {
      const { host, requests } = await answering(() => ({}));
      await assert.rejects(host.listing.registry('a/../../b', 'c?d#e', SIGNAL), failing('notFound'));
      assert.match(
        requests[0] ?? '',
        / \/v2\/packages\/organizations\/a%2F\.\.%2F\.\.%2Fb\/registries\/c%3Fd%23e /,
      );
    });

    it('may lack everything but what names them', async () => {
      const list = '/v2/packages/organizations/acme/registries';
      const { host, origin } = await answering(() => ({
        [list]: [
          {
            id: '1',
            slug: 'my_models',
            name: null,
            ecosystem: 'Hugging Face',
            description: null,
            web_url: 'https://evil.test/x',
            more: 1,
          },
          { id: '2', slug: 'two', name: 'T\u202ewo', public: 'odd' },
        ],
      }));
      const [one, two] = (await host.listing.registries('acme', undefined, SIGNAL)).items;
      assert.deepEqual(
        { ...one, webUrl: one?.webUrl?.href },
        {
          id: '1',
          organization: 'acme',
          slug: 'my_models',
          name: 'my_models',
          ecosystem: 'Hugging Face',
          holdsModels: true,
          description: undefined,
          emoji: undefined,
          public: undefined,
          webUrl: `${origin}/web/organizations/acme/packages/registries/my_models`,
        },
      );
      assert.deepEqual(
        [two?.name, two?.ecosystem, two?.public, two?.holdsModels],
        ['Two', '', undefined, false],
      );
    });

    it('of an unknown shape are not guessed at', async () => {
      const { host } = await answering(() => ({
        '/v2/packages/organizations/acme/registries': [{ id: '1', slug: '../x' }],
      }));
      await assert.rejects(
        host.listing.registries('acme', undefined, SIGNAL),
        failing('protocol', /0\.slug/),
      );
    });

    it('lead to a Hub endpoint', async () => {
      const registry = await start();
      const host = hostOf(registry, registry.token);
      const hub = host.hub(await host.listing.registry('acme', 'models', SIGNAL));
      assert.equal(hub.endpoint.href, `${registry.packagesUrl}/acme/models/huggingface`);
      assert.deepEqual([hub.createFirst, hub.revision, hub.modelIdSegments], [true, 'main', 2]);
      assert.equal(hub.token.authorizationFor(hub.endpoint), `Bearer ${registry.token}`);
      assert.equal(hub.token.authorizationFor(new URL('https://packages.example.test')), undefined);
    });
  });

  describe('model versions', () => {
    for (const packageNames of ['model', 'modelAndSha'] as const) {
      it(`are listed newest first and by model where a package is called by its ${packageNames}`, async () => {
        const registry = await start({ packageNames });
        const add = (model: string, text: string) =>
          registry.addModelVersion(registry.organization, registry.registry, model, { 'README.md': text });
        const commits = [
          await add('acme/bert', '1'),
          await add('acme/bert-large', '2'),
          await add('acme/bert', '3'),
        ];
        const host = hostOf(registry, registry.token);
        const models = await host.listing.registry(registry.organization, registry.registry, SIGNAL);

        const everything = await allPages((cursor) => host.listing.models(models, { cursor }, SIGNAL));
        assert.deepEqual(
          everything.map(({ model, newest }) => [model, newest?.commit]),
          [
            ['acme/bert', commits[2]],
            ['acme/bert-large', commits[1]],
            ['acme/bert', commits[0]],
          ],
        );
        const newest = everything[0]?.newest;
        assert.ok(newest?.createdAt instanceof Date);
        assert.equal(newest.registry, models);
        assert.ok(newest.webUrl?.href.startsWith(`${registry.webUrl}/organizations/acme/`));

        const bert = await allPages((cursor) =>
          host.listing.versions(models, 'acme/bert', { cursor }, SIGNAL),
        );
        assert.deepEqual(
          bert.map(({ commit }) => commit),
          [commits[2], commits[0]],
        );
        assert.deepEqual((await host.listing.versions(models, 'acme/gone', {}, SIGNAL)).items, []);
      });
    }

    it('are found where the server compares whole names, which end with the SHA', async () => {
      const path = '/v2/packages/organizations/acme/registries/models';
      const sha = '0123456789abcdef0123456789abcdef01234567';
      const { host } = await answering(() => ({
        [path]: { id: '1', slug: 'models' },
        [`${path}/packages?per_page=100&name=acme%2Fbert`]: { items: [], links: {} },
        [`${path}/packages`]: {
          items: [
            { id: '1', name: `acme/bert-${sha}` },
            { id: '2', name: `acme/other-${sha}` },
          ],
        },
      }));
      const models = await host.listing.registry('acme', 'models', SIGNAL);
      const { items } = await host.listing.versions(models, 'acme/bert', {}, SIGNAL);
      assert.deepEqual(
        items.map(({ id, model, commit, createdAt }) => ({ id, model, commit, createdAt })),
        [{ id: '1', model: 'acme/bert', commit: sha, createdAt: undefined }],
      );
    });

    it('come in pages without gaps or repetitions', async () => {
      const registry = await start();
      const commits: string[] = [];
      for (let n = 0; n < 5; n += 1) {
        commits.unshift(
          await registry.addModelVersion(registry.organization, registry.registry, 'acme/bert', {
            a: String(n),
          }),
        );
      }
      const host = hostOf(registry, registry.token, { pageSize: 2 });
      const models = await host.listing.registry(registry.organization, registry.registry, SIGNAL);
      const listed = await allPages((cursor) =>
        host.listing.versions(models, 'acme/bert', { cursor }, SIGNAL),
      );
      assert.deepEqual(
        listed.map(({ commit }) => commit),
        commits,
      );
    });
  });

  describe('the next page', () => {
    const packages = '/v2/packages/organizations/acme/registries/models/packages';
    const registryPath = '/v2/packages/organizations/acme/registries/models';
    const models = { id: '1', slug: 'models', name: 'models', ecosystem: 'huggingface' };
    const astray: [string, (origin: string) => string][] = [
      ['on another server', () => 'https://evil.test/v2/packages'],
      ['outside the API', (origin) => `${origin}/elsewhere`],
      ['outside the API by steps up', (origin) => `${origin}/v2/../elsewhere`],
      ['at a neighbour of the API', (origin) => `${origin}/v20/packages`],
      ['nowhere', () => 'http://['],
    ];
    for (const [where, next] of astray) {
      it(`${where} is not asked for, nor given the token`, async () => {
        const { host, requests } = await answering(
          (origin) => ({
            [registryPath]: models,
            [packages]: { items: [], links: { next: next(origin) } },
            '/v2/organizations': [],
          }),
          (origin) => ({ Link: `<${next(origin)}>; rel="next"` }),
        );
        const registry = await host.listing.registry('acme', 'models', SIGNAL);
        await assert.rejects(host.listing.models(registry, {}, SIGNAL), failing('protocol'));
        await assert.rejects(host.listing.organizations(undefined, SIGNAL), failing('protocol'));
        assert.equal(requests.length, 3);
      });
    }

    it('that was there before ends the list with a failure', async () => {
      let page = 0;
      const { host, requests } = await answering((origin) => ({
        [registryPath]: models,
        [packages]: { items: [], links: { next: `${origin}${packages}?after=${(page += 1) % 3}` } },
      }));
      const registry = await host.listing.registry('acme', 'models', SIGNAL);
      await assert.rejects(
        allPages((cursor) => host.listing.models(registry, { cursor }, SIGNAL)),
        failing('protocol', /never ends/),
      );
      assert.ok(requests.length < 7, String(requests.length));
    });
  });
});
