import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { HttpClient, HttpRequest, ReceiveRequest } from '../../../src/core/http/client.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import type { Backoff } from '../../../src/core/http/retries.ts';
import type { Log } from '../../../src/core/log.ts';

export interface Loopback {
  readonly server: http.Server;
  readonly url: URL;
  /** Every connection so far. */
  readonly connections: readonly Socket[];
  close(): Promise<void>;
}

/** A server on loopback that answers with `handler`. */
export async function listen(
  handler: http.RequestListener,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Loopback> {
  const server = tls ? https.createServer(tls, handler) : http.createServer(handler);
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => connections.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    server,
    url: new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`),
    connections,
    close: async () => {
      server.close();
      server.closeAllConnections();
      for (const socket of connections) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}

export async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export interface TestClient {
  readonly lines: string[];
  /** Milliseconds it was asked to wait; the waiting itself is left out. */
  readonly waits: number[];
  readonly send: (request: Partial<HttpRequest> & { readonly url: URL }) => ReturnType<HttpClient['send']>;
  readonly receive: (
    request: Partial<ReceiveRequest> & Pick<ReceiveRequest, 'url' | 'take'>,
  ) => Promise<void>;
  readonly http: HttpClient;
  dispose(): void;
}

export const NOW = Date.UTC(2026, 10, 23, 12);

export function testClient(
  backoff: Partial<Backoff> = {},
  sleep?: (ms: number) => Promise<void>,
  now: () => number = () => NOW,
): TestClient {
  const lines: string[] = [];
  const waits: number[] = [];
  const write = (message: string) => void lines.push(message);
  const log: Log = { trace: write, debug: write, info: write, warn: write, error: write };
  const client = createHttpClient({
    userAgent: 'model-registries/test',
    log,
    backoff: { retries: 3, firstMs: 1, longestMs: 2, longestAskedMs: 60_000, ...backoff },
    clock: {
      now,
      sleep: async (ms, signal) => {
        waits.push(ms);
        signal.throwIfAborted();
        await sleep?.(ms);
      },
    },
  });
  return {
    lines,
    waits,
    send: (request) =>
      client.send({
        method: 'GET',
        subject: 'the registry acme/models',
        retry: 'idempotent',
        signal: new AbortController().signal,
        ...request,
      }),
    receive: (request) =>
      client.receive({
        subject: 'the registry acme/models',
        headers: () => ({}),
        received: () => 0,
        signal: new AbortController().signal,
        ...request,
      }),
    http: client,
    dispose: () => client.dispose(),
  };
}

/** A key and a certificate for 127.0.0.1 that nobody has signed but itself. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
  const name = sequence(
    der(0x31, sequence(Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('loopback')))),
  );
  const validity = sequence(der(0x17, Buffer.from('250101000000Z')), der(0x17, Buffer.from('491231235959Z')));
  const addresses = sequence(
    Buffer.from('0603551d11', 'hex'),
    der(0x04, sequence(der(0x87, Buffer.from([127, 0, 0, 1])))),
  );
  const toBeSigned = sequence(
    der(0xa0, Buffer.from('020102', 'hex')),
    Buffer.from('02010b', 'hex'),
    ecdsaWithSha256,
    name,
    validity,
    name,
    spki(publicKey),
    der(0xa3, sequence(addresses)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, privateKey)]));
  const certificate = sequence(toBeSigned, ecdsaWithSha256, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** One element of ASN.1's distinguished encoding. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}
