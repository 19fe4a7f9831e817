import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Failure } from '../../../../src/core/failure.ts';
import { failing, models, useHosts } from './hosts.ts';

const SIGNAL = new AbortController().signal;

describe('read tokens of a registry at Buildkite', () => {
  const { start, hostOf, serve } = useHosts();

  it('are created, listed and revoked; the value is told once', async () => {
    const registry = await start();
    const { readTokens } = hostOf(registry, registry.token);
    assert.deepEqual(await readTokens!.list(models, SIGNAL), []);
    const { value, ...created } = await readTokens!.create(models, 'Ada’s laptop', SIGNAL);
    assert.match(value.reveal(), /^bkpt_[0-9a-f]{40}$/);
    assert.deepEqual([created.description, created.createdBy], ['Ada’s laptop', 'Grace Hopper']);
    assert.ok(created.createdAt);
    const listed = await readTokens!.list(models, SIGNAL);
    assert.deepEqual(listed, [created]);
    assert.ok(!inspect([listed, value]).includes('bkpt_'));
    await readTokens!.revoke(models, created, SIGNAL);
    assert.deepEqual(await readTokens!.list(models, SIGNAL), []);
    // Somebody else was faster.
    await readTokens!.revoke(models, created, SIGNAL);
  });

  it('go nowhere but to the models of the registry', async () => {
    const registry = await start();
    const { value } = await hostOf(registry, registry.token).readTokens!.create(models, 'Lab', SIGNAL);
    assert.ok(value.authorizationFor(new URL(registry.packagesUrl)));
    assert.equal(value.authorizationFor(new URL('https://packages.example')), undefined);
  });

  it('are listed across pages, in case there ever are any', async () => {
    const { host, server } = await serve((request, response) => {
      const isSecond = request.url?.includes('page=2');
      if (!isSecond) response.setHeader('link', `<${server.url.origin}${request.url}?page=2>; rel="next"`);
      response.end(JSON.stringify([{ id: isSecond ? 'b' : 'a', description: null, created_by: 'odd' }]));
    });
    assert.deepEqual(
      (await host.readTokens!.list(models, SIGNAL)).map(({ id, description }) => [id, description]),
      [
        ['a', ''],
        ['b', ''],
      ],
    );
  });

  it('are listed however many there are on a page', async () => {
    const many = 200_000;
    const page = JSON.stringify(Array.from({ length: many }, () => ({ id: 'a' })));
    const { host } = await serve((_, response) => response.end(page));
    assert.equal((await host.readTokens!.list(models, SIGNAL)).length, many);
  });

  it('are refused in the words of the server where everybody may read', async () => {
    const registry = await start();
    const { slug } = registry.addRegistry('acme', 'Open', 'huggingface', { public: true });
    await assert.rejects(
      hostOf(registry, registry.token).readTokens!.create({ organization: 'acme', slug }, 'x', SIGNAL),
      failing('refused', /acme\/open.*Registry must be private/),
    );
  });

  it('are what the scopes of the token allow, and a refusal names the one it takes', async () => {
    const registry = await start();
    const scopes = ['read_organizations', 'read_registries', 'read_packages'];
    const host = hostOf(registry, registry.addToken({ scopes }), { scopes: new Set(scopes) });
    assert.deepEqual([host.may('listReadTokens'), host.may('changeReadTokens')], [true, false]);
    await assert.rejects(
      host.readTokens!.create(models, 'x', SIGNAL),
      failing('forbidden', /the scope write_registries/),
    );
    const blind = hostOf(registry, registry.addToken({ scopes: ['read_packages'] }));
    await assert.rejects(
      blind.readTokens!.list(models, SIGNAL),
      failing('forbidden', /the scope read_registries/),
    );
  });

  it('are not created twice where the answer is lost', async () => {
    const registry = await start();
    registry.inject({ method: 'POST', path: /tokens$/, fault: { kind: 'loseAnswer' } });
    const { readTokens } = hostOf(registry, registry.token);
    await assert.rejects(readTokens!.create(models, 'x', SIGNAL), failing('unknownOutcome'));
    assert.equal((await readTokens!.list(models, SIGNAL)).length, 1);
  });

  // As the server once was, before tokens began with what they are.
  const OLD_TOKEN = '0123456789abcdef0123456789abcdef';

  for (const [odd, answer] of [
    ['is cut off', `{"id":"1","token":"${OLD_TOKEN}`],
    ['has no token', JSON.stringify({ id: '1', description: OLD_TOKEN })],
    ['has a token that no header can hold', JSON.stringify({ id: '1', token: `${OLD_TOKEN}\r\nX: y` })],
  ] as const) {
    it(`say what to do where the answer ${odd}, and repeat none of it`, async () => {
      const { host, client } = await serve((_request, response) => void response.end(answer));
      await assert.rejects(host.readTokens!.create(models, 'x', SIGNAL), (error: unknown) => {
        assert.ok(error instanceof Failure);
        assert.match(error.message, /was created, but .* does not hold it\. .*revoke it/);
        assert.ok(!inspect(error, { depth: 9 }).includes(OLD_TOKEN));
        return true;
      });
      assert.ok(!JSON.stringify(client.lines).includes(OLD_TOKEN));
    });
  }
});
