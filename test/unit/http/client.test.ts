import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, getEventListeners, once } from 'node:events';
import type http from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as tick, setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import type { RequestBody } from '../../../src/core/http/client.ts';
import { until } from '../../setup/until.ts';
import { bodyOf, listen, selfSigned, testClient, type Loopback, type TestClient } from './loopback.ts';

const MEBIBYTE = 1024 * 1024;

describe('HTTP client', () => {
  const opened: { close?(): Promise<void>; dispose?(): void }[] = [];

  async function serve(
    handler: http.RequestListener,
    tls?: ReturnType<typeof selfSigned>,
  ): Promise<Loopback> {
    const server = await listen(handler, tls);
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

  describe('requests and answers', () => {
    it('asks for an uncompressed answer and reads it as what is expected', async () => {
      let seen: http.IncomingHttpHeaders = {};
      const server = await serve((request, response) => {
        seen = request.headers;
        response.end('{"name":"models"}');
      });
      const response = await client().send({ url: server.url });
      assert.deepEqual(response.json(z.object({ name: z.string() })), { name: 'models' });
      assert.equal(seen['accept-encoding'], 'identity');
      assert.equal(seen['user-agent'], 'model-registries/test');
      assert.equal(seen.authorization, undefined);
    });

    it('names what is wrong with an answer of another shape, and with one that is no JSON', async () => {
      const server = await serve((request, response) => {
        response.end(request.url === '/shape' ? '{"items":[{"name":1}]}' : '<html>');
      });
      const shape = z.object({ items: z.array(z.object({ name: z.string() })) });
      const one = await client().send({ url: new URL('/shape', server.url) });
      assert.throws(
        () => one.json(shape),
        hasKind('protocol', /acme\/models.*items\.0\.name.*expected string/),
      );
      const other = await client().send({ url: server.url });
      assert.throws(() => other.json(shape), hasKind('protocol', /not JSON/));
    });

    it('takes the long headers of a proxy that traces', async () => {
      const server = await serve((_request, response) => {
        response.writeHead(200, { 'X-Trace': 'y'.repeat(100_000), 'X-Id': 'kept' }).end('{}');
      });
      const { headers } = await client().send({ url: server.url });
      assert.equal(headers['x-id'], 'kept');
    });

    it('names headers without end for what they are', async () => {
      const server = await serve((_request, response) => {
        response.socket?.end(`HTTP/1.1 200 OK\r\nX-Trace: ${'y'.repeat(2 * MEBIBYTE)}\r\n\r\n`);
      });
      await assert.rejects(client().send({ url: server.url }), hasKind('protocol', /headers/));
    });

    it('resolves the link to the next page, and says when it cannot be read', async () => {
      const links: Record<string, string> = {
        '/one': '</v2/orgs?page=2>; rel="next", </v2/orgs?page=9>; rel="last"',
        '/last': '</v2/orgs?page=1>; rel="first"',
        '/broken': 'what is this',
      };
      const server = await serve((request, response) => {
        response.setHeader('Link', links[request.url ?? ''] ?? '');
        response.end('[]');
      });
      const at = async (path: string) => (await client().send({ url: new URL(path, server.url) })).nextLink();
      assert.equal((await at('/one'))?.href, new URL('/v2/orgs?page=2', server.url).href);
      assert.equal(await at('/last'), undefined);
      await assert.rejects(at('/broken'), hasKind('protocol'));
    });

    it('sends JSON, bytes and streams with their exact length, never in chunks', async () => {
      const bytes = randomBytes(3 * MEBIBYTE + 17);
      const bodies: RequestBody[] = [
        { kind: 'json', value: { name: 'modèles' } },
        { kind: 'bytes', bytes, contentType: 'application/x-ndjson' },
        { kind: 'stream', length: bytes.byteLength, open: () => pieces(bytes) },
        { kind: 'stream', length: 0, open: () => Readable.from([]) },
      ];
      const received: { headers: http.IncomingHttpHeaders; hash: string }[] = [];
      const server = await serve((request, response) => {
        void bodyOf(request).then((body) => {
          received.push({ headers: request.headers, hash: sha256(body) });
          response.end();
        });
      });
      let sent = 0;
      for (const body of bodies) {
        await client().send({ method: 'PUT', url: server.url, body, onSent: (count) => (sent += count) });
      }
      assert.deepEqual(
        received.map(({ headers }) => [headers['content-length'], headers['transfer-encoding']]),
        [
          ['19', undefined],
          [String(bytes.byteLength), undefined],
          [String(bytes.byteLength), undefined],
          ['0', undefined],
        ],
      );
      assert.deepEqual(
        received.map(({ headers }) => headers['content-type']),
        ['application/json', 'application/x-ndjson', undefined, undefined],
      );
      assert.deepEqual(
        received.slice(1, 3).map(({ hash }) => hash),
        [sha256(bytes), sha256(bytes)],
      );
      assert.equal(sent, 19 + 2 * bytes.byteLength);
    });

    it('asks for the next chunk only when the last one has left, so that its memory can be used again', async () => {
      const bytes = randomBytes(3 * MEBIBYTE + 17);
      const memory = Buffer.alloc(MEBIBYTE / 4);
      let closed = false;
      // oxlint-disable-next-line typescript/require-await
      const open = async function* () {
        try {
          for (let at = 0; at < bytes.length; at += memory.length) {
            const copied = bytes.copy(memory, 0, at);
            yield memory.subarray(0, copied);
          }
        } finally {
          closed = true;
        }
      };
      let received = '';
      const server = await serve((request, response) => {
        // Slowly, so that what was sent has to wait.
        setTimeout(() => {
          void bodyOf(request).then((body) => {
            received = sha256(body);
            response.end();
          });
        }, 50);
      });
      await client().send({
        method: 'PUT',
        url: server.url,
        body: { kind: 'stream', length: bytes.length, open },
      });
      assert.equal(received, sha256(bytes));
      assert.ok(closed);
    });

    it('fails when a stream is shorter or longer than it was said to be', async () => {
      const server = await serve((request, response) => {
        request.resume().on('end', () => response.end());
        request.on('error', () => undefined);
      });
      for (const length of [9, 11]) {
        const body: RequestBody = { kind: 'stream', length, open: () => pieces(Buffer.alloc(10)) };
        await assert.rejects(client().send({ method: 'PUT', url: server.url, body }), hasKind('corrupt'));
      }
    });

    it('passes on why a body could not be read', async () => {
      const server = await serve((request) => void request.resume().on('error', () => undefined));
      const missing = new Failure('missingObject', 'It is not here.');
      const opening: RequestBody = { kind: 'stream', length: 5, open: () => Promise.reject(missing) };
      const reading: RequestBody = {
        kind: 'stream',
        length: 5,
        open: () =>
          new Readable({
            read: function () {
              this.destroy(missing);
            },
          }),
      };
      for (const body of [opening, reading]) {
        await assert.rejects(
          client().send({ method: 'PUT', url: server.url, body }),
          (error) => error === missing,
        );
      }
    });

    it('takes no answer that is too large, be it announced or endless, and none that is compressed', async () => {
      let written = 0;
      const server = await serve((request, response) => {
        if (request.url === '/gzip') {
          response.setHeader('Content-Encoding', 'gzip');
          response.end(gzipSync('{}'));
          return;
        }
        if (request.url === '/announced') response.setHeader('Content-Length', 1024 * MEBIBYTE);
        const chunk = Buffer.alloc(64 * 1024);
        Readable.from(
          (function* () {
            for (let n = 0; n < 16 * 1024; n += 1) {
              written += chunk.byteLength;
              yield chunk;
            }
          })(),
        ).pipe(response);
      });
      for (const path of ['/announced', '/endless']) {
        await assert.rejects(
          client().send({ url: new URL(path, server.url), maxResponseBytes: MEBIBYTE }),
          hasKind('protocol', /larger than 1.05 MB/),
        );
      }
      assert.ok(written < 256 * MEBIBYTE, `${written} bytes written`);
      await assert.rejects(
        client().send({ url: new URL('/gzip', server.url) }),
        hasKind('protocol', /compressed/),
      );
    });

    it('tells a refusal by its status even when its words never end', async () => {
      const server = await serve((_request, response) => {
        response.writeHead(422, { 'Content-Type': 'text/plain' });
        Readable.from(
          (function* () {
            for (let n = 0; n < 16 * 1024; n += 1) yield Buffer.alloc(64 * 1024, 'no ');
          })(),
        ).pipe(response);
      });
      await assert.rejects(client().send({ url: server.url }), (error: Failure) => {
        assert.equal(error.kind, 'refused');
        assert.ok((error.serverMessage?.length ?? 0) <= 500);
        return true;
      });
    });

    it('hands over an accepted refusal as an answer', async () => {
      const server = await serve((_request, response) => response.writeHead(409).end('{"url":"x"}'));
      const response = await client().send({ method: 'POST', url: server.url, accept: [409] });
      assert.equal(response.status, 409);
      assert.deepEqual(response.json(z.object({ url: z.string() })), { url: 'x' });
    });

    it('quotes the server and its request id', async () => {
      const server = await serve((_request, response) => {
        response.writeHead(422, { 'X-Request-Id': 'r-17', 'Content-Type': 'application/json' });
        response.end('{"message":"Validation Failed","errors":["Name has been taken"]}');
      });
      await assert.rejects(client().send({ url: server.url }), (error: Failure) => {
        assert.equal(error.requestId, 'r-17');
        assert.equal(error.serverMessage, 'Validation Failed; Name has been taken');
        assert.match(error.message, /acme\/models.*422.*Name has been taken/);
        return true;
      });
    });

    it('runs many requests, a bounded number of them at a time', async () => {
      let under = 0;
      let most = 0;
      const server = await serve((_request, response) => {
        most = Math.max(most, (under += 1));
        setTimeout(() => {
          under -= 1;
          response.end('{}');
        }, 5);
      });
      const { send } = client();
      await Promise.all(Array.from({ length: 60 }, () => send({ url: server.url })));
      assert.ok(most <= 24, `${most} at once`);
      assert.ok(server.connections.length <= 24, `${server.connections.length} connections`);
    });
  });

  describe('turns', () => {
    const silence = async () => {
      let under = 0;
      const server = await serve((request, response) => {
        if (request.url === '/question') response.end('{}');
        else under += 1;
      });
      return { server, underWay: () => under };
    };

    it('of transfers keep no question waiting', async () => {
      const { server, underWay } = await silence();
      const { receive, send, lines } = client();
      const others = new AbortController();
      const { signal } = others;
      const transfers = [
        ...Array.from({ length: 40 }, () =>
          receive({ url: server.url, take: () => Promise.resolve(), signal }),
        ),
        ...Array.from({ length: 20 }, () =>
          send({
            method: 'PUT',
            url: server.url,
            body: { kind: 'stream', length: 1, open: () => Readable.from([Buffer.alloc(1)]) },
            signal,
          }),
        ),
      ].map((transfer) => transfer.catch(() => undefined));
      await until(() => underWay() === 24, 'all turns of transfers are taken');
      const answer = await send({ url: new URL('/question', server.url) });
      assert.equal(answer.status, 200);
      assert.deepEqual(
        lines.filter((line) => line.includes('tried again')),
        [],
      );
      others.abort();
      await Promise.all(transfers);
      assert.equal(underWay(), 24);
    });

    it('that never come are a time-out of the question, which is then not asked', async () => {
      const { server, underWay } = await silence();
      const { send } = client();
      const others = new AbortController();
      const questions = Array.from({ length: 24 }, () =>
        send({ url: server.url, signal: others.signal }).catch(() => undefined),
      );
      await until(() => underWay() === 24, 'all turns of questions are taken');
      await assert.rejects(
        send({ url: server.url, idleTimeoutMs: 1 }),
        hasKind('timeout', /has not answered earlier questions/),
      );
      others.abort();
      await Promise.all(questions);
      assert.equal((await send({ url: new URL('/question', server.url) })).status, 200);
      assert.equal(underWay(), 24);
    });
  });

  describe('the access token', () => {
    it('goes to its own origin only, also after redirects, and appears in no log and no failure', async () => {
      const seen: string[] = [];
      const note = (request: http.IncomingMessage) =>
        seen.push(`${request.url} ${request.headers.authorization}`);
      const stranger = await serve((request, response) => {
        note(request);
        response.writeHead(302, { Location: new URL('/back', own.url).href }).end();
      });
      const own: Loopback = await serve((request, response) => {
        note(request);
        if (request.url === '/back') response.writeHead(401).end('bad token bkua_secret');
        else response.writeHead(302, { Location: new URL('/away?sig=1', stranger.url).href }).end();
      });
      const token = new AccessToken('bkua_secret', [own.url]);
      const { send, lines } = client();
      const error = await send({ url: own.url, token }).then(
        () => assert.fail('accepted'),
        (failure: unknown) => failure as Failure,
      );
      assert.equal(error.kind, 'auth');
      assert.deepEqual(seen, ['/ Bearer bkua_secret', '/away?sig=1 undefined', '/back Bearer bkua_secret']);
      const told = [...lines, error.message, error.serverMessage, JSON.stringify(error)].join('\n');
      assert.doesNotMatch(told, /bkua_secret|sig=1|Bearer/);
      assert.match(told, /GET http:\/\/127\.0\.0\.1:\d+\/away: 302/);
    });

    it('is the user information of an address that a server named, where there is no other', async () => {
      const seen: (string | undefined)[] = [];
      const server = await serve((request, response) => {
        seen.push(request.headers.authorization);
        response.end('{}');
      });
      const named = new URL(server.url);
      named.username = 'ada';
      named.password = 'p@ss:100%';
      const token = new AccessToken('tell-nobody', [server.url]);
      const origin = await serve((_request, response) =>
        response.writeHead(307, { Location: named.href }).end(),
      );
      await client().send({ url: named });
      await client().send({ url: named, headers: { authorization: 'RemoteAuth theirs' } });
      await client().send({ url: named, token });
      await client().send({ url: origin.url });
      const basic = `Basic ${Buffer.from('ada:p@ss:100%').toString('base64')}`;
      assert.deepEqual(seen, [basic, 'RemoteAuth theirs', 'Bearer tell-nobody', basic]);
      assert.doesNotMatch(client().lines.join('\n'), /p@ss|p%40ss|ada/);
    });

    it('is not what an address or headers meant for another origin', async () => {
      let seen: http.IncomingHttpHeaders = {};
      const stranger = await serve((request, response) => {
        seen = request.headers;
        response.end('{}');
      });
      const own = await serve((_request, response) =>
        response.writeHead(307, { Location: stranger.url.href }).end(),
      );
      const url = new URL(own.url);
      url.username = 'someone';
      url.password = 'secret';
      await client().send({ url, headers: { Authorization: 'Basic abc', 'X-Kept': 'yes' } });
      assert.equal(seen.authorization, undefined);
      assert.equal(seen['x-kept'], 'yes');
    });
  });

  describe('redirects', () => {
    it('sends the body again to where a 307 points', async () => {
      const bytes = randomBytes(4 * MEBIBYTE);
      let received = '';
      const store = await serve((request, response) => {
        void bodyOf(request).then((body) => {
          received = sha256(body);
          response.end();
        });
      });
      const server = await serve((_request, response) => {
        response.writeHead(307, { Location: new URL('/object', store.url).href }).end();
      });
      let sent = 0;
      let openings = 0;
      const body: RequestBody = {
        kind: 'stream',
        length: bytes.byteLength,
        open: () => {
          openings += 1;
          return pieces(bytes);
        },
      };
      await client().send({ method: 'PUT', url: server.url, body, onSent: (count) => (sent += count) });
      assert.equal(received, sha256(bytes));
      assert.equal(openings, 2);
      assert.equal(sent, bytes.byteLength);
    });

    it('lead where their letters say, escaped or in UTF-8 as they are', async () => {
      const server = await serve((request, response) => {
        if (request.url?.startsWith('/store/') === true) response.end(decodeURI(request.url));
        else {
          const location =
            request.url === '/raw' ? Buffer.from('/store/modèle').toString('latin1') : '/store/mod%C3%A8le';
          response.writeHead(302, { Location: location }).end();
        }
      });
      for (const way of ['/raw', '/escaped']) {
        const { body } = await client().send({ url: new URL(way, server.url) });
        assert.equal(body.toString(), '/store/modèle', way);
      }
    });

    it('are not followed in circles, for a write that would change its method, or to another scheme', async () => {
      const server = await serve((request, response) => {
        const location = request.url === '/ftp' ? 'ftp://127.0.0.1/' : (request.url ?? '');
        response.writeHead(302, { Location: location }).end();
      });
      const { send, lines } = client();
      await assert.rejects(
        send({ url: new URL('/circle', server.url) }),
        hasKind('protocol', /again and again/),
      );
      assert.equal(lines.length, 6);
      await assert.rejects(send({ method: 'POST', url: server.url }), hasKind('protocol', /302/));
      await assert.rejects(send({ url: new URL('/ftp', server.url) }), hasKind('protocol', /encryption/));
    });
  });

  describe('trying again', () => {
    const answers = (statuses: (number | 'lost')[]) => {
      const left = [...statuses];
      const requests: string[] = [];
      return {
        requests,
        handler: ((request, response) => {
          requests.push(request.method ?? '');
          request.resume().on('end', () => {
            const status = left.length > 1 ? left.shift() : left[0];
            if (status === 'lost') request.socket.destroy();
            else response.writeHead(status ?? 500).end('{}');
          });
        }) satisfies http.RequestListener,
      };
    };

    it('follows a server error, a time-out and a lost answer where that does no harm', async () => {
      const { requests, handler } = answers([503, 'lost', 408, 200]);
      const server = await serve(handler);
      let sent = 0;
      const body: RequestBody = { kind: 'bytes', bytes: Buffer.alloc(10) };
      await client().send({ method: 'PUT', url: server.url, body, onSent: (count) => (sent += count) });
      assert.equal(requests.length, 4);
      assert.equal(sent, 10);
    });

    it('ends with the last failure', async () => {
      const { requests, handler } = answers([500]);
      const server = await serve(handler);
      await assert.rejects(client().send({ url: server.url, retries: 1 }), hasKind('server'));
      assert.equal(requests.length, 2);
    });

    const once: [number | 'lost', FailureKind][] = [
      ['lost', 'unknownOutcome'],
      [502, 'unknownOutcome'],
      [504, 'unknownOutcome'],
      [500, 'server'],
      [503, 'server'],
      [408, 'timeout'],
      [412, 'conflict'],
    ];
    for (const [answer, kind] of once) {
      it(`does not follow ${answer} for a write that must not happen twice`, async () => {
        const { requests, handler } = answers([answer]);
        const server = await serve(handler);
        const sending = client().send({
          method: 'POST',
          url: server.url,
          retry: 'never',
          body: { kind: 'json', value: 1 },
        });
        await assert.rejects(sending, hasKind(kind));
        assert.equal(requests.length, 1);
      });
    }

    it('says that nothing happened when a write broke off before it was sent whole', async () => {
      const server = await serve((request) => {
        request.once('data', () => request.socket.destroy());
      });
      const bytes = Buffer.alloc(64 * MEBIBYTE);
      const sending = client().send({
        method: 'POST',
        url: server.url,
        retry: 'never',
        body: { kind: 'bytes', bytes },
      });
      await assert.rejects(sending, hasKind('network'));
    });

    it('waits as long as the server asks, and then goes on, for a write too', async () => {
      let requests = 0;
      const server = await serve((_request, response) => {
        requests += 1;
        if (requests === 1) response.writeHead(429, { 'Retry-After': '2' }).end();
        else if (requests === 2) response.writeHead(429, { RateLimit: '"api";r=0;t=5' }).end();
        else response.end('{}');
      });
      const { send, waits } = client();
      await send({ method: 'POST', url: server.url, retry: 'never' });
      assert.deepEqual(waits, [2000, 5000]);
    });

    it('gives up at once when the server asks for too long a wait', async () => {
      let requests = 0;
      const server = await serve((_request, response) => {
        requests += 1;
        response.writeHead(429, { 'Retry-After': '3600' }).end();
      });
      const { send, waits } = client();
      await assert.rejects(send({ url: server.url }), (error: Failure) => {
        assert.equal(error.kind, 'rateLimit');
        assert.equal(error.retryAfterMs, 3_600_000);
        return true;
      });
      assert.deepEqual([requests, waits], [1, []]);
    });

    it('follows a refused connection, for a write too', async () => {
      const gone = await listen(() => undefined);
      await gone.close();
      const { send, lines } = client({ retries: 2 });
      await assert.rejects(
        send({ method: 'POST', url: gone.url, retry: 'never' }),
        hasKind('network', /ECONNREFUSED/),
      );
      assert.equal(lines.filter((line) => line.includes('attempt')).length, 3);
    });

    it('does not use a connection that the server has dropped, and survives one that it drops on arrival', async () => {
      const perConnection = new Map<unknown, number>();
      const server = await serve((request, response) => {
        const count = (perConnection.get(request.socket) ?? 0) + 1;
        perConnection.set(request.socket, count);
        request.resume().on('end', () => {
          if (count > 1) request.socket.destroy();
          else response.end('{}');
        });
      });
      const { send, lines } = client({ retries: 0 });
      await send({ url: server.url });
      await send({ method: 'POST', url: server.url, retry: 'never' });
      await send({ url: server.url });
      assert.equal(perConnection.size, 3);
      assert.equal(lines.filter((line) => line.includes('the connection broke')).length, 1);
    });
  });

  describe('a refusal that comes while the body is being sent', () => {
    for (const end of ['closes', 'goes on reading'] as const) {
      it(`is what the person reads when the server ${end}`, async () => {
        const server = await serve((request, response) => {
          request.once('data', () => {
            response.writeHead(403, {
              'Content-Type': 'text/plain',
              Connection: end === 'closes' ? 'close' : 'keep-alive',
            });
            response.end('The signature has expired', () => {
              if (end === 'closes') request.socket.end(() => request.socket.destroySoon());
              else request.resume();
            });
          });
          request.on('error', () => undefined);
        });
        for (let round = 0; round < 10; round += 1) {
          const source = pieces(Buffer.alloc(32 * MEBIBYTE));
          const sending = client().send({
            method: 'PUT',
            url: server.url,
            body: { kind: 'stream', length: 32 * MEBIBYTE, open: () => source },
          });
          await assert.rejects(sending, hasKind('forbidden', /The signature has expired/));
          assert.ok(source.destroyed);
        }
      });
    }

    it('counts even where its words break off', async () => {
      const server = await serve((request, response) => {
        request.once('data', () => {
          request.pause();
          response.writeHead(507, { 'Content-Length': 1000 });
          // Time for the words to arrive: a reset may overtake them.
          response.write('The disk is full, and so', () =>
            setTimeout(() => request.socket.resetAndDestroy(), 50),
          );
        });
        request.on('error', () => undefined);
      });
      const { send, lines } = client();
      const body: RequestBody = { kind: 'bytes', bytes: Buffer.alloc(32 * MEBIBYTE) };
      await assert.rejects(
        send({ method: 'POST', url: server.url, retry: 'never', body }),
        hasKind('quota', /The disk is full/),
      );
      assert.equal(lines.length, 1);
    });
  });

  describe('a connection that cannot be trusted', () => {
    it('is told as such and not tried again', async () => {
      const server = await serve((_request, response) => response.end('{}'), selfSigned());
      const { send, lines } = client();
      await assert.rejects(
        send({ method: 'POST', url: server.url, retry: 'never' }),
        hasKind('tls', /DEPTH_ZERO_SELF_SIGNED_CERT/),
      );
      await assert.rejects(send({ url: server.url }), hasKind('tls'));
      assert.equal(lines.length, 2);
    });

    it('is also one to a server that speaks no TLS', async () => {
      const server = await serve((_request, response) => response.end('{}'));
      const url = new URL(server.url.href.replace('http:', 'https:'));
      await assert.rejects(client().send({ url }), hasKind('tls'));
    });
  });

  describe('time-outs', () => {
    it('end what stands still, while sending, waiting or receiving', async () => {
      const server = await serve((request, response) => {
        if (request.url === '/waiting') request.resume();
        if (request.url === '/receiving') response.write('{');
      });
      const { send } = client({ retries: 0 });
      const body: RequestBody = { kind: 'bytes', bytes: Buffer.alloc(64 * MEBIBYTE) };
      const { send: write } = client();
      for (const path of ['/sending', '/waiting', '/receiving']) {
        const url = new URL(path, server.url);
        const withBody = path === '/sending' ? ({ method: 'PUT', body } as const) : {};
        await assert.rejects(send({ url, idleTimeoutMs: 150, ...withBody }), hasKind('timeout'), path);
      }
      await assert.rejects(
        write({ method: 'POST', url: new URL('/waiting', server.url), retry: 'never', idleTimeoutMs: 150 }),
        hasKind('unknownOutcome'),
      );
    });

    it('spare what moves slowly', async () => {
      const server = await serve((_request, response) => {
        void (async () => {
          for (const piece of ['{', '"a"', ':', '1', '', '}']) {
            response.write(piece || ' ');
            // How slow this server is: in all slower than the time-out allows, each time far from it.
            await delay(500);
          }
          response.end();
        })();
      });
      const response = await client({ retries: 0 }).send({ url: server.url, idleTimeoutMs: 2_500 });
      assert.deepEqual(response.json(z.object({ a: z.number() })), { a: 1 });
    });
  });

  it('leaves no listener on the signal of a request that is over', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/lost') request.socket.destroy();
      else response.writeHead(request.url === '/gone' ? 404 : 200).end('{}');
    });
    const { signal } = new AbortController();
    const { send } = client();
    for (const path of ['/', '/gone', '/lost']) {
      await send({ url: new URL(path, server.url), signal }).catch(() => undefined);
    }
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  describe('an abort', () => {
    const reason = new Error('the person changed their mind');

    async function aborted(arrange: (controller: AbortController) => Promise<unknown>): Promise<void> {
      const controller = new AbortController();
      await assert.rejects(arrange(controller), (error) => error === reason);
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    }

    it('before the start sends nothing', async () => {
      const server = await serve(() => assert.fail('a request came'));
      await assert.rejects(
        client().send({ url: server.url, signal: AbortSignal.abort(reason) }),
        (error) => error === reason,
      );
      assert.equal(server.connections.length, 0);
    });

    for (const phase of ['sending', 'waiting', 'receiving'] as const) {
      it(`while ${phase} closes the connection and the body`, async () => {
        const arrived = new EventEmitter();
        const server = await serve((request, response) => {
          if (phase === 'waiting') request.resume();
          if (phase === 'receiving') response.write('{');
          arrived.emit('request', request);
        });
        const length = phase === 'sending' ? 64 * MEBIBYTE : 4;
        const source = pieces(Buffer.alloc(length));
        const started = once(arrived, 'request') as Promise<[http.IncomingMessage]>;
        await aborted(async (controller) => {
          const sending = client().send({
            method: 'PUT',
            url: server.url,
            signal: controller.signal,
            body: { kind: 'stream', length, open: () => source },
          });
          sending.catch(() => undefined);
          await started;
          await tick();
          controller.abort(reason);
          return sending;
        });
        const [request] = await started;
        const closed = new Promise((resolve) => request.socket.once('close', resolve));
        request.on('error', () => undefined).resume();
        if (!request.socket.closed) await closed;
        assert.ok(source.destroyed);
      });
    }

    it('while waiting to try again, or for its turn, ends at once', async () => {
      const server = await serve((request, response) => {
        if (request.url === '/busy') response.writeHead(429, { 'Retry-After': '30' }).end();
      });
      await aborted((controller) => {
        const { send } = client(
          {},
          () =>
            new Promise((_resolve, reject) => {
              controller.abort(reason);
              reject(new Error('stopped sleeping'));
            }),
        );
        return send({ url: new URL('/busy', server.url), signal: controller.signal });
      });
      const { send } = client();
      const others = new AbortController();
      const running = Array.from({ length: 16 }, () => send({ url: server.url, signal: others.signal }));
      await aborted((controller) => {
        const waiting = send({ url: server.url, signal: controller.signal });
        setImmediate(() => controller.abort(reason));
        return waiting;
      });
      others.abort(reason);
      await Promise.allSettled(running);
    });

    it('closes a body that opens too late', async () => {
      const server = await serve(() => undefined);
      const source = pieces(Buffer.alloc(4));
      let open: (stream: Readable) => void = () => undefined;
      await aborted((controller) => {
        const sending = client().send({
          method: 'PUT',
          url: server.url,
          signal: controller.signal,
          body: { kind: 'stream', length: 4, open: () => new Promise((resolve) => (open = resolve)) },
        });
        setImmediate(() => controller.abort(reason));
        return sending;
      });
      open(source);
      await tick();
      assert.ok(source.destroyed);
    });
  });

  it('closes idle connections when it is disposed', async () => {
    const server = await serve((_request, response) => response.end('{}'));
    const one = client();
    await one.send({ url: server.url });
    const [socket] = server.connections;
    assert.equal(socket?.closed, false);
    const closed = once(socket, 'close');
    one.dispose();
    await closed;
  });
});

function hasKind(kind: FailureKind, message = /./) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
    assert.match(error.message, /acme\/models/);
    return true;
  };
}

function pieces(bytes: Buffer): Readable {
  let start = 0;
  return new Readable({
    highWaterMark: MEBIBYTE,
    read() {
      this.push(start < bytes.byteLength ? bytes.subarray(start, (start += MEBIBYTE)) : null);
    },
  });
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
