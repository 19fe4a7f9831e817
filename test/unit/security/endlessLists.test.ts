import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { createBuildkiteHost } from '../../../src/core/hosts/buildkite/host.ts';
import { Failure } from '../../../src/core/failure.ts';
import { isEndless, NOTHING_SO_FAR, withPage, type ListSoFar } from '../../../src/core/http/pages.ts';
import { createHubClient, type HubClient } from '../../../src/core/hub/client.ts';
import type { HubConnection } from '../../../src/core/hub/connection.ts';
import { listAllFiles } from '../../../src/core/hub/fileList.ts';
import { readBatch } from '../../../src/core/hub/lfsBatch.ts';
import { addressesOf } from '../../../src/core/hub/addresses.ts';
import { asSha256 } from '../../../src/core/objectIds.ts';
import { listen, testClient, type Loopback } from '../http/loopback.ts';

const SIGNAL = new AbortController().signal;

describe('a list that never ends', () => {
  let server: Loopback | undefined;
  let asked: number;
  const http = testClient();
  after(() => http.dispose());
  beforeEach(() => {
    asked = 0;
  });
  afterEach(() => server?.close());

  /** Answers each request with the number of it, and where the next page would be. */
  async function serve(answer: (page: number, next: string, response: ServerResponse) => void): Promise<URL> {
    server = await listen((request: IncomingMessage, response) => {
      asked += 1;
      const next = new URL(request.url ?? '/', `http://${request.headers.host}`);
      next.searchParams.set('cursor', String(asked));
      answer(asked, next.href, response);
    });
    return server.url;
  }
  const linked = (page: unknown) => (_: number, next: string, response: ServerResponse) => {
    response.writeHead(200, { Link: `<${next}>; rel="next"` }).end(JSON.stringify(page));
  };
  const connectionAt = (endpoint: URL): HubConnection => ({
    ...{ endpoint, token: new AccessToken('secret', [endpoint]), model: 'acme/bert', http: http.http },
  });
  const hubAt = (endpoint: URL): HubClient => createHubClient(connectionAt(endpoint));

  it('is not followed over empty pages that each name another one', async () => {
    const hub = hubAt(await serve(linked([])));
    await assert.rejects(
      hub.tree('main', SIGNAL),
      failing('protocol', /list of the files of “acme\/bert”.*never ends/),
    );
    assert(asked < 20, String(asked));
  });

  for (const [name, page] of [
    ['a placeholder', [{ type: '', path: '', oid: '', size: 0 }]],
    ['one folder, again and again', [{ type: 'directory', path: 'a' }]],
    ['what has no name', [{ type: 'directory' }]],
  ] as const) {
    it(`is not followed over pages of ${name}`, async () => {
      const hub = hubAt(await serve(linked(page)));
      await assert.rejects(hub.tree('main', SIGNAL), failing('protocol', /never ends/));
      assert(asked < 200, String(asked));
    });
  }

  it('is followed over pages of folders alone, and a few that are empty', async () => {
    const folders = [{ type: 'directory', path: 'a' }];
    const pages = [
      ...Array.from({ length: 15 }, () => folders),
      [],
      [],
      [{ type: 'file', path: 'a/b', size: 1 }],
    ];
    const endpoint = await serve((page, next, response) => {
      const more = page < pages.length ? { Link: `<${next}>; rel="next"` } : {};
      response.writeHead(200, more).end(JSON.stringify(pages[page - 1]));
    });
    const files = await hubAt(endpoint).tree('main', SIGNAL);
    assert.deepEqual(
      files?.map(({ path }) => path),
      ['a/b'],
    );
  });

  it('is given up after its deadline, however well each page comes', async () => {
    const hub = connectionAt(await serve(linked([{ type: 'file', path: 'a', size: 1 }])));
    await assert.rejects(
      listAllFiles(hub, 'main', SIGNAL, 300),
      failing('timeout', /did not list all files of “acme\/bert” within 1 seconds/),
    );
  });

  it('is stopped by the person, who is told nothing of a deadline', async () => {
    const person = new AbortController();
    const reason = new Error('the person has enough');
    const endpoint = await serve((page, next, response) => {
      if (page === 3) person.abort(reason);
      linked([{ type: 'file', path: 'a', size: 1 }])(page, next, response);
    });
    await assert.rejects(hubAt(endpoint).tree('main', person.signal), reason);
  });

  for (const name of ['organizations', 'versions'] as const) {
    it(`of ${name} is not followed over empty pages of Buildkite’s API`, async () => {
      const url = await serve((_page, next, response) => {
        const body = name === 'versions' ? { items: [], links: { next } } : [];
        response.writeHead(200, { Link: `<${next}>; rel="next"` }).end(JSON.stringify(body));
      });
      const host = createBuildkiteHost({
        ...{
          apiUrl: url,
          packagesUrl: url,
          webUrl: url,
          token: new AccessToken('secret', [url]),
          ...{ scopes: new Set<string>(), ecosystem: () => 'huggingface' },
          http: http.http,
        },
      });
      const registry = {
        ...{ id: '1', organization: 'acme', slug: 'models', name: 'Models', ecosystem: 'huggingface' },
        ...{
          holdsModels: true,
          description: undefined,
          emoji: undefined,
          public: undefined,
          webUrl: undefined,
        },
      };
      const walk = async () => {
        let cursor: string | undefined;
        do {
          const page =
            name === 'versions'
              ? await host.listing.models(registry, { cursor }, SIGNAL)
              : await host.listing.organizations(cursor, SIGNAL);
          cursor = page.next;
        } while (cursor !== undefined);
      };
      await assert.rejects(walk(), failing('protocol', /never ends/));
      assert(asked < 20, String(asked));
    });
  }

  it('is one with more pages, entries or bytes than any list has, and none of today’s largest', () => {
    const followed = (pages: number, page: Pick<ListSoFar, 'entries' | 'bytes'>) => {
      let list = NOTHING_SO_FAR;
      for (let index = 0; index < pages && !isEndless(list); index += 1) list = withPage(list, page);
      return isEndless(list);
    };
    assert(!followed(1, { entries: 200_000, bytes: 60_000_000 }), '200,000 files in one page');
    assert(!followed(4000, { entries: 50, bytes: 30_000 }), '200,000 files in the smallest pages');
    assert(followed(Infinity, { entries: 1, bytes: 1 }), 'pages');
    assert(followed(Infinity, { entries: 50_000, bytes: 1 }), 'entries');
    assert(followed(Infinity, { entries: 1, bytes: 30_000_000 }), 'bytes');
  });

  it('is no upload in more parts than a storage takes', () => {
    const oid = asSha256('a'.repeat(64))!;
    const size = 200_000;
    const header = Object.fromEntries(
      Array.from({ length: size }, (_, index) => [String(index + 1), `p${index}`]),
    );
    const answer = {
      objects: [{ oid, actions: { upload: { href: 'done', header: { ...header, chunk_size: 1 } } } }],
    };
    const addresses = addressesOf(new URL('https://hub.example'), 'acme/bert');
    assert.throws(
      () => readBatch(answer, [{ oid, size }], addresses, 0),
      failing('protocol', /more than 100,?000 parts/),
    );
  });
});

function failing(kind: Failure['kind'], sentence: RegExp) {
  return (error: unknown) => {
    assert(error instanceof Failure, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, sentence);
    return true;
  };
}
