import assert from 'node:assert/strict';
import type http from 'node:http';
import fc from 'fast-check';
import { Failure, type FailureKind } from '../../../../src/core/failure.ts';
import { asGitObjectId } from '../../../../src/core/objectIds.ts';
import type { ModelVersion, RegistryHost } from '../../../../src/core/hosts/host.ts';
import type { Page } from '../../../../src/core/hosts/page.ts';
import { listen } from '../../http/loopback.ts';
import { failing, models, useHosts } from './hosts.ts';
import { anyText } from '../../../setup/anyText.ts';

const SIGNAL = new AbortController().signal;
const GIBIBYTE = 1024 ** 3;

const version: ModelVersion = {
  id: '2',
  registry: models,
  model: 'acme/bert',
  commit: asGitObjectId('0123456789abcdef0123456789abcdef01234567'),
  createdAt: undefined,
  webUrl: undefined,
};

interface Call {
  readonly name: string;
  readonly run: (host: RegistryHost) => Promise<unknown>;
  /** `look` asks for something, `write` changes it and wants to see it, `delete` wants no answer but that it is gone. */
  readonly kind: 'look' | 'write' | 'delete';
  /** Requests where every method of an update is unknown to the server. */
  readonly methods?: number;
}

const calls: readonly Call[] = [
  { name: 'organizations', kind: 'look', run: (host) => host.listing.organizations(undefined, SIGNAL) },
  { name: 'registries', kind: 'look', run: (host) => host.listing.registries('acme', undefined, SIGNAL) },
  { name: 'registry', kind: 'look', run: (host) => host.listing.registry('acme', 'models', SIGNAL) },
  { name: 'models', kind: 'look', run: (host) => host.listing.models(models, {}, SIGNAL) },
  {
    name: 'versions of a model',
    kind: 'look',
    run: (host) => host.listing.versions(models, 'acme/bert', {}, SIGNAL),
  },
  { name: 'teams', kind: 'look', run: (host) => host.admin!.teams('acme', undefined, SIGNAL) },
  {
    name: 'createRegistry',
    kind: 'write',
    run: (host) =>
      host.admin!.createRegistry('acme', { name: 'New', description: undefined, teamIds: [] }, SIGNAL),
  },
  {
    name: 'describeRegistry',
    kind: 'write',
    methods: 3,
    run: (host) => host.admin!.describeRegistry(models, 'Text', SIGNAL),
  },
  { name: 'deleteRegistry', kind: 'delete', run: (host) => host.admin!.deleteRegistry(models, SIGNAL) },
  { name: 'deleteVersion', kind: 'delete', run: (host) => host.admin!.deleteVersion(version, SIGNAL) },
];
const looking = calls.filter(({ kind }) => kind === 'look');

