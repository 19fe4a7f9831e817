import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import type { HttpClient } from '../../../src/core/http/client.ts';
import { createHubClient } from '../../../src/core/hub/client.ts';
import type { ObjectContent, UploadOptions } from '../../../src/core/hub/upload.ts';
import { commitBody } from '../../../src/core/hub/commitBody.ts';
import type { Log } from '../../../src/core/log.ts';
import { asSha256 } from '../../../src/core/objectIds.ts';

interface Arrived {
  readonly method: string | undefined;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Script = (request: Arrived, response: ServerResponse) => void;

const ignore = (): void => undefined;
const silent: Log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
const TOKEN = 'secret-token';
const OID = asSha256('b'.repeat(64))!;
const SHA = 'a'.repeat(40);
const json = (
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
};

/** Servers that answer as no good server would, or as only some do. */
const uploadOptions: UploadOptions = {
  subject: 'it',
  onSent: () => undefined,
  inTurn: (transfer) => transfer(),
  signal: new AbortController().signal,
};

const contentOf = (text: string): ObjectContent => ({
  oid: OID,
  size: text.length,
  ranges: 'ascending',
  open: (start, end) => Promise.resolve(Readable.from([Buffer.from(text).subarray(start, end)])),
  proved: () => Promise.resolve(),
});

describe('the Hub client', () => {
  const closing: (() => void)[] = [];
  let http: HttpClient;
  const signal = new AbortController().signal;

  const serve = async (script: Script): Promise<{ readonly origin: string; readonly arrived: Arrived[] }> => {
    const arrived: Arrived[] = [];
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const one = { method: request.method, url: request.url ?? '', headers: request.headers, body };
        arrived.push(one);
        script(one, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived };
  };

  const hubAt = (origin: string, model = 'acme/bert') => {
    const endpoint = new URL(`${origin}/org/reg/huggingface`);
    return createHubClient({ endpoint, token: new AccessToken(TOKEN, [endpoint]), model, http });
  };

  beforeEach(() => {
    http = createHttpClient({
      userAgent: 'hub-tests',
      log: silent,
      backoff: { retries: 1, firstMs: 1, longestMs: 2, longestAskedMs: 100 },
    });
  });
  afterEach(() => {
    http.dispose();
    for (const close of closing.splice(0)) close();
  });

  it('reads a tree over all its pages', async () => {
    const { origin } = await serve(({ url }, response) => {
      const page = Number(new URL(url, 'http://x').searchParams.get('cursor') ?? 0);
      const link = { link: `<${url.split('?')[0]!}?cursor=${page + 1}>; rel="next"` };
      json(response, [{ type: 'file', path: `f${page}`, size: 1, oid: SHA }], 200, page < 4 ? link : {});
    });
    const tree = await hubAt(origin).tree('main', signal);
    assert.deepEqual(
      tree?.map(({ path }) => path),
      ['f0', 'f1', 'f2', 'f3', 'f4'],
    );
  });

  it('does not follow a page to another origin', async () => {
    const elsewhere = await serve((_, response) => json(response, []));
    const { origin } = await serve((_, response) =>
      json(response, [], 200, { link: `<${elsewhere.origin}/steal>; rel="next"` }),
    );
    await assert.rejects(hubAt(origin).tree('main', signal), { kind: 'protocol' });
    assert.deepEqual(elsewhere.arrived, []);
  });

  it('does not follow pages in a circle', async () => {
    const { origin, arrived } = await serve(({ url }, response) =>
      json(response, [], 200, { link: `<${url.split('?')[0]!}?cursor=same>; rel="next"` }),
    );
    await assert.rejects(hubAt(origin).tree('main', signal), { kind: 'protocol' });
    assert.equal(arrived.length, 2);
  });

  it('reads a tree that tells little or more than asked', async () => {
    const { origin } = await serve((_, response) =>
      json(response, [
        { type: 'directory', path: 'folder', oid: SHA },
        { type: 'file', path: 'bare' },
        { type: 'file', path: 'odd', oid: 'not an id', size: null, lfs: null, extra: {} },
        {
          type: 'file',
          path: 'w',
          oid: SHA.toUpperCase(),
          size: 130,
          lfs: { oid: `sha256:${OID}`, size: 7, x: 1 },
        },
      ]),
    );
    assert.deepEqual(await hubAt(origin).tree('main', signal), [
      { path: 'bare', size: undefined, gitSha1: undefined, sha256: undefined },
      { path: 'odd', size: undefined, gitSha1: undefined, sha256: undefined },
      { path: 'w', size: 7, gitSha1: SHA, sha256: OID },
    ]);
  });

  it('keeps no hash of a gated model’s large files, whose hashes come as asterisks', async () => {
    const hidden = '*'.repeat(64);
    const { origin } = await serve((_, response) =>
      json(response, [
        { type: 'file', path: 'README.md', oid: SHA, size: 5 },
        {
          ...{ type: 'file', path: 'w', oid: SHA, size: 7, xetHash: hidden },
          lfs: { oid: hidden, size: 7, pointerSize: 130 },
        },
      ]),
    );
    assert.deepEqual(await hubAt(origin).tree('main', signal), [
      { path: 'README.md', size: 5, gitSha1: SHA, sha256: undefined },
      { path: 'w', size: 7, gitSha1: undefined, sha256: undefined },
    ]);
  });

  it('tells an absent model and one without a commit from a head', async () => {
    const { origin } = await serve(({ url }, response) => {
      if (url.includes('absent')) json(response, { error: 'Repository not found' }, 404);
      else
        json(response, { id: 'x', sha: url.includes('unborn') ? null : SHA, siblings: [{ rfilename: 'a' }] });
    });
    assert.equal(await hubAt(origin, 'acme/absent').head('main', signal), undefined);
    assert.equal(await hubAt(origin, 'acme/absent').tree('main', signal), undefined);
    assert.equal(await hubAt(origin, 'acme/unborn').head('main', signal), undefined);
    assert.deepEqual(await hubAt(origin).head('main', signal), { commit: SHA, paths: ['a'] });
  });

  it('goes on where a model may not be created but is there', async () => {
    const { origin, arrived } = await serve(({ method, url }, response) => {
      if (method === 'POST') json(response, { error: 'no' }, 403);
      else json(response, {}, url.endsWith('/acme/bert') ? 200 : 404);
    });
    assert.equal(await hubAt(origin).create(signal), 'exists');
    assert.deepEqual(JSON.parse(arrived[0]!.body), { name: 'bert', organization: 'acme', type: 'model' });
  });

  for (const [status, kind] of [
    [403, 'forbidden'],
    [404, 'notFound'],
    [405, 'notFound'],
    [501, 'notFound'],
  ] as const) {
    it(`tells by what a write meets that ${status} to the creation of a model was meant`, async () => {
      let made = false;
      const { origin } = await serve(({ method, url }, response) => {
        if (url.endsWith('/create')) json(response, { error: 'Not here' }, status);
        else if (method === 'GET' || !made) json(response, { error: 'No such model' }, 404);
        else json(response, { files: [{ path: 'a', uploadMode: 'regular' }] });
      });
      const files = [{ path: 'a', size: 1, sample: Buffer.from('x') }];
      const hub = hubAt(origin);
      assert.equal(await hub.create(signal), 'refused');
      await assert.rejects(hub.preupload('main', files, signal), { kind, status, serverMessage: 'Not here' });
      made = true;
      assert.equal((await hub.preupload('main', files, signal)).get('a')?.mode, 'regular');
    });
  }

  it('asks again for objects that a batch answer left out, and only then tells that they are', async () => {
    const other = asSha256('c'.repeat(64))!;
    const { origin, arrived } = await serve(({ body }, response) => {
      const asked = (JSON.parse(body) as { objects: { oid: string }[] }).objects;
      json(response, {
        objects: asked.slice(0, 1).filter(({ oid }) => oid !== 'd'.repeat(64)),
        hash_algo: 'sha_256',
      });
    });
    const hub = hubAt(origin);
    const objects = [OID, other].map((oid) => ({ oid, size: 1 }));
    assert.deepEqual([...(await hub.batch('main', objects, signal)).keys()], [OID, other]);
    assert.equal(arrived.length, 2);
    const sent = JSON.parse(arrived[0]!.body) as Record<string, unknown>;
    assert.deepEqual(sent, {
      operation: 'upload',
      transfers: ['basic', 'multipart'],
      hash_algo: 'sha256',
      ref: { name: 'main' },
      objects,
    });
    const silentOne = [{ oid: asSha256('d'.repeat(64))!, size: 1 }];
    assert.deepEqual([...(await hub.batch('main', silentOne, signal)).values()], [{ kind: 'leftOut' }]);
  });

  it('refuses a preupload answer that forgets a file or wants it in an unknown way', async () => {
    const { origin } = await serve(({ body }, response) => {
      const odd = body.includes('odd');
      json(response, { files: odd ? [{ path: 'odd', uploadMode: 'carrier pigeon' }] : [] });
    });
    for (const path of ['odd', 'forgotten']) {
      const files = [{ path, size: 1, sample: Buffer.from('x') }];
      await assert.rejects(hubAt(origin).preupload('main', files, signal), { kind: 'protocol' });
    }
  });

  it('sends the headers of an action, and its own token nowhere but to verify at home', async () => {
    const store = await serve((_, response) => response.writeHead(200, { etag: '"part"' }).end());
    const hubServer = await serve((_, response) => json(response, {}));
    const hub = hubAt(hubServer.origin);
    const content = contentOf('data');
    const headers = { 'X-Extra': 'yes', Authorization: `Bearer ${TOKEN}` };
    const away = (path: string) => ({ url: new URL(`${store.origin}${path}`), headers });
    await hub.upload(
      content,
      { transfer: 'basic', put: away('/basic'), verify: away('/verify'), expiresAt: undefined },
      uploadOptions,
    );
    await hub.upload(
      content,
      {
        transfer: 'multipart',
        parts: [new URL(`${store.origin}/1`), new URL(`${store.origin}/2`)],
        partBytes: 3,
        completion: new URL(`${store.origin}/complete`),
        headers,
        verify: { url: new URL(`${hubServer.origin}/verify`), headers: {} },
        expiresAt: undefined,
      },
      uploadOptions,
    );
    for (const { headers: sent, url } of store.arrived) assert.equal(sent.authorization, undefined, url);
    assert.deepEqual(
      store.arrived.map(({ method, url, body, headers: sent }) => [method, url, body, sent['x-extra']]),
      [
        ['PUT', '/basic', 'data', 'yes'],
        ['POST', '/verify', JSON.stringify({ oid: OID, size: 4 }), 'yes'],
        ['PUT', '/1', 'dat', undefined],
        ['PUT', '/2', 'a', undefined],
        [
          'POST',
          '/complete',
          JSON.stringify({ oid: OID, parts: [1, 2].map((partNumber) => ({ partNumber, etag: '"part"' })) }),
          'yes',
        ],
      ],
    );
    assert.deepEqual(
      hubServer.arrived.map(({ url, headers: sent }) => [url, sent.authorization]),
      [['/verify', `Bearer ${TOKEN}`]],
    );
    assert.equal(store.arrived[0]?.headers['content-type'], undefined, 'a signed address signed none');
  });

  it('goes to stores with the user information of their addresses', async () => {
    const store = await serve((_, response) => response.writeHead(200, { etag: '"part"' }).end());
    const named = (path: string) => new URL(store.origin.replace('//', '//ada:secret@') + path);
    await hubAt('http://127.0.0.1:9').upload(
      contentOf('data'),
      {
        ...{ transfer: 'multipart', parts: [named('/1'), named('/2')], partBytes: 3 },
        ...{ completion: named('/complete'), headers: {}, expiresAt: undefined },
        verify: { url: named('/verify'), headers: {} },
      },
      uploadOptions,
    );
    const basic = `Basic ${Buffer.from('ada:secret').toString('base64')}`;
    assert.deepEqual(
      store.arrived.map(({ url, headers }) => [url, headers.authorization]),
      ['/1', '/2', '/complete', '/verify'].map((path) => [path, basic]),
    );
  });

  it('keeps an Authorization that the server gave for the upload', async () => {
    const store = await serve((_, response) => response.writeHead(201).end());
    const put = { url: new URL(`${store.origin}/x`), headers: { Authorization: 'RemoteAuth theirs' } };
    const content = contentOf('x');
    await hubAt('http://127.0.0.1:9').upload(
      content,
      { transfer: 'basic', put, verify: undefined, expiresAt: undefined },
      uploadOptions,
    );
    assert.equal(store.arrived[0]?.headers.authorization, 'RemoteAuth theirs');
  });

  it('misses the receipt of a part', async () => {
    const store = await serve((_, response) => response.writeHead(200).end());
    const url = new URL(store.origin);
    const content = contentOf('x');
    const upload = hubAt(store.origin).upload(
      content,
      {
        ...{ transfer: 'multipart', parts: [url], partBytes: 1, completion: url },
        ...{ headers: {}, verify: undefined, expiresAt: undefined },
      },
      uploadOptions,
    );
    await assert.rejects(upload, { kind: 'protocol' });
  });

  it('needs nothing of a commit’s answer but commitOid', async () => {
    const { origin, arrived } = await serve((_, response) =>
      json(response, { commitOid: 'main', commitUrl: 7 }),
    );
    const body = commitBody({ summary: 's', description: '', parentCommit: undefined, operations: [] });
    const options = { subject: 'it', onSent: () => undefined, signal };
    assert.equal(await hubAt(origin).commit('v1/x', body, options), 'main');
    assert.equal(arrived[0]?.url, '/org/reg/huggingface/api/models/acme/bert/commit/v1%2Fx');
    assert.equal(arrived[0].headers['content-length'], String(body.length));
    assert.equal(arrived[0].headers['content-type'], 'application/x-ndjson');
    assert.equal(arrived[0].headers['transfer-encoding'], undefined);
  });
});
