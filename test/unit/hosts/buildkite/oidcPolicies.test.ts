import assert from 'node:assert/strict';
import { json } from 'node:stream/consumers';
import { failing, models, useHosts } from './hosts.ts';

const SIGNAL = new AbortController().signal;
const POLICY = `# Builds of the trainer
- iss: https://agent.buildkite.com
  scopes:
    - read_packages
  claims:
    organization_slug: acme
`;

describe('the OIDC policy of a registry at Buildkite', () => {
  const { start, hostOf, serve } = useHosts();

  it('is read, put in place, replaced and taken away, in the words that were written', async () => {
    const registry = await start();
    const { oidcPolicies } = hostOf(registry, registry.token);
    assert.equal(await oidcPolicies!.read(models, SIGNAL), undefined);
    assert.equal(await oidcPolicies!.replace(models, undefined, POLICY, SIGNAL), POLICY);
    assert.equal(await oidcPolicies!.read(models, SIGNAL), POLICY);
    const other = POLICY.replace('acme', 'umbrella');
    assert.equal(await oidcPolicies!.replace(models, POLICY, other, SIGNAL), other);
    assert.equal(await oidcPolicies!.replace(models, other, undefined, SIGNAL), undefined);
    assert.equal(await oidcPolicies!.read(models, SIGNAL), undefined);
  });

  it('leaves name and description of the registry as they are', async () => {
    const registry = await start();
    const host = hostOf(registry, registry.token);
    await host.admin!.describeRegistry(models, 'Eyes', SIGNAL);
    await host.oidcPolicies!.replace(models, undefined, POLICY, SIGNAL);
    assert.equal((await host.listing.registry('acme', 'models', SIGNAL)).description, 'Eyes');
  });

  it('is not replaced where somebody else changed it meanwhile', async () => {
    const registry = await start();
    const { oidcPolicies } = hostOf(registry, registry.token);
    await oidcPolicies!.replace(models, undefined, POLICY, SIGNAL);
    await assert.rejects(
      oidcPolicies!.replace(models, undefined, '[]', SIGNAL),
      failing('conflict', /acme\/models was changed meanwhile/),
    );
    assert.equal(await oidcPolicies!.read(models, SIGNAL), POLICY);
  });

  for (const policy of ['nonsense', '- claims: {}', '- iss: x\n  claims: {}\n  scopes: [write_registries]']) {
    it(`is refused in the words of the server: ${JSON.stringify(policy)}`, async () => {
      const registry = await start();
      await assert.rejects(
        hostOf(registry, registry.token).oidcPolicies!.replace(models, undefined, policy, SIGNAL),
        failing('refused', /acme\/models.*OIDC policy/),
      );
    });
  }

  it('is what the scopes of the token allow, and a refusal names the one it takes', async () => {
    const registry = await start();
    const scopes = ['read_organizations', 'read_registries', 'read_packages'];
    const host = hostOf(registry, registry.addToken({ scopes }), { scopes: new Set(scopes) });
    assert.deepEqual([host.may('readOidcPolicy'), host.may('changeOidcPolicy')], [true, false]);
    await assert.rejects(
      host.oidcPolicies!.replace(models, undefined, POLICY, SIGNAL),
      failing('forbidden', /the scope write_registries/),
    );
  });

  it('is read anew where the answer to the change does not tell it', async () => {
    let kept: string | null = null;
    const { host } = await serve((request, response) => {
      if (request.method === 'GET') response.end(JSON.stringify({ oidc_policy: kept }));
      else {
        void json(request).then((sent) => {
          kept = (sent as { oidc_policy: string | null }).oidc_policy;
          response.end(JSON.stringify({ slug: 'models', oidc_policy: null }));
        });
      }
    });
    assert.equal(await host.oidcPolicies!.replace(models, undefined, POLICY, SIGNAL), POLICY);
    assert.equal(await host.oidcPolicies!.replace(models, POLICY, undefined, SIGNAL), undefined);
  });

  it('is written by whatever request the server knows', async () => {
    const asked: string[] = [];
    const { host } = await serve((request, response) => {
      asked.push(request.method ?? '');
      response.writeHead(request.method === 'POST' ? 405 : 200);
      response.end(JSON.stringify({ oidc_policy: request.method === 'PUT' ? POLICY : null }));
    });
    assert.equal(await host.oidcPolicies!.replace(models, undefined, POLICY, SIGNAL), POLICY);
    assert.deepEqual(asked, ['GET', 'POST', 'PUT']);
  });
});
