import assert from 'node:assert/strict';
import type http from 'node:http';
import fc from 'fast-check';
import { AccessToken } from '../../../../src/core/accessToken.ts';
import { Failure } from '../../../../src/core/failure.ts';
import { mayDo, scopesOf } from '../../../../src/core/hosts/hub/scopes.ts';
import { namespacesOf, whoamiAnswer } from '../../../../src/core/hosts/hub/whoami.ts';
import type { HubRole, RootHub, RootHubOptions, RunningRegistry } from '../../../registry/registry.ts';
import { failing } from '../buildkite/hosts.ts';
import { openForNobody, openWith, serviceAt, useHubs } from './hubs.ts';

const SIGNAL = new AbortController().signal;

describe('signing in to a Hub', () => {
  const { start, client, serve } = useHubs();

  async function rootHub(
    options: RootHubOptions = {},
  ): Promise<{ readonly hub: RootHub; readonly registry: RunningRegistry }> {
    const registry = await start({ rootHub: options });
    assert.ok(registry.rootHub);
    return { hub: registry.rootHub, registry };
  }

  const roles: readonly (readonly [string, HubRole, readonly string[], boolean])[] = [
    ['read', { kind: 'read' }, ['read'], false],
    ['write', { kind: 'write' }, ['write'], true],
    [
      'fine-grained',
      { kind: 'fineGrained', writes: ['acme', 'ada/tiny'] },
      ['read', 'repo.write:acme', 'repo.write:ada/tiny'],
      true,
    ],
    ['fine-grained without writing', { kind: 'fineGrained', writes: [] }, ['read'], false],
    ['a browser’s', { kind: 'oauth' }, ['write'], true],
  ];
  for (const [what, role, scopes, mayPublish] of roles) {
    it(`tells what a token may do that is ${what}`, async () => {
      const { hub } = await rootHub();
      const service = serviceAt(hub.url);
      const text = hub.addToken({ role, displayName: 'laptop' });
      const { http } = client();
      const checked = await service.signIn.check(` Bearer ${text}\n`, http, SIGNAL);
      assert.deepEqual([...checked.scopes], scopes);
      assert.equal(checked.user, 'ada');
      assert.equal(checked.description, role.kind === 'oauth' ? undefined : 'laptop');
      assert.equal(checked.expiresAt !== undefined, role.kind === 'oauth');
      assert.equal(checked.token.authorizationFor(new URL(hub.url)), `Bearer ${text}`);
      assert.equal(checked.token.authorizationFor(new URL('https://huggingface.co')), undefined);
      assert.ok(service.signIn.isUsable(checked.scopes));
      const host = service.open(checked.token, checked.scopes, http);
      assert.equal(host.may('publish'), mayPublish);
      assert.equal(host.may('deleteRegistry'), false);
    });
  }

  it('gives tokens of one user ids of their own, that stay when a browser’s is exchanged', async () => {
    const { hub } = await rootHub();
    const { signIn } = serviceAt(hub.url);
    const { http } = client();
    const id = async (role: HubRole, displayName?: string) => {
      const text = hub.addToken({ role, ...(displayName !== undefined && { displayName }) });
      const checked = await signIn.check(text, http, SIGNAL);
      assert.ok(!checked.id.includes(text));
      return checked.id;
    };
    assert.notEqual(await id({ kind: 'write' }, 'one'), await id({ kind: 'write' }, 'two'));
    assert.equal(await id({ kind: 'oauth' }), await id({ kind: 'oauth' }));
  });

  it('knows an unknown, a revoked and an expired token', async () => {
    const { hub, registry } = await rootHub();
    const { signIn } = serviceAt(hub.url);
    const { http } = client();
    await assert.rejects(signIn.check('hf_unknown', http, SIGNAL), failing('auth', /rejected this token/));
    const { token } = await signIn.check(hub.token, http, SIGNAL);
    assert.equal((await signIn.read(token, http, SIGNAL)).user, 'grace');
    const ended = hub.addToken({ role: { kind: 'oauth', expiresAt: new Date(Date.now() - 1000) } });
    await assert.rejects(signIn.check(ended, http, SIGNAL), failing('auth', /expired on/));
    registry.revokeToken(hub.token);
    await assert.rejects(serviceAt(hub.url).signIn.read(token, http, SIGNAL), failing('auth'));
  });

  it('sends nothing that can be no token', async () => {
    const { hub, registry } = await rootHub();
    const { signIn } = serviceAt(hub.url);
    for (const text of ['', '  ', 'Bearer', 'two words', 'hf_ü'])
      await assert.rejects(signIn.check(text, client().http, SIGNAL), failing('auth'));
    assert.deepEqual(registry.requests, []);
  });

  it('sends no token of Buildkite’s to the Hub', async () => {
    const { signIn } = serviceAt('https://huggingface.co');
    await assert.rejects(signIn.check('bkua_0123', client().http, SIGNAL), failing('auth', /hf_/));
  });

  for (const lacking of ['404', '405', '501', 'page'] as const) {
    it(`takes a token unseen where the server has no whoami-v2, and says ${lacking}`, async () => {
      const { hub } = await rootHub({ lacks: ['whoami'], lacking });
      const service = serviceAt(hub.url, { namespaces: ['acme'] });
      const { http } = client();
      const checked = await service.signIn.check('hf_whatever', http, SIGNAL);
      assert.equal(checked.user, undefined);
      assert.doesNotMatch(checked.id, /whatever/);
      const host = service.open(checked.token, checked.scopes, http);
      assert.equal(host.may('publish'), true);
      const { items } = await host.listing.registries('', undefined, SIGNAL);
      assert.deepEqual(
        items.map(({ slug }) => slug),
        ['acme'],
      );
    });
  }

  it('does not take a page elsewhere that signs in for a server without whoami-v2', async () => {
    const portal = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
    });
    const server = await serve((_request, response) => {
      response.writeHead(302, { location: portal.url.href }).end();
    });
    const { signIn } = serviceAt(server.url.href);
    await assert.rejects(signIn.check('hf_x', client().http, SIGNAL), failing('protocol', /leads elsewhere/));
  });

  it('asks the server who somebody is once in a while, however many ask', async () => {
    const { hub, registry } = await rootHub();
    const service = serviceAt(hub.url);
    const one = client();
    const host = await openWith(service, one, hub.token);
    await Promise.all(Array.from({ length: 5 }, () => host.listing.registries('', undefined, SIGNAL)));
    const other = service.open(new AccessToken(hub.token, [new URL(hub.url)]), new Set(['write']), one.http);
    await other.listing.registries('', undefined, SIGNAL);
    assert.equal(registry.requests.length, 1);
    await openWith(service, one, hub.addToken({ role: { kind: 'read' } }));
    assert.equal(registry.requests.length, 2, 'another token is another person');
  });

  it('asks nobody about nobody', async () => {
    const { hub, registry } = await rootHub();
    const service = serviceAt(hub.url);
    const { scopes, user } = await service.signIn.read(new AccessToken('', []), client().http, SIGNAL);
    assert.deepEqual([[...scopes], user], [[], undefined]);
    const host = openForNobody(service, client());
    assert.deepEqual((await host.listing.registries('', undefined, SIGNAL)).items, []);
    assert.deepEqual(registry.requests, []);
  });

  it('takes a 401 for a verdict at whoami-v2 alone', () => {
    const { signIn } = serviceAt('https://hub.example/prefix');
    const isVerdict = (url: string) => signIn.isVerdict(new URL(url));
    assert.ok(isVerdict('https://hub.example/prefix/api/whoami-v2'));
    for (const url of [
      'https://hub.example/api/whoami-v2',
      'https://other.example/prefix/api/whoami-v2',
      'https://hub.example/prefix/api/models/acme/tiny',
      'https://hub.example/prefix/api/whoami-v2/x',
    ])
      assert.ok(!isVerdict(url), url);
  });

  it('leads to the page that makes a token, with the permissions filled in where the page knows them', () => {
    const hub = serviceAt('https://huggingface.co').signIn.tokenPage([]);
    assert.equal(hub.origin + hub.pathname, 'https://huggingface.co/settings/tokens/new');
    assert.deepEqual(
      [...hub.searchParams],
      [
        ['tokenType', 'fineGrained'],
        ['ownUserPermissions', 'repo.content.read'],
        ['ownUserPermissions', 'repo.write'],
        ['canReadGatedRepos', 'true'],
      ],
    );
    assert.equal(serviceAt('https://hub.example/x').signIn.tokenPage([]).href, 'https://hub.example/x');
    const way = (address: string) => serviceAt(address).words.wayToReadToken;
    assert.match(
      way('https://huggingface.co'),
      /at https:\/\/huggingface\.co\/settings\/tokens\/new\?tokenType=read\.$/,
    );
    assert.match(way('https://hub.example/x'), /at https:\/\/hub\.example\/x\.$/);
  });

  describe('an answer of whoami-v2', () => {
    const asked = async (body: string): Promise<unknown> => {
      const handler: http.RequestListener = (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      };
      const server = await serve(handler);
      const service = serviceAt(server.url.href);
      const checked = await service.signIn.check('hf_verysecret', client().http, SIGNAL);
      const host = service.open(checked.token, checked.scopes, client().http);
      host.may('publish');
      return [checked, (await host.listing.registries('', undefined, SIGNAL)).items];
    };

    it('may hold next to nothing', async () => {
      const answers = [
        { name: 'eve', auth: { accessToken: { displayName: 'eve', role: 'write' }, type: 'Bearer' } },
        { name: 'eve', orgs: [] },
        { name: 'eve', orgs: null, auth: null },
        {},
      ];
      for (const answer of answers) {
        const parsed = whoamiAnswer.parse(answer);
        assert.deepEqual(namespacesOf(parsed), answer.name === undefined ? [] : ['eve']);
        assert.deepEqual([...scopesOf(parsed)], ['write']);
        await asked(JSON.stringify(answer));
      }
    });

    it('leaves out organizations in which one may not read', () => {
      const orgs = [
        { name: 'a', roleInOrg: 'admin' },
        { name: 'b', roleInOrg: 'no_access' },
        { name: 'c', roleInOrg: 'no_access', resourceGroups: [{ id: '1', name: 'g', role: 'read' }] },
        { name: 'd' },
        { name: '../e' },
        { name: '..' },
        'f',
        { roleInOrg: 'admin' },
      ];
      assert.deepEqual(namespacesOf(whoamiAnswer.parse({ name: 'me', orgs })), ['me', 'a', 'c', 'd']);
    });

    it('of any form ends in a session or a failure, and shows no token', async () => {
      const word = fc.oneof(
        fc.constantFrom('write', 'read', 'fineGrained', 'god', 'repo.write', 'acme', '..', 'hf_verysecret'),
        fc.string(),
      );
      const or = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof(arbitrary, fc.jsonValue({ maxDepth: 1 }));
      const answer = fc.record(
        {
          name: or(word),
          orgs: or(fc.array(or(fc.record({ name: or(word), roleInOrg: or(word) })))),
          auth: or(
            fc.record(
              {
                type: or(word),
                expiresAt: or(word),
                accessToken: or(
                  fc.record(
                    {
                      displayName: or(word),
                      role: or(word),
                      fineGrained: or(
                        fc.record({
                          scoped: or(
                            fc.array(
                              or(
                                fc.record({
                                  entity: or(fc.record({ name: or(word), _id: or(word) })),
                                  permissions: or(fc.array(or(word))),
                                }),
                              ),
                            ),
                          ),
                        }),
                      ),
                    },
                    { requiredKeys: [] },
                  ),
                ),
              },
              { requiredKeys: [] },
            ),
          ),
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(fc.oneof(answer, fc.jsonValue()), (value) => {
          const result = whoamiAnswer.safeParse(value);
          if (!result.success) return Promise.resolve();
          for (const name of namespacesOf(result.data)) assert.doesNotMatch(name, /[/?#%\\]|^\.{1,2}$/);
          assert.equal(typeof mayDo('publish', scopesOf(result.data)), 'boolean');
          return Promise.resolve();
        }),
      );
      const odd = ['[]', '1', '"hf_verysecret"', '{', '', '{"name":"hf_verysecret","orgs":{}}'];
      for (const body of odd) {
        try {
          const text = JSON.stringify(await asked(body));
          if (!body.includes('verysecret')) assert.doesNotMatch(text, /verysecret/);
        } catch (error) {
          assert.ok(error instanceof Failure, String(error));
          assert.doesNotMatch(error.message, /verysecret/);
        }
      }
    });
  });
});
