import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import type http from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as tick } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import type { ResponseHead } from '../../../src/core/http/client.ts';
import { listen, testClient, type Loopback, type TestClient } from './loopback.ts';

const MEBIBYTE = 1024 * 1024;

describe('an answer taken as it comes', () => {
  const opened: { close?(): Promise<void>; dispose?(): void }[] = [];

  async function serve(handler: http.RequestListener): Promise<Loopback> {
    const server = await listen(handler);
    opened.push(server);
    return server;
  }

  function client(...options: Parameters<typeof testClient>): TestClient {
    const made = testClient(...options);
    opened.push(made);
    return made;
  }

  afterEach(async () => {
    for (const each of opened.splice(0)) {
      each.dispose?.();
      await each.close?.();
    }
  });

  /** Keeps what comes, in order, over all attempts. */
  function collector() {
    const chunks: Buffer[] = [];
    const heads: ResponseHead[] = [];
    return {
      heads,
      bytes: () => Buffer.concat(chunks),
      received: () => chunks.reduce((sum, { length }) => sum + length, 0),
      take: async (head: ResponseHead, body: AsyncIterable<Buffer>) => {
        heads.push(head);
        for await (const chunk of body) chunks.push(chunk);
      },
    };
  }

  it('is handed on whole, and its connection serves the next request', async () => {
    const content = randomBytes(5 * MEBIBYTE + 3);
    const server = await serve((_request, response) => response.end(content));
    const { receive } = client();
    for (let round = 0; round < 2; round += 1) {
      const taken = collector();
      await receive({ url: server.url, take: taken.take });
      assert.ok(taken.bytes().equals(content));
      assert.equal(taken.heads[0]?.status, 200);
      await tick();
    }
    assert.equal(server.connections.length, 1);
  });

  it('waits for whoever takes it: no more is read than is taken', async () => {
    const most = 200 * MEBIBYTE;
    const piece = Buffer.alloc(MEBIBYTE);
    let offered = 0;
    let heldUp: () => void = () => undefined;
    const stalled = new Promise<void>((resolve) => (heldUp = resolve));
    const server = await serve((_request, response) => {
      response.on('error', () => undefined);
      response.writeHead(200, { 'content-length': most });
      const send = (): void => {
        while (offered < most) {
          offered += piece.length;
          if (!response.write(piece)) {
            // Whatever is not drained soon is held up by the other side.
            const timer = setTimeout(heldUp, 200);
            response.once('drain', () => {
              clearTimeout(timer);
              send();
            });
            return;
          }
        }
      };
      send();
    });
    const enough = new Error('enough');
    const taking = client().receive({
      url: server.url,
      take: async (_head, body) => {
        for await (const chunk of body) {
          assert.ok(chunk.length > 0);
          await stalled;
          throw enough;
        }
      },
    });
    await assert.rejects(taking, (error) => error === enough);
    assert.ok(offered < most / 4, `${offered} bytes left the server`);
    await Promise.all(server.connections.map(closed));
  });

  it('is asked for anew after the connection broke, from where that was', async () => {
    const content = randomBytes(300_000);
    const ranges: (string | undefined)[] = [];
    const server = await serve((request, response) => {
      ranges.push(request.headers.range);
      const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': content.length - start });
      const rest = content.subarray(start);
      if (start >= 200_000) response.end(rest);
      else response.write(rest.subarray(0, 100_000), () => response.socket?.destroy());
    });
    const taken = collector();
    await client().receive({
      url: server.url,
      headers: (): Record<string, string> =>
        taken.received() > 0 ? { range: `bytes=${taken.received()}-` } : {},
      take: taken.take,
      received: taken.received,
    });
    assert.ok(taken.bytes().equals(content));
    assert.equal(ranges[0], undefined);
    assert.ok(ranges.length >= 2);
  });

  it('may break more often than it is tried again, as long as it gets on', async () => {
    const content = randomBytes(8 * MEBIBYTE);
    let requests = 0;
    const server = await serve((request, response) => {
      requests += 1;
      const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      const rest = content.subarray(start, start + MEBIBYTE + 100_000);
      response.writeHead(206, { 'content-length': content.length - start });
      if (start + rest.length === content.length) response.end(rest);
      else response.write(rest, () => response.socket?.end());
    });
    const taken = collector();
    await client({ retries: 1 }).receive({
      url: server.url,
      headers: () => ({ range: `bytes=${taken.received()}-` }),
      take: taken.take,
      received: taken.received,
    });
    assert.ok(taken.bytes().equals(content));
    assert.ok(requests > 3, `${requests} requests`);
  });

  it('goes on where it broke after it had come to a server that was away', async () => {
    const content = randomBytes(4 * MEBIBYTE);
    let requests = 0;
    const server = await serve((request, response) => {
      requests += 1;
      const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      if (requests <= 2) response.socket?.destroy();
      else {
        response.writeHead(206, { 'content-length': content.length - start });
        if (start > 0) response.end(content.subarray(start));
        else response.write(content.subarray(0, 2 * MEBIBYTE), () => response.socket?.end());
      }
    });
    const taken = collector();
    await client({ retries: 2 }).receive({
      url: server.url,
      headers: () => ({ range: `bytes=${taken.received()}-` }),
      take: taken.take,
      received: taken.received,
    });
    assert.ok(taken.bytes().equals(content));
    assert.equal(requests, 4);
  });

  it('that gets nowhere is given up', async () => {
    let requests = 0;
    const server = await serve((_request, response) => {
      requests += 1;
      response.writeHead(200, { 'content-length': 4 * MEBIBYTE });
      response.write(Buffer.alloc(2 * MEBIBYTE), () => response.socket?.end());
    });
    let held = 0;
    const taking = client({ retries: 2 }).receive({
      url: server.url,
      // The server knows no ranges: every attempt begins anew.
      take: async (_head, body) => {
        held = 0;
        for await (const chunk of body) held += chunk.length;
      },
      received: () => held,
    });
    await assert.rejects(taking, hasKind('network'));
    // The first attempt got further than ever before.
    assert.equal(requests, 4);
  });

  it('is given up when nothing comes, but not while whoever takes it is busy', async () => {
    const busy = await serve((_request, response) => response.end(Buffer.alloc(3 * MEBIBYTE)));
    let length = 0;
    let waited = false;
    await client().receive({
      url: busy.url,
      idleTimeoutMs: 1000,
      take: async (_head, body) => {
        for await (const chunk of body) {
          length += chunk.length;
          if (!waited) await new Promise((resolve) => setTimeout(resolve, 1500));
          waited = true;
        }
      },
    });
    assert.equal(length, 3 * MEBIBYTE);
    const mute = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('12345');
    });
    const taking = client({ retries: 0 }).receive({
      url: mute.url,
      idleTimeoutMs: 50,
      take: collector().take,
    });
    await assert.rejects(taking, hasKind('timeout'));
  });

  it('may be refused by whoever takes it: for good, or to be tried again', async () => {
    let requests = 0;
    const server = await serve((_request, response) => {
      requests += 1;
      response.end('wrong');
    });
    const refusing = (kind: FailureKind) =>
      client({ retries: 2 }).receive({
        url: server.url,
        take: () => Promise.reject(new Failure(kind, 'Not this.')),
      });
    await assert.rejects(refusing('corrupt'), hasKind('corrupt'));
    assert.equal(requests, 1);
    await assert.rejects(refusing('network'), hasKind('network'));
    assert.equal(requests, 4);
  });

  it('waits as the server asks before the next attempt, and takes no refusal for the answer', async () => {
    let requests = 0;
    const server = await serve((_request, response) => {
      requests += 1;
      if (requests === 1) response.writeHead(429, { 'retry-after': '7' }).end('slow down');
      else if (requests === 2) response.writeHead(503).end('busy');
      else response.end('content');
    });
    const taken = collector();
    const tester = client();
    await tester.receive({ url: server.url, take: taken.take });
    assert.equal(taken.bytes().toString(), 'content');
    assert.deepEqual(tester.waits, [7000]);
    const gone = await serve((_request, response) => response.writeHead(404).end('{"error":"gone"}'));
    const other = collector();
    await assert.rejects(tester.receive({ url: gone.url, take: other.take }), hasKind('notFound', /gone/));
    assert.equal(other.heads.length, 0);
  });

  it('that is compressed is not taken', async () => {
    const server = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('content')),
    );
    const taken = collector();
    await assert.rejects(client().receive({ url: server.url, take: taken.take }), hasKind('protocol'));
    assert.equal(taken.heads.length, 0);
  });

  it('comes from another origin without the token, and says where from', async () => {
    let seen: http.IncomingHttpHeaders | undefined;
    const storage = await serve((request, response) => {
      seen = request.headers;
      response.end('content');
    });
    const server = await serve((_request, response) =>
      response.writeHead(302, { location: new URL('/object', storage.url).href }).end('elsewhere'),
    );
    const taken = collector();
    await client().receive({
      url: server.url,
      token: new AccessToken('secret', [server.url]),
      headers: () => ({ range: 'bytes=3-' }),
      take: taken.take,
    });
    assert.equal(taken.bytes().toString(), 'content');
    assert.equal(taken.heads[0]?.url.origin, storage.url.origin);
    assert.equal(seen?.authorization, undefined);
    assert.equal(seen?.range, 'bytes=3-');
  });

  it('can be stopped at any time; whoever takes it has ended by then, and nothing is left', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/mute') return;
      response.writeHead(200, { 'content-length': 10 * MEBIBYTE });
      if (request.url === '/body') response.write(Buffer.alloc(MEBIBYTE));
    });
    const tester = client();
    for (const path of ['/mute', '/head', '/body']) {
      const controller = new AbortController();
      const cancelled = new Error('cancelled');
      let open = false;
      const taking = tester.receive({
        url: new URL(path, server.url),
        signal: controller.signal,
        take: async (_head, body) => {
          open = true;
          try {
            for await (const chunk of body) if (chunk.length > 0) controller.abort(cancelled);
          } finally {
            // As a file takes a while to close.
            await new Promise((resolve) => setTimeout(resolve, 20));
            open = false;
          }
        },
      });
      if (path !== '/body') setTimeout(() => controller.abort(cancelled), 50);
      await assert.rejects(taking, (error) => error === cancelled);
      assert.equal(open, false, path);
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0, path);
    }
    tester.dispose();
    await Promise.all(server.connections.map(closed));
  });

  it('of many requests at once is not mixed up', async () => {
    const server = await serve((request, response) => {
      const content = createHash('sha256')
        .update(request.url ?? '')
        .digest();
      response.end(Buffer.alloc(200_000, content));
    });
    const { receive } = client();
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const taken = collector();
        const url = new URL(`/${index}`, server.url);
        await receive({ url, take: taken.take });
        const expected = Buffer.alloc(200_000, createHash('sha256').update(url.pathname).digest());
        assert.ok(taken.bytes().equals(expected));
      }),
    );
  });
});

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

function hasKind(kind: FailureKind, message = /./) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return true;
  };
}
