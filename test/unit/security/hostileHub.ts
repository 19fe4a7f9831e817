import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { createPublisher } from '../../../src/core/publish/publisher.ts';
import type { PublishOutcome } from '../../../src/core/publish/publishing.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { silent } from '../snapshot/repositories.ts';

/** How a hub asks for a content. */
export type Way = 'whole' | 'parts' | 'commit';

/** A server that asks for whatever it may ask for, and keeps every byte that it gets, of requests that break off, too. */
export interface HostileHub {
  publish(snapshot: Snapshot, way: Way): Promise<PublishOutcome>;
  /** Everything that arrived since it was last asked: addresses and bodies. */
  received(): Buffer;
  stop(): Promise<void>;
}

interface Asked {
  readonly oid: string;
  readonly size: number;
}

export async function startHostileHub(): Promise<HostileHub> {
  const received: Buffer[] = [];
  let way: Way = 'whole';
  let origin = '';

  const uploadOf = ({ oid, size }: Asked): object => {
    const href = `${origin}/put/${oid}`;
    if (way !== 'parts') return { href };
    const parts = Math.min(size, 4);
    const partBytes = Math.ceil(size / parts);
    const count = Math.ceil(size / partBytes);
    const addresses = Array.from({ length: count }, (_, index): [string, string] => [
      String(index + 1),
      `${href}/${index}`,
    ]);
    return { href, header: { chunk_size: String(partBytes), ...Object.fromEntries(addresses) } };
  };
  const answer = (path: string, body: string): object | undefined => {
    if (path.endsWith('/repos/create')) return {};
    if (path.includes('/preupload/')) {
      const { files } = JSON.parse(body) as { files: { path: string }[] };
      return {
        files: files.map((file) => ({ path: file.path, uploadMode: way === 'commit' ? 'regular' : 'lfs' })),
      };
    }
    if (path.endsWith('/batch')) {
      const { objects } = JSON.parse(body) as { objects: Asked[] };
      const verify = { href: `${origin}/verify` };
      return {
        transfer: way === 'parts' ? 'multipart' : 'basic',
        objects: objects.map((asked) => ({ ...asked, actions: { upload: uploadOf(asked), verify } })),
      };
    }
    if (path.includes('/commit/')) return { commitOid: 'a'.repeat(40) };
    return path.startsWith('/put/') || path === '/verify' ? {} : undefined;
  };
  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    received.push(Buffer.from(request.url ?? ''));
    request.on('data', (chunk: Buffer) => {
      received.push(chunk);
      body.push(chunk);
    });
    request.on('error', () => undefined);
    request.on('end', () => {
      const found = answer(request.url ?? '', Buffer.concat(body).toString());
      response.writeHead(found === undefined ? 404 : 200, {
        'content-type': 'application/json',
        etag: '"e"',
      });
      response.end(JSON.stringify(found ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const http = createHttpClient({
    userAgent: 'security-tests',
    log: silent,
    backoff: { retries: 1, firstMs: 5, longestMs: 20, longestAskedMs: 100 },
  });
  const publisher = createPublisher({ http, log: silent });
  const endpoint = new URL(origin);
  const hub = {
    endpoint,
    token: new AccessToken('token', [endpoint]),
    createFirst: true,
    revision: 'main',
    modelIdSegments: 2,
  } as const;

  return {
    async publish(snapshot, asked) {
      way = asked;
      const { signal } = new AbortController();
      const plan = await publisher.plan(snapshot, { model: 'acme/model', hub }, signal);
      return publisher.publish(plan, { onEvent: () => undefined, signal });
    },
    received: () => Buffer.concat(received.splice(0)),
    async stop() {
      http.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
