import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { Failure } from '../../../src/core/failure.ts';
import type { HttpClient, HttpRequest } from '../../../src/core/http/client.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import type { Pace } from '../../../src/core/http/pace.ts';
import { createHubClient, type HubClient } from '../../../src/core/hub/client.ts';
import type { ObjectContent } from '../../../src/core/hub/upload.ts';
import { commitBody } from '../../../src/core/hub/commitBody.ts';
import { listCommits } from '../../../src/core/hub/commitList.ts';
import { readFileContent } from '../../../src/core/hub/fileContent.ts';
import { listFiles } from '../../../src/core/hub/fileList.ts';
import { readFileMetadata } from '../../../src/core/hub/fileMetadata.ts';
import type { UploadInstructions } from '../../../src/core/hub/lfsBatch.ts';
import type { Log } from '../../../src/core/log.ts';
import { asSha256 } from '../../../src/core/objectIds.ts';

const ignore = (): void => undefined;
const silent: Log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
const SIGNAL = new AbortController().signal;
const OID = asSha256('b'.repeat(64))!;
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

/** A pace that a drop every few milliseconds does not keep up with, and loopback does. */
const BRISK: Pace = { graceMs: 300, bytesPerSecond: 1_000_000 };

/** How an ill server stays on the line: what it sends first, and then again and again. */
const ill = {
  'a byte of its answer': { first: `${HEAD}Content-Length: 5000000\r\n\r\n[`, then: ' ' },
  'a chunk of its answer': { first: `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, then: '1\r\n \r\n' },
  'a byte of a header': { first: `HTTP/1.1 200 OK\r\nX-Drop: `, then: 'x' },
  'an answer before the answer': { first: '', then: 'HTTP/1.1 102 Processing\r\n\r\n' },
} as const;

describe('a server that sends a little now and then, for ever', () => {
  const servers: { readonly server: Server; readonly sockets: Socket[] }[] = [];
  const clients: HttpClient[] = [];
  let connections: number;

  /** A server that answers the end of a request's head with whatever `answer` does. */
  async function serve(answer: (socket: Socket) => void): Promise<URL> {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      connections += 1;
      sockets.push(socket);
      socket.on('error', ignore);
      socket.once('data', () => answer(socket));
    });
    servers.push({ server, sockets });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hub`);
  }

  function client(paces: { question?: Pace; transfer?: Pace }, retries = 0): HttpClient {
    const made = createHttpClient({
      userAgent: 'test',
      log: silent,
      backoff: { retries, firstMs: 1, longestMs: 2, longestAskedMs: 1000 },
      // No such pause is made here: it is not what ends these calls.
      idleTimeoutMs: 30_000,
      paces: {
        question: { graceMs: 60_000, bytesPerSecond: 1 },
        transfer: { graceMs: 60_000, bytesPerSecond: 1 },
        ...paces,
      },
    });
    clients.push(made);
    return made;
  }

  beforeEach(() => {
    connections = 0;
  });
  afterEach(async () => {
    for (const made of clients.splice(0)) made.dispose();
    for (const { server, sockets } of servers.splice(0)) {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    }
  });

  const asking = (url: URL, more: Partial<HttpRequest> = {}): HttpRequest => ({
    ...{ method: 'GET', url, subject: 'the model “acme/bert”', retry: 'idempotent', signal: SIGNAL },
    ...more,
  });

  for (const [what, { first, then }] of Object.entries(ill)) {
    it(`holds no question by ${what}, and is not asked again`, async () => {
      const url = await serve((socket) => drip(socket, first, then));
      const asked = client({ question: BRISK }, 3).send(asking(url));
      await assert.rejects(asked, failing('timeout', /did not answer .* within 1 seconds/));
      assert.equal(connections, 1);
    });
  }

  it('holds no question by many attempts that each take long and fail', async () => {
    const url = await serve((socket) => {
      setTimeout(() => socket.end('HTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n'), 60);
    });
    const asked = client({ question: BRISK }, 1000).send(asking(url));
    await assert.rejects(asked, failing('timeout'));
    assert(connections < 50, String(connections));
  });

  it('leaves a write that it may have carried out as one of unknown outcome', async () => {
    const url = await serve((socket) => drip(socket, ill['a byte of its answer'].first, ' '));
    const asked = client({ question: BRISK }).send(asking(url, { method: 'POST', retry: 'never' }));
    await assert.rejects(asked, failing('unknownOutcome'));
  });

  it('is no server that gets on, though that takes longer than a question may at first', async () => {
    const pieces = 40;
    const url = await serve((socket) => {
      socket.write(`${HEAD}Content-Length: ${pieces * 10_000}\r\n\r\n`);
      let sent = 0;
      const timer = setInterval(() => {
        socket.write(' '.repeat(10_000));
        if ((sent += 1) === pieces) clearInterval(timer);
      }, 25);
      socket.on('close', () => clearInterval(timer));
    });
    // Long enough for a busy machine to begin, and shorter than all pieces take.
    const question = { graceMs: 700, bytesPerSecond: 100_000 };
    const { body } = await client({ question }).send(asking(url));
    assert.equal(body.length, pieces * 10_000);
  });

  it('holds no download, which is tried again as after any other break', async () => {
    const url = await serve((socket) => drip(socket, `${HEAD}Content-Length: 5000000\r\n\r\n`, ' '));
    const receiving = client({ transfer: BRISK }, 1).receive({
      ...{ url, subject: 'the file “a”', headers: () => ({}), received: () => 0, signal: SIGNAL },
      take: async (_head, body) => {
        for await (const chunk of body) assert(chunk.length > 0);
      },
    });
    await assert.rejects(receiving, failing('timeout', /Less than 1000000 bytes a second .*“a”/));
    assert.equal(connections, 2);
  });

  it('holds nothing for longer because it was fast before', async () => {
    const burst = ' '.repeat(20_000_000);
    const url = await serve((socket) => drip(socket, `${HEAD}Content-Length: 30000000\r\n\r\n${burst}`, ' '));
    const receiving = client({ transfer: { graceMs: 300, bytesPerSecond: 100_000 } }).receive({
      ...{ url, subject: 'the file “a”', headers: () => ({}), received: () => 0, signal: SIGNAL },
      take: async (_head, body) => {
        for await (const chunk of body) assert(chunk.length > 0);
      },
    });
    await assert.rejects(receiving, failing('timeout'));
  });

  it('is not blamed for a disk that takes long', async () => {
    const url = await serve((socket) => socket.end(`${HEAD}Content-Length: 3\r\n\r\nabc`));
    let taken = '';
    await client({ transfer: { graceMs: 100, bytesPerSecond: 1_000_000 } }).receive({
      ...{ url, subject: 'the file “a”', headers: () => ({}), received: () => 0, signal: SIGNAL },
      take: async (_head, body) => {
        for await (const chunk of body) {
          await new Promise((resume) => setTimeout(resume, 400));
          taken += chunk.toString();
        }
      },
    });
    assert.equal(taken, 'abc');
  });

  it('holds no upload by reading it drop by drop', async () => {
    const url = await serve((socket) => {
      socket.pause();
      const timer = setInterval(() => void socket.read(1000), 5);
      socket.on('close', () => clearInterval(timer));
    });
    const block = Buffer.alloc(64 * 1024);
    const length = block.length * 4096;
    const open = () => Readable.from(Array.from({ length: 4096 }, () => block));
    const sending = client({ transfer: { graceMs: 300, bytesPerSecond: 50_000_000 } }).send(
      asking(url, { method: 'PUT', body: { kind: 'stream', length, open } }),
    );
    await assert.rejects(sending, failing('timeout', /Less than 50000000 bytes a second/));
  });

  const content: ObjectContent = {
    ...{ oid: OID, size: 3, ranges: 'ascending' },
    open: (start, end) => Promise.resolve(Readable.from([Buffer.from('abc').subarray(start, end)])),
    proved: () => Promise.resolve(),
  };
  const options = {
    subject: 'it',
    onSent: ignore,
    signal: SIGNAL,
    inTurn: <T>(one: () => Promise<T>) => one(),
  };
  const none = { verify: undefined, expiresAt: undefined };
  const put = (url: URL): UploadInstructions => ({ ...none, transfer: 'basic', put: { url, headers: {} } });
  const parts = (url: URL): UploadInstructions => ({
    ...{ ...none, transfer: 'multipart', partBytes: 3, completion: url, headers: {}, parts: [url] },
  });
  const body = commitBody({ summary: 's', description: '', parentCommit: undefined, operations: [] });
  const file = { path: 'a', size: undefined, gitSha1: undefined, sha256: undefined };
  type Hub = Parameters<typeof createHubClient>[0];
  const calls: Readonly<Record<string, (hub: HubClient, options: Hub) => Promise<unknown>>> = {
    create: (hub) => hub.create(SIGNAL),
    head: (hub) => hub.head('main', SIGNAL),
    tree: (hub) => hub.tree('main', SIGNAL),
    commits: (hub) => hub.commits('main', SIGNAL),
    preupload: (hub) => hub.preupload('main', [{ path: 'a', size: 1, sample: Buffer.alloc(1) }], SIGNAL),
    batch: (hub) => hub.batch('main', [{ oid: OID, size: 3 }], SIGNAL),
    'upload of an object': (hub, { endpoint }) => hub.upload(content, put(endpoint), options),
    'upload of a part': (hub, { endpoint }) => hub.upload(content, parts(endpoint), options),
    commit: (hub) => hub.commit('main', body, options),
    'page of files': (_, all) => listFiles(all, 'main', undefined, SIGNAL),
    'page of commits': (_, all) => listCommits(all, 'main', SIGNAL),
    'content of a file': (_, all) => readFileContent(all, 'main', file, 100, SIGNAL),
    'what is known of a file': (_, all) => readFileMetadata(all, 'main', 'a', SIGNAL),
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`holds no call of a Hub: ${name}`, async () => {
      const { first, then } = ill['a byte of a header'];
      const endpoint = await serve((socket) => drip(socket, first, then));
      const token = new AccessToken('secret', [endpoint]);
      const hub: Hub = {
        endpoint,
        token,
        model: 'acme/bert',
        http: client({ question: BRISK, transfer: BRISK }),
      };
      await assert.rejects(
        call(createHubClient(hub), hub),
        failing(name === 'commit' ? 'unknownOutcome' : 'timeout'),
      );
    });
  }
});

function drip(socket: Socket, first: string, then: string): void {
  socket.write(first);
  const timer = setInterval(() => socket.write(then), 5);
  socket.on('close', () => clearInterval(timer));
}

function failing(kind: Failure['kind'], sentence = /./) {
  return (error: unknown) => error instanceof Failure && error.kind === kind && sentence.test(error.message);
}
