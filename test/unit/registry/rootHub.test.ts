import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RootHub, RootHubOptions, RunningRegistry } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';

describe('a local registry that is a Hub at the root of its address', () => {
  let dataDir: string;
  let registry: RunningRegistry;
  let hub: RootHub;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'root-hub-'));
  });

  afterEach(async () => {
    await registry.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(rootHub: RootHubOptions = {}, models: readonly string[] = []): Promise<void> {
    registry = await startRegistry({ dataDir, rootHub, hub: { lfsThresholdBytes: 10 } });
    assert.ok(registry.rootHub);
    hub = registry.rootHub;
    for (const model of models) {
      const files = { 'README.md': '# Hi', 'weights.bin': 'more than ten bytes' };
      await registry.addModelVersion(registry.organization, registry.registry, model, files);
    }
  }

  async function get(path: string, token?: string, method = 'GET', body?: unknown) {
    const response = await fetch(`${hub.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      code: response.headers.get('x-error-code'),
      location: response.headers.get('location'),
      json: (isJson ? JSON.parse(text) : undefined) as never,
      text,
    };
  }

  it('says of a token what it may do, and in which organizations its owner is', async () => {
    await start();
    registry.addOrganization('globex', 'Globex');
    const whoami = async (token: string) => {
      const { json } = await get('/api/whoami-v2', token);
      return json as {
        name: string;
        orgs: { name: string; roleInOrg: string }[];
        auth: {
          type: string;
          expiresAt?: string;
          accessToken?: { role: string; fineGrained?: { scoped: unknown[] } };
        };
      };
    };
    const read = await whoami(hub.addToken({ role: { kind: 'read' }, organizations: { acme: 'read' } }));
    assert.equal(read.name, 'ada');
    assert.deepEqual(
      read.orgs.map(({ name, roleInOrg }) => [name, roleInOrg]),
      [['acme', 'read']],
    );
    assert.deepEqual([read.auth.type, read.auth.accessToken?.role], ['access_token', 'read']);
    assert.equal((await whoami(hub.token)).auth.accessToken?.role, 'write');
    const fine = await whoami(hub.addToken({ role: { kind: 'fineGrained', writes: ['acme'] } }));
    assert.equal(fine.auth.accessToken?.role, 'fineGrained');
    assert.deepEqual(fine.auth.accessToken.fineGrained?.scoped, [
      {
        entity: { _id: '0'.repeat(24), name: 'acme', type: 'org' },
        permissions: ['repo.content.read', 'repo.write'],
      },
    ]);
    const oauth = await whoami(hub.addToken({ role: { kind: 'oauth' } }));
    assert.equal(oauth.auth.accessToken, undefined);
    assert.ok(oauth.auth.expiresAt);
    assert.equal((await get('/api/whoami-v2')).status, 401);
    assert.equal((await get('/api/whoami-v2', 'hf_unknown')).status, 401);
  });

  it('hides what is missing behind what is private', async () => {
    await start({}, ['acme/open', 'acme/hidden']);
    hub.setAccess('acme/hidden', { private: true });
    const stranger = hub.addToken({ role: { kind: 'read' }, organizations: {} });
    for (const path of ['/api/models/acme/hidden', '/api/models/acme/missing']) {
      assert.deepEqual([(await get(path)).status, (await get(path)).code], [401, null], path);
      const known = await get(path, stranger);
      assert.deepEqual([known.status, known.code], [404, 'RepoNotFound'], path);
    }
    assert.equal((await get('/api/models/acme/hidden', hub.token)).status, 200);
    const ids = async (token?: string) =>
      ((await get('/api/models', token)).json as { id: string }[]).map(({ id }) => id);
    assert.deepEqual(await ids(), ['acme/open']);
    assert.deepEqual(await ids(stranger), ['acme/open']);
    assert.deepEqual(await ids(hub.token), ['acme/hidden', 'acme/open']);
  });

  it('keeps contents, commits and hashes of a gated model for those who are let in', async () => {
    await start({}, ['acme/gated']);
    const guest = hub.addToken({ role: { kind: 'read' }, organizations: {} });
    const stranger = hub.addToken({ role: { kind: 'read' }, organizations: {} });
    hub.setAccess('acme/gated', { gated: 'manual', letIn: [guest] });
    for (const path of ['/api/models/acme/gated/commits/main', '/acme/gated/resolve/main/weights.bin']) {
      const [nobody, other] = [await get(path), await get(path, stranger)];
      assert.deepEqual([nobody.status, nobody.code], [401, 'GatedRepo'], path);
      assert.deepEqual([other.status, other.code], [403, 'GatedRepo'], path);
      assert.ok((await get(path, guest)).status < 400, path);
    }
    const hash = async (token?: string) => {
      const { json } = await get('/api/models/acme/gated/tree/main', token);
      return (json as { lfs?: { oid: string } }[]).find(({ lfs }) => lfs)?.lfs?.oid;
    };
    assert.equal(await hash(), '*'.repeat(64));
    assert.match((await hash(guest)) ?? '', /^[0-9a-f]{64}$/);
    assert.equal((await get('/acme/gated/resolve/main/README.md')).status, 200);
    assert.equal((await get('/acme/gated/raw/main/README.md')).status, 401);
    const fine = hub.addToken({ role: { kind: 'fineGrained', writes: [] } });
    assert.equal((await get('/api/models/acme/gated/auth-check', fine)).status, 403);
  });

  it('leads from an old name to another model, with all that stands behind it', async () => {
    await start({}, ['acme/new']);
    hub.move('Acme/Old', 'acme/new');
    hub.move('gpt2', 'acme/new');
    const old = await get('/api/models/acme/old/tree/main?recursive=true');
    assert.deepEqual([old.status, old.location], [307, '/api/models/acme/new/tree/main?recursive=true']);
    assert.equal((await get('/gpt2/resolve/main/README.md')).location, '/acme/new/resolve/main/README.md');
    const batch = await get('/acme/old.git/info/lfs/objects/batch', hub.token, 'POST', {});
    assert.equal(batch.location, '/acme/new.git/info/lfs/objects/batch');
  });

  it('takes writes where a token has them and its owner is a member', async () => {
    await start();
    const create = (token: string, organization: string) =>
      get('/api/repos/create', token, 'POST', { name: 'made', organization, type: 'model' });
    const fine = hub.addToken({ role: { kind: 'fineGrained', writes: ['acme'] } });
    assert.equal((await create(fine, 'acme')).status, 200);
    assert.equal((await create(fine, 'ada')).status, 403);
    assert.equal((await create(hub.addToken({ role: { kind: 'read' } }), 'ada')).status, 403);
    const reader = hub.addToken({ role: { kind: 'write' }, organizations: { acme: 'read' } });
    assert.equal((await create(reader, 'acme')).status, 403);
    assert.equal((await create(reader, 'ada')).status, 200);
  });

  for (const [lacking, status] of [
    ['404', 404],
    ['405', 405],
    ['501', 501],
    ['page', 200],
  ] as const) {
    it(`lacks calls and answers ${lacking}`, async () => {
      await start({ lacks: ['list', 'refs', 'commits', 'whoami'], lacking }, ['acme/open']);
      for (const path of ['', '/acme/open/refs', '/acme/open/commits/main']) {
        const answer = await get(`/api/models${path}`, hub.token);
        assert.deepEqual([answer.status, answer.code], [status, null], path);
      }
      assert.equal((await get('/api/whoami-v2', hub.token)).status, status);
      assert.equal((await get('/api/models/acme/open/revision/main', hub.token)).status, 200);
    });
  }

  it('has models of one name, and makes whatever revision a commit names', async () => {
    await start({ modelIdSegments: 1, revisions: 'release', lacks: ['create'] });
    const line = (key: string, value: object) => `${JSON.stringify({ key, value })}\n`;
    const commit =
      line('header', { summary: 'Release' }) +
      line('file', { path: 'a.txt', content: 'a', encoding: 'utf-8' });
    const made = await get('/api/models/tiny/commit/v1.2', hub.token, 'POST', commit);
    assert.equal(made.status, 200, made.text);
    const info = (await get('/api/models/tiny/revision/v1.2')).json as { id: string; sha: string };
    assert.equal(info.id, 'tiny');
    assert.deepEqual(
      ((await get('/api/models')).json as { id: string }[]).map(({ id }) => id),
      ['tiny'],
    );
    assert.equal((await get('/tiny/resolve/v1.2/a.txt')).text, 'a');
  });
});
