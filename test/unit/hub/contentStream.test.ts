import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { Failure } from '../../../src/core/failure.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { contentStream } from '../../../src/core/hub/contentStream.ts';
import { asSha256 } from '../../../src/core/objectIds.ts';
import { until } from '../../setup/until.ts';
import { silent } from '../snapshot/repositories.ts';

const CONTENT = randomBytes(3_000_000);

describe('the content of a file as a stream', () => {
  const http = createHttpClient({
    userAgent: 'content-tests',
    log: silent,
    backoff: { retries: 3, firstMs: 1, longestMs: 2, longestAskedMs: 100 },
  });
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let ranges: (string | undefined)[];
  let sockets: Socket[];
  before(async () => {
    server = createServer((request, response) => {
      ranges.push(request.headers.range);
      sockets.push(request.socket);
      answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    http.dispose();
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    ranges = [];
    sockets = [];
  });

  const open = (start = 0, end = CONTENT.length) => {
    const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hub`);
    const hub = { endpoint, model: 'a/b', token: new AccessToken('', []), http };
    const file = {
      path: 'm.bin',
      size: CONTENT.length,
      sha256: asSha256('0'.repeat(64))!,
      gitSha1: undefined,
    };
    return contentStream(hub, 'main', file, { start, end }, new AbortController().signal);
  };
  const read = async (stream: ReturnType<typeof open>): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
  const part = ({ headers }: IncomingMessage): readonly [number, number] => {
    const [, from = '0', to = String(CONTENT.length - 1)] =
      /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    return [Number(from), Number(to)];
  };
  /** Answers as a server that knows ranges, or breaks off after some bytes. */
  const serve =
    (most = Infinity) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const [from, to] = part(request);
      const bytes = CONTENT.subarray(from, to + 1);
      const ranged = request.headers.range !== undefined;
      response.writeHead(ranged ? 206 : 200, {
        'content-length': bytes.length,
        ...(ranged && { 'content-range': `bytes ${from}-${to}/${CONTENT.length}` }),
      });
      response.write(bytes.subarray(0, most), () => {
        if (most < bytes.length) response.destroy();
        else response.end();
      });
    };

  it('is the whole, or a part', async () => {
    answer = serve();
    assert.ok((await read(open())).equals(CONTENT));
    assert.ok((await read(open(1_000, 2_000))).equals(CONTENT.subarray(1_000, 2_000)));
    assert.equal((await read(open(5, 5))).length, 0);
    assert.deepEqual(ranges, [undefined, 'bytes=1000-1999']);
  });

  it('goes on where the connection broke, as often as it gets on', async () => {
    let answers = 0;
    answer = (request, response) => serve((answers += 1) < 3 ? 1_100_000 : Infinity)(request, response);
    assert.ok((await read(open())).equals(CONTENT));
    assert.equal(ranges.length, 3);
    assert.deepEqual(ranges[0], undefined);
    assert.match(ranges[1] ?? '', /^bytes=[1-9]\d*-2999999$/);
  });

  it('is right from a server that knows no ranges', async () => {
    let answers = 0;
    answer = (_request, response) => {
      answers += 1;
      response.writeHead(200, { 'content-length': CONTENT.length });
      if (answers === 1) response.write(CONTENT.subarray(0, 70_000), () => response.destroy());
      else response.end(CONTENT);
    };
    assert.ok((await read(open(10, 2_999_990))).equals(CONTENT.subarray(10, 2_999_990)));
  });

  it('is refused with another length, another part, and what is no content', async () => {
    const WRONG: readonly (readonly [number, Record<string, string | number>, string])[] = [
      [200, { 'content-length': 5 }, 'corrupt'],
      [206, { 'content-range': `bytes 3-4/${CONTENT.length}` }, 'protocol'],
      [206, { 'content-range': 'bytes 0-4/5' }, 'corrupt'],
      [204, {}, 'protocol'],
      [416, {}, 'refused'],
    ];
    for (const [status, headers, kind] of WRONG) {
      answer = (_request, response) => response.writeHead(status, headers).end(status === 204 ? '' : 'abcde');
      await assert.rejects(
        read(open()),
        (error: unknown) => error instanceof Failure && error.kind === kind,
        kind,
      );
    }
  });

  it('takes no more than is read, and closes its connection when nobody reads any more', async () => {
    let written = 0;
    answer = (_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = (): void => {
        if (response.destroyed) return;
        written += chunk.length;
        response.write(chunk, more);
      };
      response.writeHead(200);
      more();
    };
    const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const size = 2 ** 40;
    const file = { path: 'huge.bin', size, sha256: asSha256('0'.repeat(64))!, gitSha1: undefined };
    const hub = { endpoint, model: 'a/b', token: new AccessToken('', []), http };
    const stream = contentStream(hub, 'main', file, { start: 0, end: size }, new AbortController().signal);
    await once(stream, 'readable');
    assert.equal((stream.read(10) as Buffer).length, 10);
    let before = -1;
    // What the system keeps for a connection is full after a while.
    await until(() => {
      const stands = written === before;
      before = written;
      return stands && written > 0;
    }, 'the server cannot write any more');
    assert.ok(stream.readableLength < 1024 * 1024, String(stream.readableLength));
    assert.ok(written < 64 * 1024 * 1024, String(written));
    const closed = once(stream, 'close');
    stream.destroy();
    await closed;
    await until(() => sockets.every(({ destroyed }) => destroyed), 'the connection is closed');
  });
});
