import assert from 'node:assert/strict';
import type { RunningRegistry } from '../../registry/registry.ts';
import { Cleanup, RawHub, file, outcome } from './rawHub.ts';

interface Refused {
  readonly message: string;
  readonly errors?: unknown;
}

interface TokenBody {
  readonly id: string;
  readonly graphql_id: string;
  readonly url: string;
  readonly description: string;
  readonly created_by: { readonly email: string };
  readonly organization: { readonly slug: string };
  readonly registry: { readonly slug: string; readonly url: string };
  token?: string;
}

describe("local registry: a registry's own tokens", () => {
  const cleanup = new Cleanup();
  let registry: RunningRegistry;
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await cleanup.folder();
    registry = await cleanup.registry({ dataDir });
  });
  afterEach(() => cleanup.run());

  async function call(
    path: string,
    {
      method = 'GET',
      body,
      token = registry.token,
      of = registry.registry,
    }: { method?: string; body?: object; token?: string; of?: string } = {},
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const url = `${registry.apiUrl}/packages/organizations/${registry.organization}/registries/${of}/tokens${path}`;
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  }

  const made = async (description = 'Usher') =>
    (await call('', { method: 'POST', body: { description } })).body as TokenBody & { token: string };

  it('are made, listed, read, described anew and deleted; the secret is told once', async () => {
    const { token, ...created } = await made();
    assert.match(token, /^bkpt_[0-9a-f]{40}$/);
    const { id, created_by: creator, organization, registry: where } = created;
    const url = `${registry.apiUrl}/packages/organizations/acme/registries/models`;
    assert.deepEqual(
      [created.description, created.url, creator.email, organization.slug, where.slug, where.url],
      ['Usher', `${url}/tokens/${id}`, 'grace@example.com', 'acme', 'models', url],
    );
    assert.equal(Buffer.from(created.graphql_id, 'base64').toString(), `RegistryToken---${id}`);
    const second: Partial<TokenBody> = await made('Other');
    delete second.token;
    assert.deepEqual(await call(''), { status: 200, body: [created, second] });
    assert.deepEqual(await call(`/${id}`), { status: 200, body: created });

    const renamed = { ...created, description: 'Doorman' };
    const update = { method: 'POST', body: { description: 'Doorman' } };
    assert.deepEqual(await call(`/${id}`, update), { status: 200, body: renamed });
    assert.deepEqual((await call(`/${id}`)).body, renamed);

    assert.deepEqual(await call(`/${id}`, { method: 'DELETE' }), { status: 200, body: undefined });
    for (const method of ['GET', 'DELETE']) assert.equal((await call(`/${id}`, { method })).status, 404);
    assert.equal((await call(`/${id}`, update)).status, 404);
    assert.deepEqual((await call('')).body, [second]);
  });

  it('need a description, a private registry, and scopes', async () => {
    for (const body of [{}, { description: ' ' }, { description: 1 }]) {
      const { status, body: told } = await call('', { method: 'POST', body });
      assert.deepEqual([status, (told as Refused).errors], [422, ["Description can't be blank"]]);
    }
    const { slug } = registry.addRegistry('acme', 'Open', 'huggingface', { public: true });
    const open = await call('', { method: 'POST', body: { description: 'x' }, of: slug });
    assert.equal(open.status, 422);
    const { id } = await made();
    assert.equal((await call(`/${id}`, { of: slug })).status, 404, "another registry's");

    const token = registry.addToken({ scopes: ['read_packages'] });
    for (const [method, path, scope] of [
      ['GET', '', 'read_registries'],
      ['POST', '', 'write_registries'],
      ['GET', `/${id}`, 'read_registries'],
      ['POST', `/${id}`, 'write_registries'],
      ['DELETE', `/${id}`, 'write_registries'],
    ] as const) {
      const { status, body } = await call(path, { method, token });
      assert.deepEqual([status, (body as Refused).message.includes(scope)], [403, true], `${method} ${path}`);
    }
  });

  it('read their registry and nothing else, until they are deleted', async () => {
    await registry.addModelVersion('acme', 'models', 'acme/demo', { 'a.txt': 'a' });
    const { slug } = registry.addRegistry('acme', 'Other', 'huggingface');
    await registry.addModelVersion('acme', slug, 'acme/demo', { 'a.txt': 'a' });
    const { id, token } = await made();
    const hub = new RawHub(registry, { token });
    assert.equal(await (await hub.fetch('acme/demo/resolve/main/a.txt')).text(), 'a');
    assert.equal((await hub.fetch('api/models')).status, 200);
    const elsewhere = new RawHub(registry, { token, registry: slug });
    assert.equal((await elsewhere.fetch('acme/demo/resolve/main/a.txt')).status, 403);
    for (const refused of [
      hub.commit([file('a.txt', 'b')]),
      hub.post('api/repos/create', { name: 'new', organization: 'acme' }),
      hub.fetch('api/models/acme/demo/auth-check/write'),
      hub.fetch('api/whoami-v2'),
      hub.post('acme/demo.git/info/lfs/objects/batch', { operation: 'upload', objects: [] }),
    ])
      assert.equal((await outcome(refused)).status, 403);
    // It is no API access token.
    for (const path of ['', `/${id}`]) assert.equal((await call(path, { token })).status, 401);

    await call(`/${id}`, { method: 'DELETE' });
    assert.equal((await hub.fetch('api/models')).status, 401);
  });

  it('last when the registry starts again, and go with it', async () => {
    const { id, token } = await made();
    await registry.stop();
    registry = await cleanup.registry({ dataDir });
    assert.equal((await call(`/${id}`)).status, 200);
    assert.equal((await new RawHub(registry, { token }).fetch('api/models')).status, 200);
    const url = `${registry.apiUrl}/packages/organizations/acme/registries/models`;
    await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${registry.token}` } });
    assert.equal((await new RawHub(registry, { token }).fetch('api/models')).status, 401);
  });
});
