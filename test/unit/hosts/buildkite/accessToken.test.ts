import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { checkAccessToken, tokenText } from '../../../../src/core/hosts/buildkite/accessToken.ts';
import { readTokenPageUrl, tokenPageUrl } from '../../../../src/core/hosts/buildkite/tokenPage.ts';
import { Failure, type FailureKind } from '../../../../src/core/failure.ts';
import type { RunningRegistry } from '../../../registry/registry.ts';
import { startRegistry } from '../../../registry/startRegistry.ts';
import { listen, testClient, type TestClient } from '../../http/loopback.ts';

describe('checking an access token', () => {
  let dataDir: string;
  let registry: RunningRegistry;
  let client: TestClient;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'access-token-'));
    registry = await startRegistry({ dataDir });
    client = testClient();
  });

  after(async () => {
    client.dispose();
    await registry.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const check = (text: string, api = registry.apiUrl) =>
    checkAccessToken(
      { apiUrl: new URL(api), packagesUrl: new URL(registry.packagesUrl) },
      text,
      client.http,
      new AbortController().signal,
    );

  async function refused(text: string, kind: FailureKind, message: RegExp, api?: string): Promise<void> {
    await assert.rejects(check(text, api), (error: unknown) => {
      assert.ok(error instanceof Failure, String(error));
      assert.equal(error.kind, kind, error.message);
      assert.match(error.message, message);
      if (text.length > 8)
        assert.ok(!inspect(error, { depth: 5 }).includes(text), 'the token is in the failure');
      return true;
    });
  }

  it('tells whose it is and what it may do', async () => {
    const expiresAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);
    const text = registry.addToken({
      scopes: ['read_organizations', 'read_registries', 'read_packages'],
      user: { name: 'Ada Lovelace', email: 'ada@example.com' },
      expiresAt,
    });
    const checked = await check(`  Bearer ${text}\n`);
    assert.equal(checked.user, 'ada@example.com');
    assert.deepEqual([...checked.scopes].sort(), ['read_organizations', 'read_packages', 'read_registries']);
    assert.deepEqual(checked.expiresAt, expiresAt);
    assert.match(checked.id, /^[0-9a-f-]{36}$/);
    assert.equal(checked.token.reveal(), text);
    assert.equal(checked.token.authorizationFor(new URL(registry.packagesUrl)), `Bearer ${text}`);
    assert.equal(checked.token.authorizationFor(new URL('https://api.buildkite.com/v2')), undefined);
  });

  it('takes one that does not expire, and one that may also publish', async () => {
    const checked = await check(registry.token);
    assert.equal(checked.expiresAt, undefined);
    assert.ok(checked.scopes.has('write_packages'));
  });

  it('names the scopes that are missing', async () => {
    const text = registry.addToken({ scopes: ['read_registries', 'write_packages'] });
    await refused(text, 'forbidden', /lacks the scopes read_organizations, read_packages\./);
  });

  it('knows an unknown, a revoked and an expired one', async () => {
    const revoked = registry.addToken({ scopes: ['read_registries'] });
    registry.revokeToken(revoked);
    const expired = registry.addToken({ scopes: ['read_registries'], expiresAt: new Date(0) });
    for (const text of ['bkua_0123456789', revoked, expired]) {
      await refused(text, 'auth', /rejected this token/);
    }
  });

  it('believes the date that the server tells', async () => {
    const server = await listen((_request, response) => {
      response.end('{"uuid":"u","scopes":[],"expires_at":"2020-07-16 06:07:42 UTC"}');
    });
    try {
      await refused('bkua_0123456789', 'auth', /expired on 2020-07-16/, `${server.url.origin}/v2`);
    } finally {
      await server.close();
    }
  });

  it('says when the server cannot be reached, is another one, or fails', async () => {
    const gone = await listen(() => undefined);
    await gone.close();
    await refused(registry.token, 'network', /Could not reach 127\.0\.0\.1:\d+/, `${gone.url.origin}/v2`);
    await refused(registry.token, 'notFound', /apiUrl/, `${registry.packagesUrl}/v3`);
    const other = await listen((_request, response) => response.end('<html>'));
    try {
      await refused(registry.token, 'protocol', /not JSON/, other.url.origin);
    } finally {
      await other.close();
    }
    const remove = registry.inject({
      path: /access-token/,
      fault: { kind: 'status', status: 503 },
      times: Infinity,
    });
    await refused(registry.token, 'server', /503/).finally(remove);
  });

  it('sends nothing that cannot be such a token', async () => {
    const before = registry.requests.length;
    await refused('bkpt_0123456789', 'auth', /registry token/);
    await refused('bkaa_0123456789', 'auth', /another purpose/);
    await refused('bkua_01234 56789', 'auth', /no spaces/);
    await refused('bkua_01234\n56789', 'auth', /line breaks/);
    await refused('bkua_01234\u200b56789', 'auth', /special characters/);
    await refused('bkua_01234\u0000', 'auth', /special characters/);
    await refused('  ', 'auth', /Paste/);
    await refused('Bearer ', 'auth', /Paste/);
    assert.equal(registry.requests.length, before);
  });

  it('takes a token as it comes, old ones without a prefix too', () => {
    assert.equal(tokenText('\u00a0bearer  0123456789abcdef\r\n'), '0123456789abcdef');
  });
});

describe('the page that makes a token', () => {
  it('is on the site of the settings, with the scopes filled in', () => {
    const url = tokenPageUrl(new URL('https://ci.example.test/buildkite'), []);
    assert.equal(url.origin + url.pathname, 'https://ci.example.test/buildkite/user/api-access-tokens/new');
    assert.deepEqual(url.searchParams.getAll('scopes[]'), [
      'read_organizations',
      'read_registries',
      'read_packages',
      'write_packages',
    ]);
    assert.match(url.href, /scopes%5B%5D=read_packages/);
  });

  it('asks for reading alone where a colleague is to read', () => {
    const url = readTokenPageUrl(new URL('https://ci.example.test/buildkite'));
    assert.equal(url.origin + url.pathname, 'https://ci.example.test/buildkite/user/api-access-tokens/new');
    assert.deepEqual(url.searchParams.getAll('scopes[]'), ['read_packages']);
  });
});
