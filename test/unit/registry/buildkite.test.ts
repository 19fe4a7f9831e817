import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegistryOptions, RunningRegistry, Scope } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';
import { until } from '../../setup/until.ts';

type Json = Record<string, unknown>;

const readScopes: readonly Scope[] = [
  'read_organizations',
  'read_packages',
  'read_registries',
  'read_teams',
  'read_user',
];

describe("local registry: Buildkite's REST API", () => {
  const cleanups: (() => Promise<void>)[] = [];

  async function start(options: Partial<RegistryOptions> = {}): Promise<RunningRegistry> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'registry-buildkite-')));
    const registry = await startRegistry({
      rateLimit: { organization: 10_000, user: 10_000 },
      ...options,
      dataDir,
    });
    cleanups.push(async () => {
      await registry.stop();
      await rm(dataDir, { recursive: true, force: true });
    });
    return registry;
  }

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  interface Answer<Body> {
    readonly status: number;
    readonly headers: Headers;
    readonly body: Body;
  }

  async function call<Body = Json>(
    registry: RunningRegistry,
    path: string,
    {
      token = registry.token,
      method = 'GET',
      body,
    }: { token?: string; method?: string; body?: unknown } = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(path.startsWith('http') ? path : `${registry.apiUrl}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as Body,
    };
  }

  function registriesPath(registry: RunningRegistry): string {
    return `/packages/organizations/${registry.organization}/registries`;
  }

  function packagesPath(registry: RunningRegistry): string {
    return `${registriesPath(registry)}/${registry.registry}/packages`;
  }

  describe('access token', () => {
    it('tells its scopes, dates and user, whatever its scopes are', async () => {
      const registry = await start();
      const token = registry.addToken({
        scopes: ['read_builds'],
        expiresAt: new Date('2199-07-23T06:07:42.123Z'),
        user: { name: 'Ada', email: 'ada@example.com' },
      });
      const { status, body } = await call(registry, '/access-token', { token });
      assert.equal(status, 200);
      assert.deepEqual(body.scopes, ['read_builds']);
      assert.deepEqual(body.user, { email: 'ada@example.com', name: 'Ada' });
      assert.equal(body.expires_at, '2199-07-23 06:07:42 UTC');
      assert.match(String(body.created_at), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
      assert.match(String(body.uuid), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    });

    it('is worth nothing once it was revoked through the API', async () => {
      const registry = await start();
      const token = registry.addToken({ scopes: readScopes });
      const revoked = await call(registry, '/access-token', { token, method: 'DELETE' });
      assert.equal(revoked.status, 204);
      assert.equal(revoked.body, undefined);
      assert.equal((await call(registry, '/access-token', { token })).status, 401);
    });

    it('is refused when missing, unknown or expired', async () => {
      const registry = await start();
      const expired = registry.addToken({ scopes: readScopes, expiresAt: new Date(0) });
      const anonymous = await fetch(`${registry.apiUrl}/access-token`);
      assert.equal(anonymous.status, 401);
      for (const token of ['bkua_nobody', expired]) {
        const { status, body } = await call(registry, '/access-token', { token });
        assert.equal(status, 401);
        assert.match(String(body.message), /^Authentication required\./);
      }
    });
  });

  it('answers 403 and names the scope a token lacks', async () => {
    const registry = await start();
    const token = registry.addToken({ scopes: ['read_builds'] });
    const base = `${registriesPath(registry)}/${registry.registry}`;
    for (const [method, path, scope] of [
      ['GET', '/user', 'read_user'],
      ['GET', '/organizations', 'read_organizations'],
      ['GET', `/organizations/${registry.organization}/teams`, 'read_teams'],
      ['GET', registriesPath(registry), 'read_registries'],
      ['POST', registriesPath(registry), 'write_registries'],
      ['PUT', base, 'write_registries'],
      ['DELETE', base, 'delete_registries'],
      ['GET', `${base}/packages`, 'read_packages'],
      ['DELETE', `${base}/packages/1`, 'delete_packages'],
    ] as const) {
      const { status, body } = await call(registry, path, { token, method });
      assert.equal(status, 403, `${method} ${path}`);
      assert.ok(String(body.message).includes(scope));
    }
  });

  it('answers 404 for what is not there, not granted or not a route', async () => {
    const registry = await start();
    registry.addOrganization('elsewhere');
    const confined = registry.addToken({ scopes: readScopes, organizations: [registry.organization] });
    for (const path of [
      '/organizations/elsewhere',
      '/organizations/nobody',
      '/packages/organizations/elsewhere/registries',
      `${registriesPath(registry)}/nothing`,
      `${packagesPath(registry)}/nothing`,
      '/no/such/route',
    ]) {
      const { status, body } = await call(registry, path, { token: confined });
      assert.equal(status, 404, path);
      assert.equal(typeof body.message, 'string');
    }
  });

  it('tells the user', async () => {
    const registry = await start();
    const token = registry.addToken({
      scopes: ['read_user'],
      user: { name: 'Ada', email: 'ada@example.com' },
    });
    const { body } = await call(registry, '/user', { token });
    assert.equal(body.name, 'Ada');
    assert.equal(body.email, 'ada@example.com');
    assert.deepEqual(
      Object.keys(body).sort(),
      ['avatar_url', 'created_at', 'email', 'graphql_id', 'id', 'name'].sort(),
    );
  });

  describe('organizations', () => {
    it('come in pages joined by Link headers', async () => {
      const registry = await start();
      for (let index = 0; index < 6; index++) registry.addOrganization(`org-${index}`);
      const slugs: unknown[] = [];
      let next: string | undefined = '/organizations?per_page=3';
      let pages = 0;
      while (next !== undefined) {
        const { body, headers }: Answer<Json[]> = await call<Json[]>(registry, next);
        slugs.push(...body.map(({ slug }) => slug));
        next = /<([^>]+)>; rel="next"/.exec(headers.get('Link') ?? '')?.[1];
        pages += 1;
      }
      assert.equal(pages, 3);
      assert.deepEqual(slugs, [registry.organization, ...[0, 1, 2, 3, 4, 5].map((n) => `org-${n}`)]);
    });

    it('never fill a page with more than 100', async () => {
      const registry = await start();
      for (let index = 0; index < 101; index++) registry.addOrganization(`org-${index}`);
      const { body } = await call<Json[]>(registry, '/organizations?per_page=500');
      assert.equal(body.length, 100);
      assert.equal((await call<Json[]>(registry, '/organizations')).body.length, 30);
    });

    it('are only those the token was granted', async () => {
      const registry = await start();
      registry.addOrganization('elsewhere');
      const token = registry.addToken({ scopes: readScopes, organizations: ['elsewhere'] });
      const { body } = await call<Json[]>(registry, '/organizations', { token });
      assert.deepEqual(
        body.map(({ slug }) => slug),
        ['elsewhere'],
      );
      assert.equal((await call(registry, '/organizations/elsewhere', { token })).body.slug, 'elsewhere');
    });

    it('have a team that a new registry can be given to', async () => {
      const registry = await start();
      const teams = await call<Json[]>(registry, `/organizations/${registry.organization}/teams`);
      const team = teams.body[0]?.id;
      const { status, body } = await call(registry, registriesPath(registry), {
        method: 'POST',
        body: { name: 'Owned', ecosystem: 'huggingface', team_ids: [team] },
      });
      assert.equal(status, 200);
      assert.deepEqual(body.team_ids, [team]);
    });
  });

  describe('organizations with teams', () => {
    it('take a new registry only with one of them', async () => {
      const registry = await start();
      registry.addOrganization('lab', 'Lab', ['Vision']);
      const path = '/packages/organizations/lab/registries';
      for (const team_ids of [undefined, [], ['nobody']]) {
        const body = { name: 'Owned', ecosystem: 'huggingface', team_ids };
        const refused = await call(registry, path, { method: 'POST', body });
        assert.equal(refused.status, 422);
        assert.match(String(refused.body.errors), /Team ids/);
      }
      const teams = (await call<Json[]>(registry, '/organizations/lab/teams')).body;
      assert.deepEqual(
        teams.map(({ slug }) => slug),
        ['everyone', 'vision'],
      );
      const body = { name: 'Owned', ecosystem: 'huggingface', team_ids: [teams[1]?.id] };
      assert.equal((await call(registry, path, { method: 'POST', body })).status, 200);
    });
  });

  it('lists emoji whose pictures are there', async () => {
    const registry = await start();
    const token = registry.addToken({ scopes: [] });
    const emojis = await call<Json[]>(registry, `/organizations/${registry.organization}/emojis`, { token });
    const known = emojis.body.find(({ name }) => name === 'hugging_face');
    const picture = await fetch(String(known?.url));
    assert.deepEqual([picture.status, picture.headers.get('content-type')], [200, 'image/png']);
  });

  it('tells how much of its limit an organization has used', async () => {
    const registry = await start({ rateLimit: { organization: 100, user: 50 } });
    const path = `/organizations/${registry.organization}/rate_limit`;
    await call(registry, path);
    const { scopes } = (await call<{ scopes: { rest: Json } }>(registry, path)).body;
    assert.deepEqual([scopes.rest.limit, scopes.rest.current, scopes.rest.enforced], [100, 2, true]);
  });

  describe('registries', () => {
    it('can be created, read, listed, changed and deleted', async () => {
      const registry = await start();
      const created = await call(registry, registriesPath(registry), {
        method: 'POST',
        body: { name: 'Vision Models', ecosystem: 'huggingface', description: 'Eyes' },
      });
      assert.equal(created.status, 200);
      assert.equal(created.body.slug, 'vision-models');
      assert.equal(created.body.ecosystem, 'huggingface');
      assert.equal(created.body.public, false);
      const url = String(created.body.url);
      assert.equal(url, `${registry.apiUrl}${registriesPath(registry)}/vision-models`);
      assert.deepEqual((await call(registry, url)).body, created.body);

      const list = await call<Json[]>(registry, registriesPath(registry));
      assert.deepEqual(
        list.body.map(({ slug }) => slug),
        [registry.registry, 'vision-models'],
      );

      for (const method of ['PUT', 'PATCH', 'POST']) {
        const changed = await call(registry, url, {
          method,
          body: { description: method, color: '#f0ccff' },
        });
        assert.equal(changed.status, 200, method);
        assert.equal(changed.body.description, method);
        assert.equal(changed.body.name, 'Vision Models');
      }
      assert.equal((await call(registry, url)).body.color, '#f0ccff');

      assert.equal((await call(registry, url, { method: 'DELETE' })).status, 200);
      assert.equal((await call(registry, url)).status, 404);
    });

    it('move to a new slug when renamed', async () => {
      const registry = await start();
      const { slug } = registry.addRegistry(registry.organization, 'Old name', 'huggingface');
      const renamed = await call(registry, `${registriesPath(registry)}/${slug}`, {
        method: 'PATCH',
        body: { name: 'New name' },
      });
      assert.equal(renamed.body.slug, 'new-name');
      assert.equal((await call(registry, `${registriesPath(registry)}/${slug}`)).status, 404);
    });

    it('keep an OIDC policy as YAML, however it was given, and clear it', async () => {
      const registry = await start();
      const path = `${registriesPath(registry)}/${registry.registry}`;
      const statements = [{ iss: 'https://agent.buildkite.com', scopes: ['read_packages'], claims: {} }];
      const given = await call(registry, path, { method: 'PUT', body: { oidc_policy: statements } });
      assert.match(String(given.body.oidc_policy), /^- iss: https:\/\/agent\.buildkite\.com\n/);
      const again = await call(registry, path, {
        method: 'PUT',
        body: { oidc_policy: given.body.oidc_policy },
      });
      assert.equal(again.body.oidc_policy, given.body.oidc_policy);
      const cleared = await call(registry, path, { method: 'PUT', body: { oidc_policy: null } });
      assert.equal(cleared.body.oidc_policy, null);
    });

    it('are refused with 422 and reasons when they break the rules', async () => {
      const registry = await start();
      registry.addRegistry(registry.organization, 'Taken', 'python');
      for (const [body, reason] of [
        [{}, /Name can't be blank/],
        [{ name: 'x' }, /Ecosystem can't be blank/],
        [{ name: 'x', ecosystem: 'nonsense' }, /Ecosystem/],
        [{ name: '  ', ecosystem: 'huggingface' }, /Name/],
        [{ name: '!!', ecosystem: 'huggingface' }, /Name/],
        [{ name: 'taken', ecosystem: 'huggingface' }, /already been taken/],
        [{ name: 'x', ecosystem: 'huggingface', team_ids: ['nobody'] }, /Team/],
        [{ name: 'x', ecosystem: 'huggingface', oidc_policy: 'a: [' }, /OIDC/],
        [[], /Name/],
      ] as const) {
        const answer = await call(registry, registriesPath(registry), { method: 'POST', body });
        assert.equal(answer.status, 422, JSON.stringify(body));
        assert.equal(answer.body.message, 'Validation Failed');
        assert.match(JSON.stringify(answer.body.errors), reason);
      }
      const broken = await call(registry, registriesPath(registry), { method: 'POST', body: '{' });
      assert.equal(broken.status, 400);
      assert.equal(typeof broken.body.message, 'string');
    });
  });

  describe('packages', () => {
    interface Page {
      readonly items: readonly Json[];
      readonly links: Readonly<Record<'self' | 'first' | 'prev' | 'next', string | undefined>>;
    }

    async function publish(registry: RunningRegistry, model: string, content: string): Promise<string> {
      return registry.addModelVersion(registry.organization, registry.registry, model, {
        'config.json': content,
      });
    }

    it('are the versions of models, newest first, each with its commit', async () => {
      const registry = await start();
      const first = await publish(registry, 'acme/small', '1');
      const second = await publish(registry, 'acme/small', '2');
      const { body } = await call<Page>(registry, packagesPath(registry));
      assert.deepEqual(
        body.items.map(({ name, version }) => [name, version]),
        [
          ['acme/small', second],
          ['acme/small', first],
        ],
      );
      assert.deepEqual(body.links, { self: `${registry.apiUrl}${packagesPath(registry)}` });
      const item = body.items[0];
      assert.match(String(item?.created_at), /^\d{4}-\d\d-\d\dT.*Z$/);
      assert.deepEqual(Object.keys(item?.digests as Json), ['sha256', 'sha512']);
    });

    it('can be read one by one, with their organization and registry', async () => {
      const registry = await start();
      await publish(registry, 'acme/small', '1');
      const { body } = await call<Page>(registry, packagesPath(registry));
      const one = await call(registry, String(body.items[0]?.url));
      assert.equal(one.body.id, body.items[0]?.id);
      assert.equal(one.body.name, 'acme/small');
      assert.equal((one.body.organization as Json).slug, registry.organization);
      assert.equal((one.body.registry as Json).slug, registry.registry);
    });

    it('can be deleted', async () => {
      const registry = await start();
      await publish(registry, 'acme/small', '1');
      const { body } = await call<Page>(registry, packagesPath(registry));
      const url = String(body.items[0]?.url);
      assert.equal((await call(registry, url, { method: 'DELETE' })).status, 200);
      assert.equal((await call(registry, url, { method: 'DELETE' })).status, 404);
      assert.deepEqual((await call<Page>(registry, packagesPath(registry))).body.items, []);
    });

    it('are walked forth and back by absolute links', async () => {
      const registry = await start();
      for (let index = 0; index < 5; index++) await publish(registry, `acme/model-${index}`, 'x');
      const page = async (url: string) => (await call<Page>(registry, url)).body;
      const names = ({ items }: Page) => items.map(({ name }) => String(name).at(-1)).join('');

      const one = await page(`${packagesPath(registry)}?per_page=2`);
      assert.equal(names(one), '43');
      assert.equal(one.links.prev, undefined);
      assert.equal(one.links.first, undefined);
      const next = one.links.next ?? '';
      assert.ok(next.startsWith(registry.apiUrl));
      const two = await page(next);
      assert.equal(names(two), '21');
      const three = await page(two.links.next ?? '');
      assert.equal(names(three), '0');
      assert.equal(three.links.next, undefined);
      assert.equal(names(await page(three.links.prev ?? '')), '21');
      assert.equal(names(await page(three.links.first ?? '')), '43');
    });

    it('are neither repeated nor missed when others come and go between two pages', async () => {
      const registry = await start();
      for (let index = 0; index < 4; index++) await publish(registry, `acme/model-${index}`, 'x');
      const one = await call<Page>(registry, `${packagesPath(registry)}?per_page=2`);
      await publish(registry, 'acme/model-new', 'x');
      await call(registry, String(one.body.items[1]?.url), { method: 'DELETE' });
      const two = await call<Page>(registry, one.body.links.next ?? '');
      assert.deepEqual(
        two.body.items.map(({ name }) => name),
        ['acme/model-1', 'acme/model-0'],
      );
    });

    it('are filtered by a part of the name, also in the links', async () => {
      const registry = await start();
      for (const model of ['acme/tiny', 'acme/tiny-chat', 'other/large', 'other/tiny']) {
        await publish(registry, model, 'x');
      }
      const one = await call<Page>(registry, `${packagesPath(registry)}?name=tiny&per_page=2`);
      assert.deepEqual(
        one.body.items.map(({ name }) => name),
        ['other/tiny', 'acme/tiny-chat'],
      );
      const two = await call<Page>(registry, one.body.links.next ?? '');
      assert.deepEqual(
        two.body.items.map(({ name }) => name),
        ['acme/tiny'],
      );
      assert.equal(two.body.links.next, undefined);
    });

    it('carry the commit in their name instead of a version where that is chosen', async () => {
      const registry = await start({ packageNames: 'modelAndSha' });
      const sha = await publish(registry, 'acme/small', '1');
      const { body } = await call<Page>(registry, packagesPath(registry));
      assert.equal(body.items[0]?.name, `acme/small-${sha}`);
      assert.equal(body.items[0].version, undefined);
    });
  });

  describe('pipelines and builds', () => {
    const pipelinesPath = '/organizations/acme/pipelines';
    const body = { commit: 'HEAD', branch: 'main', env: { MODEL_ID: 'acme/bert' }, meta_data: { n: 1 } };

    it('list pipelines by name, in pages joined by Link headers that keep the filter', async () => {
      const registry = await start();
      for (const name of ['Train A', 'Train B', 'Deploy']) {
        registry.addPipeline('acme', { name, repository: 'git@github.com:acme/bert.git' });
      }
      const first = await call<Json[]>(registry, `${pipelinesPath}?name=TRAIN&per_page=1`);
      assert.deepEqual(
        first.body.map(({ slug }) => slug),
        ['train-a'],
      );
      const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
      const second = await call<Json[]>(registry, next);
      assert.deepEqual(
        second.body.map(({ slug }) => slug),
        ['train-b'],
      );
      assert(!second.headers.get('link')?.includes('rel="next"'));
    });

    it('create builds with numbers of their own, read them by number, and leave out what is not wanted', async () => {
      const registry = await start();
      registry.addPipeline('acme', { name: 'Train', repository: 'git@github.com:acme/bert.git' });
      const path = `${pipelinesPath}/train/builds`;
      const created = await call(registry, path, { method: 'POST', body });
      assert.equal(created.status, 201);
      assert.deepEqual(
        [created.body.number, created.body.state, created.body.blocked, created.body.meta_data],
        [1, 'scheduled', false, { n: '1' }],
      );
      assert.equal((await call(registry, path, { method: 'POST', body })).body.number, 2);
      const whole = (await call(registry, `${path}/1`)).body;
      assert('jobs' in whole && 'pipeline' in whole);
      const short = (await call(registry, `${path}/1?exclude_jobs=true&exclude_pipeline=true`)).body;
      assert(!('jobs' in short) && !('pipeline' in short));
      assert.equal((await call(registry, `${path}/${String(whole.id)}`)).status, 404);
      assert.equal((await fetch(String(whole.web_url))).status, 200);
    });

    it('tell the settings of their provider, without which the Go client reads none', async () => {
      const registry = await start();
      for (const [name, repository] of [
        ['A', 'git@github.com:acme/bert.git'],
        ['B', 'https://github.com/acme/bert'],
        ['C', 'bert'],
      ] as const) {
        registry.addPipeline('acme', { name, repository });
      }
      const { body: pipelines } = await call<{ provider: { id: string; settings: Json } }[]>(
        registry,
        pipelinesPath,
      );
      assert.deepEqual(
        pipelines.map(({ provider }) => [
          provider.id,
          provider.settings.repository,
          provider.settings.trigger_mode,
        ]),
        [
          ['github', 'acme/bert', 'code'],
          ['github', 'acme/bert', 'code'],
          ['github', 'bert', 'code'],
        ],
      );
    });

    it('take an author who is nobody, as the Go client sends one, for none', async () => {
      const registry = await start();
      registry.addPipeline('acme', { name: 'Train', repository: 'x' });
      const build = (author: unknown) =>
        call(registry, `${pipelinesPath}/train/builds`, { method: 'POST', body: { ...body, author } });
      const nobody = await build({});
      assert.deepEqual([nobody.status, nobody.body.author], [201, null]);
      const ada = { name: 'Ada', email: 'ada@example.com' };
      assert.deepEqual((await build(ada)).body.author, ada);
      for (const wrong of [{ name: 'Ada' }, { name: 1, email: 'x' }, 'Ada', []])
        assert.equal((await build(wrong)).status, 422, JSON.stringify(wrong));
    });

    it('refuse with 422 and reasons, and cancel only what waits or runs', async () => {
      const registry = await start();
      registry.addPipeline('acme', { name: 'Train', repository: 'x', branches: 'main !old/*' });
      registry.addPipeline('acme', { name: 'Old', repository: 'x', archived: true });
      const path = `${pipelinesPath}/train/builds`;
      const empty = await call(registry, path, { method: 'POST', body: {} });
      assert.deepEqual(
        [empty.status, empty.body],
        [422, { message: 'Validation Failed', errors: ["Commit can't be blank", "Branch can't be blank"] }],
      );
      const other = await call(registry, path, { method: 'POST', body: { ...body, branch: 'dev' } });
      assert.equal(other.status, 422);
      assert.match(String(other.body.message), /branch filter/);
      const archived = await call(registry, `${pipelinesPath}/old/builds`, { method: 'POST', body });
      assert.match(String(archived.body.message), /archived/);

      for (const [state, status] of [
        ['scheduled', 200],
        ['running', 200],
        ['failing', 200],
        ['passed', 422],
        ['canceling', 422],
        ['skipped', 422],
      ] as const) {
        const { number } = (await call(registry, path, { method: 'POST', body })).body;
        registry.builds.setState('acme', 'train', Number(number), state);
        const answer = await call(registry, `${path}/${String(number)}/cancel`, { method: 'PUT' });
        assert.equal(answer.status, status, state);
      }
    });

    it('keep builds when the registry starts again, and carry them out where it was told to', async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'registry-builds-'));
      const before = await startRegistry({ dataDir, buildStepMs: 1 });
      before.addPipeline('acme', { name: 'Train', repository: 'x' });
      await call(before, `${pipelinesPath}/train/builds`, { method: 'POST', body });
      await until(() => before.builds.of('acme', 'train')[0]?.state === 'passed', 'the build passed');
      await before.stop();
      const after = await start({ dataDir });
      assert.deepEqual(
        after.builds.of('acme', 'train').map(({ number, state }) => [number, state]),
        [[1, 'passed']],
      );
    });
  });

  describe('rate limit', () => {
    it('is told by every answer, for the organization and for the user', async () => {
      const registry = await start({ rateLimit: { organization: 7, user: 5 } });
      await call(registry, '/user');
      for (const [path, status] of [
        ['/user', 200],
        ['/no/such/route', 404],
      ] as const) {
        const answer = await call(registry, path);
        assert.equal(answer.status, status);
        assert.equal(answer.headers.get('RateLimit-Scope'), 'rest');
        assert.equal(answer.headers.get('RateLimit-Limit'), '7');
        assert.equal(answer.headers.get('RateLimit-User-Scope'), 'rest_user');
        assert.equal(answer.headers.get('RateLimit-User-Limit'), '5');
        assert.equal(answer.headers.get('RateLimit-User-Remaining'), status === 200 ? '3' : '2');
        assert.ok(Number(answer.headers.get('RateLimit-User-Reset')) <= 60);
      }
    });

    it('refuses more, and says which limit and how long to wait', async () => {
      const registry = await start({ rateLimit: { organization: 100, user: 2 } });
      await call(registry, '/user');
      await call(registry, '/user');
      const { status, headers, body } = await call(registry, '/user');
      assert.equal(status, 429);
      assert.equal(headers.get('RateLimit-User-Remaining'), '0');
      assert.equal(headers.get('RateLimit-User-Warning'), 'You have exceeded your API rate limit.');
      assert.equal(headers.get('RateLimit-Warning'), null);
      const { message, ...rest } = body;
      assert.match(String(message), /Please wait \d+ seconds before making more requests\./);
      assert.deepEqual(rest, {
        scope: 'rest_user',
        limit: 2,
        current: 3,
        reset: Number(headers.get('RateLimit-User-Reset')),
      });
    });

    it('of an organization is shared by its users, that of a user is not', async () => {
      const registry = await start({ rateLimit: { organization: 3, user: 2 } });
      const other = registry.addToken({
        scopes: readScopes,
        user: { name: 'Ada', email: 'ada@example.com' },
      });
      await call(registry, '/user');
      await call(registry, '/user');
      assert.equal((await call(registry, '/user', { token: other })).status, 200);
      const { status, body } = await call(registry, '/user', { token: other });
      assert.equal(status, 429);
      assert.equal(body.scope, 'rest');
    });
  });
});