describe('a Buildkite that does not do as it should', () => {
  const { serve } = useHosts();

  /** A server that answers everything alike, and what came to it. */
  async function answering(
    answer: (response: http.ServerResponse, request: http.IncomingMessage) => void,
    options?: Parameters<typeof serve>[1],
  ) {
    const requests: string[] = [];
    const served = await serve((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      answer(response, request);
    }, options);
    return { ...served, requests };
  }

  const refusals: [number, FailureKind][] = [
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'notFound'],
    [422, 'refused'],
    [429, 'rateLimit'],
    [500, 'server'],
    [503, 'server'],
  ];
  for (const { name, run, kind: ofCall, methods = 1 } of calls) {
    describe(name, () => {
      for (const [status, kind] of refusals) {
        const gone = ofCall === 'delete' && status === 404;
        it(
          gone ? 'is done where it is gone (404)' : `tells a ${status} in the server's own words`,
          async () => {
            const { host, requests, client } = await answering((response) => {
              response.writeHead(status, {
                'Content-Type': 'application/json',
                'RateLimit-User-Reset': '30',
              });
              response.end(
                JSON.stringify({ message: 'No, because.', errors: ['Name is odd'], scope: 'rest_user' }),
              );
            });
            if (gone) {
              await run(host);
              return;
            }
            await assert.rejects(run(host), (error: unknown) => {
              assert.ok(failing(kind, /No, because\.; Name is odd/)(error));
              assert.ok(error instanceof Failure);
              assert.equal(error.status, status);
              assert.equal(error.retryAt !== undefined, status === 429);
              return true;
            });
            const looks = ofCall === 'look';
            if (status === 429) {
              assert.deepEqual(client.waits, looks ? [] : [30_000, 30_000]);
              assert.equal(requests.length, looks ? 1 : 3);
            } else if (status >= 500) {
              assert.equal(requests.length, looks ? 2 : name === 'createRegistry' ? 1 : 3);
            } else {
              assert.equal(requests.length, status === 404 ? methods : 1);
            }
          },
        );
      }

      if (ofCall !== 'delete') {
        for (const [what, body] of [
          ['no JSON', '<!doctype html><title>Sign in to the hotel</title>'],
          ['nothing', ''],
          ['half of it', '[{"id": "1", "slu'],
          ['JSON of another shape', '{"items": 7, "slug": {}, "id": []}'],
          ['a deep nest', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
        ] as const) {
          it(`says that an answer is ${what}`, async () => {
            const { host, requests } = await answering((response) => response.end(body));
            await assert.rejects(run(host), failing('protocol'));
            assert.equal(requests.length, 1);
          });
        }
      }

      for (const [how, headers] of [
        ['announced', { 'Content-Length': String(GIBIBYTE) }],
        ['without end', {}],
      ] as const) {
        it(`takes no answer of 1 GB, ${how}, and hangs up`, async () => {
          let written = 0;
          const { host, server } = await answering((response) => {
            response.writeHead(200, { 'Content-Type': 'application/json', ...headers });
            const chunk = Buffer.alloc(256 * 1024, ' ');
            const pour = () => {
              while (written < GIBIBYTE && !response.destroyed) {
                written += chunk.length;
                if (!response.write(chunk)) break;
              }
            };
            response.on('drain', pour).on('error', () => undefined);
            pour();
          });
          await assert.rejects(run(host), failing('protocol', /larger than/));
          await Promise.all(
            server.connections
              .filter((socket) => !socket.destroyed)
              .map((socket) => new Promise((resolve) => socket.once('close', resolve))),
          );
          assert.ok(written < GIBIBYTE / 8, String(written));
        });
      }

      it('says that the server cannot be reached, soon', async () => {
        const { host, requests, server } = await answering((_response, request) => request.socket.destroy());
        const lost = name === 'createRegistry' ? 'unknownOutcome' : 'network';
        await assert.rejects(run(host), failing(lost, new RegExp(server.url.host)));
        assert.ok(requests.length <= 3, String(requests));
        await server.close();
        await assert.rejects(run(host), failing('network', /Could not reach/));
      });
    });
  }

  for (const { name, run } of looking) {
    it(`${name}: an answer that comes drop by drop and never ends is given up`, async () => {
      const { host } = await answering(
        (response) => {
          response.writeHead(200, { 'Content-Type': 'application/json' });
          const dripping = setInterval(() => response.write(' '), 10);
          response.on('close', () => clearInterval(dripping));
        },
        { deadlineMs: 300 },
      );
      await assert.rejects(run(host), failing('timeout', /within 1 seconds/));
    });

    it(`${name}: an answer that never begins is given up`, async () => {
      const { host } = await answering(() => undefined, { deadlineMs: 300 });
      await assert.rejects(run(host), failing('timeout'));
    });
  }

  describe('a list', () => {
    type Answer = (next: string) => { readonly body: unknown; readonly link?: string };
    type List = (host: RegistryHost, cursor: string | undefined) => Promise<Page<unknown>>;
    const linked: Answer = (next) => ({ body: [], link: `<${next}>; rel="next"` });
    const inBody: Answer = (next) => ({ body: { items: [], links: { next } } });
    const lists: readonly [string, List, Answer][] = [
      ['organizations', (host, cursor) => host.listing.organizations(cursor, SIGNAL), linked],
      ['registries', (host, cursor) => host.listing.registries('acme', cursor, SIGNAL), linked],
      ['teams', (host, cursor) => host.admin!.teams('acme', cursor, SIGNAL), linked],
      ['versions', (host, cursor) => host.listing.models(models, { cursor }, SIGNAL), inBody],
      [
        'versions of a model',
        (host, cursor) => host.listing.versions(models, 'acme/bert', { cursor }, SIGNAL),
        inBody,
      ],
    ];
    for (const [name, list, answer] of lists) {
      const pages = async (next: (page: number, origin: string) => string) => {
        let page = 0;
        const served = await answering((response, request) => {
          page += 1;
          const { body, link } = answer(next(page, `http://${request.headers.host}`));
          response.writeHead(200, link === undefined ? {} : { Link: link }).end(JSON.stringify(body));
        });
        const walk = async () => {
          let cursor: string | undefined;
          do ({ next: cursor } = await list(served.host, cursor));
          while (cursor !== undefined);
        };
        return { ...served, walk };
      };

      it(`of ${name} that leads to another server ends there, and the token stays`, async () => {
        let strangers = 0;
        const stranger = await listen((_request, response) => {
          strangers += 1;
          response.end('[]');
        });
        try {
          for (const next of [
            `${stranger.url.href}v2/organizations`,
            `//${stranger.url.host}/v2/organizations`,
            `http://api.buildkite.com@${stranger.url.host}/v2`,
          ]) {
            const { walk, requests } = await pages(() => next);
            await assert.rejects(walk(), failing('protocol', /outside/));
            assert.equal(requests.length, 1);
          }
          assert.equal(strangers, 0);
        } finally {
          await stranger.close();
        }
      });

      it(`of ${name} that leads in a circle ends`, async () => {
        const { walk, requests } = await pages((page, origin) => `${origin}/v2/circle?page=${page % 4}`);
        await assert.rejects(walk(), failing('protocol', /never ends/));
        assert.ok(requests.length <= 6, String(requests.length));
      });

      // One of each way to name the next page; a thousand pages take their time.
      if (name !== 'organizations' && name !== 'versions') continue;
      it(`of ${name} whose every page has another after it ends some time`, async () => {
        const { walk, requests } = await pages((page, origin) => `${origin}/v2/more?page=${page}`);
        await assert.rejects(walk(), failing('protocol', /never ends/));
        assert.ok(requests.length <= 1001, String(requests.length));
      });
    }
  });

  describe('names', () => {
    /** Every character there is, with many that mean something in addresses, and halves of characters. */
    const odd = fc.oneof(
      anyText(),
      fc.string({
        unit: fc.constantFrom(...Array.from('./\\?#%&=:@ +"<>{}|^`[]\'\0\n\r\t\u202e\ud800é\udc00你🤗')),
      }),
      fc.constantFrom('', '.', '..', '...', '%2e%2e', '%2E', '..%2f', '.\t.', 'a/../b', 'con', '__proto__'),
    );

    it('stay in their place of the address, whatever they hold', async () => {
      const { host, requests } = await answering((response) => {
        response.end(JSON.stringify({ id: '1', slug: 'x', items: [] }));
      });
      const base = '/v2/packages/organizations/';
      await fc.assert(
        fc.asyncProperty(odd, odd, odd, odd, async (organization, slug, id, name) => {
          const registry = { ...models, organization, slug };
          const asked: [() => Promise<unknown>, readonly string[], readonly (string | null)[]][] = [
            [
              () => host.listing.registry(organization, slug, SIGNAL),
              [organization, 'registries', slug],
              [null],
            ],
            [
              () => host.listing.models(registry, { name }, SIGNAL),
              [organization, 'registries', slug, 'packages'],
              [name],
            ],
            [
              () => host.admin!.deleteVersion({ ...version, registry, id }, SIGNAL),
              [organization, 'registries', slug, 'packages', id],
              [null],
            ],
            [() => host.admin!.deleteRegistry(registry, SIGNAL), [organization, 'registries', slug], [null]],
          ];
          for (const [ask, segments, [filter]] of asked) {
            requests.length = 0;
            try {
              await ask();
            } catch (error) {
              assert.ok(failing('notFound')(error));
              assert.deepEqual(requests, [], 'what cannot be a name is not asked for');
              continue;
            }
            assert.equal(requests.length, 1);
            const [, path = ''] = requests[0]!.split(' ');
            const url = new URL(path, 'http://host');
            assert.ok(url.pathname.startsWith(base), url.pathname);
            const found = url.pathname.slice(base.length).split('/').map(decodeURIComponent);
            assert.deepEqual(found, segments);
            assert.equal(url.searchParams.get('name'), filter?.replace(/\p{Cs}/gu, '\ufffd') ?? null);
          }
        }),
        { numRuns: 150 },
      );
    });

    it('of models and registries come as a line of text, whatever a server sends', async () => {
      let sent = '';
      const { host } = await answering((response, request) => {
        const registry = { id: '1', slug: 'models', name: sent, description: sent, emoji: sent };
        const found = { id: '2', name: sent, version: sent, created_at: sent, web_url: sent };
        const url = request.url ?? '';
        const body = url.includes('/packages?') ? { items: [found] } : [{ ...registry, web_url: sent }];
        response.end(JSON.stringify(body));
      });
      await fc.assert(
        fc.asyncProperty(odd, async (text) => {
          sent = text;
          const [registry] = (await host.listing.registries('acme', undefined, SIGNAL)).items;
          const [found] = (await host.listing.models(models, {}, SIGNAL)).items;
          assert.ok(registry && found?.newest);
          for (const shown of [registry.name, registry.description, registry.emoji, found.model]) {
            assert.doesNotMatch(shown ?? '', /\p{C}/u);
            assert.ok((shown ?? '').length <= 500);
          }
          for (const { webUrl } of [registry, found.newest])
            assert.match(webUrl?.href ?? '', /^http:\/\/127[^?#]*\/web\//);
        }),
        { numRuns: 150 },
      );
    });
  });
});
