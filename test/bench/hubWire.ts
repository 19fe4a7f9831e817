/** What the sink and the source have in common: the entries of a version, and how a Hub lists them. */
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidArgumentError } from 'commander';

/** What lies at a path of the head. `oid` is the SHA-256 of an LFS file, the Git blob id of a regular one. */
export interface HubEntry {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly oid: string;
  readonly lfs: boolean;
}

export const PREFIX = '/acme/models/huggingface';
/** Of the pattern of a path; the model's id is the group `model`. */
export const MODEL_API = `${PREFIX}/api/models/(?<model>[^/]+/[^/]+)`;

export type Action = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  match: RegExpExecArray,
) => Promise<void> | void;

/** Tried in order; the first match wins. */
export type Route = readonly [method: string, path: RegExp, action: Action];

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new InvalidArgumentError('a positive whole number is needed');
  return value;
}

export function commitId(): string {
  return createHash('sha1').update(randomUUID()).digest('hex');
}

export function gitBlobId(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

export async function json<T>(request: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as T;
}

export function answer(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': String(bytes.length),
    ...headers,
  });
  response.end(bytes);
}

const TREE_PAGE = 1000;

/** Answers with a page of the tree, and the address of the next. */
export function answerTree(response: ServerResponse, url: URL, entries: readonly HubEntry[]): void {
  const from = Number(url.searchParams.get('cursor') ?? 0);
  const page = entries.slice(from, from + TREE_PAGE).map((entry) => {
    if (!entry.lfs) return { type: 'file', path: entry.path, size: entry.size, oid: entry.oid };
    const text = pointer(entry);
    return {
      type: 'file',
      path: entry.path,
      size: entry.size,
      oid: gitBlobId(text),
      lfs: { oid: entry.oid, size: entry.size, pointerSize: text.length },
    };
  });
  const next = new URL(url);
  next.searchParams.set('cursor', String(from + TREE_PAGE));
  const link: Record<string, string> =
    from + TREE_PAGE < entries.length ? { Link: `<${next.href}>; rel="next"` } : {};
  answer(response, page, 200, link);
}

function pointer(entry: HubEntry): Buffer {
  return Buffer.from(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${entry.oid}\nsize ${entry.size}\n`,
  );
}

export function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers by the first route that matches, and prints one line when ready: {"url": …}, the Hub's endpoint. */
export function serve(server: Server, routes: readonly Route[]): void {
  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', originOf(server));
    const path = decodeURIComponent(url.pathname);
    for (const [method, pattern, action] of routes) {
      const match = request.method === method ? pattern.exec(path) : null;
      if (match !== null) {
        await action(request, response, url, match);
        return;
      }
    }
    request.resume();
    answer(response, { error: 'not found' }, 404, { 'X-Error-Code': 'EntryNotFound' });
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    route(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else answer(response, { error: String(error) }, 500);
    });
  });
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ url: `${originOf(server)}${PREFIX}` })}\n`);
  });
  process.once('SIGTERM', () => process.exit(0));
}
