import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../../../src/core/failure.ts';
import { failing, useHosts } from './hosts.ts';

const SIGNAL = new AbortController().signal;

describe('browsing Buildkite within its limits', () => {
  const { start, hostOf, serve } = useHosts();

  it('asks for nothing that a window has no request left for, and tells when to come back', async () => {
    const registry = await start({ rateLimit: { organization: 1000, user: 2 } });
    const host = hostOf(registry, registry.token);
    const models = await host.listing.registry(registry.organization, registry.registry, SIGNAL);
    await host.listing.models(models, {}, SIGNAL);
    const before = Date.now();
    await assert.rejects(host.listing.models(models, {}, SIGNAL), (error: Failure) => {
      assert.equal(error.kind, 'rateLimit');
      assert.match(error.message, /Try again in \d+ seconds/);
      const wait = (error.retryAt?.getTime() ?? 0) - before;
      assert.ok(wait > 0 && wait <= 61_000, String(wait));
      return true;
    });
    assert.equal(registry.requests.length, 2);
  });

  it('goes on when the window has ended', async () => {
    const registry = await start({ rateLimit: { organization: 1000, user: 3, windowSeconds: 1 } });
    const host = hostOf(registry, registry.token);
    const list = () => host.listing.registries(registry.organization, undefined, SIGNAL);
    let refusals = 0;
    for (let listed = 0; listed < 7;) {
      try {
        await list();
        listed += 1;
      } catch (error) {
        assert.ok(error instanceof Failure && error.kind === 'rateLimit', String(error));
        assert.ok(error.retryAt);
        refusals += 1;
        await pause(error.retryAt.getTime() - Date.now());
      }
    }
    assert.ok(refusals >= 2, String(refusals));
    assert.ok(registry.requests.every(({ status }) => status === 200));
  });

  it('leaves some requests to what a person does', async () => {
    const registry = await start({ rateLimit: { organization: 1000, user: 20 } });
    const host = hostOf(registry, registry.token);
    const browse = async () => {
      for (;;) await host.listing.registries(registry.organization, undefined, SIGNAL);
    };
    await assert.rejects(browse(), failing('rateLimit'));
    const created = await host.admin!.createRegistry(
      registry.organization,
      { name: 'Late', description: undefined, teamIds: [] },
      SIGNAL,
    );
    await host.admin!.deleteRegistry(created, SIGNAL);
    assert.ok(registry.requests.every(({ status }) => status === 200));
  });

  it('tells at once when the server refuses, while what a person does waits', async () => {
    let requests = 0;
    const { host, client } = await serve((_request, response) => {
      requests += 1;
      const refused = requests <= 2;
      response.writeHead(refused ? 429 : 200, { 'Content-Type': 'application/json' });
      response.end(
        JSON.stringify(
          refused
            ? { message: 'You have exceeded your API rate limit.', scope: 'rest_user', reset: 42 }
            : { id: '1', slug: 'late', ecosystem: 'huggingface' },
        ),
      );
    });
    await assert.rejects(
      host.listing.registries('acme', undefined, SIGNAL),
      failing('rateLimit', /42 seconds/),
    );
    await assert.rejects(host.listing.registries('acme', undefined, SIGNAL), failing('rateLimit'));
    assert.deepEqual([requests, client.waits], [1, []], 'a refusal without headers is remembered too');
    const registry = await host.admin!.createRegistry(
      'acme',
      { name: 'Late', description: undefined, teamIds: [] },
      SIGNAL,
    );
    assert.equal(registry.slug, 'late');
    assert.deepEqual([requests, client.waits], [3, [42_000]]);
  });
});
