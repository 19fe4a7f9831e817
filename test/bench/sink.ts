/**
 * A Hub endpoint that throws bytes away: the lean other side of the benchmarks, in its own process. It speaks just enough of the
 * protocol for every contender (create, preupload, LFS batch with basic and multipart, verify, commit, revision, tree), keeps the
 * head's paths and object ids in memory, counts what arrives, and hashes it only with `--hash`.
 *
 * Prints one line when ready: {"url": …}. `PUT /raw/…` takes anything, for curl.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';

/** What lies at a path of the head. `oid` is the SHA-256 of an LFS file, the Git blob id of a regular one. */
export interface SinkEntry {
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly lfs: boolean;
}

/** What arrived since the last reset. */
export interface SinkCounts {
  readonly requests: number;
  readonly objectBytes: number;
  readonly commits: number;
  readonly wrongHashes: number;
  /** When the first byte of an object or of a commit came, in milliseconds since the epoch; undefined where none came. */
  readonly firstByteAt: number | undefined;
}

/** The body of `POST /state`. */
export interface SinkState {
  readonly entries: readonly SinkEntry[];
}

const PREFIX = '/acme/models/huggingface';
const LFS_JSON = 'application/vnd.git-lfs+json';

const options = new Command()
  .option('--hash', 'hash what arrives and count what differs', false)
  .option('--connection-bytes-per-second <n>', 'hold every connection to that speed', integer)
  .option('--multipart-threshold <bytes>', 'objects from this size go in parts', integer, Infinity)
  .option('--part-bytes <bytes>', 'bytes of one part', integer, 64 * 2 ** 20)
  .option('--lfs-threshold <bytes>', 'files from this size are LFS', integer, 2 ** 20)
  .parse()
  .opts<{
    hash: boolean;
    connectionBytesPerSecond?: number;
    multipartThreshold: number;
    partBytes: number;
    lfsThreshold: number;
  }>();

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new InvalidArgumentError('a positive whole number is needed');
  return value;
}

let head: { commit: string; entries: Map<string, SinkEntry>; list: readonly SinkEntry[] };
let stored: Set<string>;
let counts: { -readonly [K in keyof SinkCounts]: SinkCounts[K] };

function setHead(entries: Map<string, SinkEntry>): void {
  head = { commit: commitId(), entries, list: [...entries.values()] };
}

function reset(entries: readonly SinkEntry[]): void {
  setHead(new Map(entries.map((entry) => [entry.path, entry])));
  stored = new Set(entries.filter((entry) => entry.lfs).map((entry) => entry.oid));
  counts = { requests: 0, objectBytes: 0, commits: 0, wrongHashes: 0, firstByteAt: undefined };
}

function commitId(): string {
  return createHash('sha1').update(randomUUID()).digest('hex');
}

function gitBlobId(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function pointer(entry: SinkEntry): Buffer {
  return Buffer.from(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${entry.oid}\nsize ${entry.size}\n`,
  );
}

/** When each connection may next be read, so that it keeps to the given speed however long its requests are. */
const nextRead = new WeakMap<Socket, number>();

function payloadStarted(): void {
  counts.firstByteAt ??= Date.now();
}

async function drain(request: IncomingMessage, expectedSha256: string | undefined): Promise<number> {
  const hash = options.hash && expectedSha256 !== undefined ? createHash('sha256') : undefined;
  const rate = options.connectionBytesPerSecond;
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (bytes === 0) payloadStarted();
    bytes += chunk.length;
    hash?.update(chunk);
    if (rate !== undefined) {
      const now = performance.now();
      const next = Math.max(now, nextRead.get(request.socket) ?? now) + (chunk.length / rate) * 1000;
      nextRead.set(request.socket, next);
      if (next - now > 10) await delay(next - now);
    }
  }
  counts.objectBytes += bytes;
  if (hash !== undefined && hash.digest('hex') !== expectedSha256) counts.wrongHashes += 1;
  return bytes;
}

async function json<T>(request: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as T;
}

function answer(
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

type Action = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  match: RegExpExecArray,
) => Promise<void> | void;

const MODEL = `${PREFIX}/api/models/(?<model>[^/]+/[^/]+)`;

/** First match wins. */
const routes: readonly (readonly [method: string, path: RegExp, action: Action])[] = [
  ['POST', /^\/state$/, postState],
  ['GET', /^\/counts$/, (_request, response) => answer(response, counts)],
  ['PUT', /^\/raw\//, putRaw],
  ['PUT', /^\/object\/(?<oid>[0-9a-f]{64})$/, putObject],
  ['PUT', /^\/part\/(?<oid>[0-9a-f]{64})\/(?<part>\d+)$/, putPart],
  ['POST', /^\/complete\/(?<oid>[0-9a-f]{64})$/, complete],
  ['POST', new RegExp(`^${PREFIX}/api/repos/create$`), create],
  ['POST', new RegExp(`^${PREFIX}/api/validate-yaml$`), validateYaml],
  ['POST', new RegExp(`^${MODEL}/preupload/`), preupload],
  ['POST', new RegExp(`^${MODEL}/commit/`), commit],
  ['GET', new RegExp(`^${MODEL}/tree/`), tree],
  ['GET', new RegExp(`^${MODEL}(?:/revision/[^/]+)?$`), revision],
  ['GET', new RegExp(`^${MODEL}/commits/`), (_request, response) => answer(response, [{ id: head.commit }])],
  ['POST', new RegExp(`^${PREFIX}/[^/]+/[^/]+\\.git/info/lfs/objects/batch$`), batch],
  ['POST', new RegExp(`^${PREFIX}/verify$`), verify],
];

async function postState(request: IncomingMessage, response: ServerResponse): Promise<void> {
  reset((await json<SinkState>(request)).entries);
  answer(response, {});
}

async function putRaw(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await drain(request, undefined);
  response.end();
}

async function putObject(
  request: IncomingMessage,
  response: ServerResponse,
  _url: URL,
  match: RegExpExecArray,
): Promise<void> {
  const oid = match.groups?.oid ?? '';
  await drain(request, oid);
  stored.add(oid);
  response.end();
}

async function putPart(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await drain(request, undefined);
  response.setHeader('ETag', `"${randomUUID()}"`);
  response.end();
}

function complete(
  request: IncomingMessage,
  response: ServerResponse,
  _url: URL,
  match: RegExpExecArray,
): void {
  request.resume();
  stored.add(match.groups?.oid ?? '');
  answer(response, {});
}

async function create(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { name, organization } = await json<{ name: string; organization?: string | null }>(request);
  const id = organization ? `${organization}/${name}` : name;
  answer(response, { url: `${origin()}${PREFIX}/${id}` });
}

function validateYaml(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  answer(response, { errors: [], warnings: [] });
}

async function preupload(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { files } = await json<{ files: { path: string; size: number }[] }>(request);
  answer(response, {
    files: files.map(({ path, size }) => ({
      path,
      uploadMode: size >= options.lfsThreshold ? 'lfs' : 'regular',
      shouldIgnore: false,
      oid: head.entries.get(path)?.oid ?? null,
    })),
  });
}

async function batch(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { objects } = await json<{ objects: { oid: string; size: number }[] }>(request);
  const seen = new Set<string>();
  const answers = objects
    .filter(({ oid }) => !seen.has(oid) && seen.add(oid))
    .map(({ oid, size }) => (stored.has(oid) ? { oid, size } : { oid, size, actions: actions(oid, size) }));
  answer(response, { transfer: 'basic', objects: answers }, 200, { 'Content-Type': LFS_JSON });
}

function actions(oid: string, size: number): object {
  const verifyAction = { href: `${origin()}${PREFIX}/verify` };
  if (size < options.multipartThreshold) {
    return { upload: { href: `${origin()}/object/${oid}` }, verify: verifyAction };
  }
  const parts = Math.ceil(size / options.partBytes);
  const header: Record<string, string> = { chunk_size: String(options.partBytes) };
  for (let part = 1; part <= parts; part += 1) {
    header[String(part).padStart(5, '0')] = `${origin()}/part/${oid}/${part}`;
  }
  return { upload: { href: `${origin()}/complete/${oid}`, header }, verify: verifyAction };
}

async function verify(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { oid } = await json<{ oid: string }>(request);
  answer(response, {}, stored.has(oid) ? 200 : 404);
}

interface CommitLine {
  readonly key: string;
  readonly value: {
    readonly path: string;
    readonly content: string;
    readonly oid: string;
    readonly size: number;
  };
}

async function commit(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  match: RegExpExecArray,
): Promise<void> {
  const entries = new Map(head.entries);
  for await (const line of createInterface({ input: request, crlfDelay: Infinity })) {
    payloadStarted();
    if (line === '') continue;
    const { key, value } = JSON.parse(line) as CommitLine;
    if (key === 'file') {
      const content = Buffer.from(value.content, 'base64');
      entries.set(value.path, {
        path: value.path,
        size: content.length,
        oid: gitBlobId(content),
        lfs: false,
      });
    } else if (key === 'lfsFile') {
      if (!stored.has(value.oid)) {
        answer(response, { error: `object ${value.oid} was never uploaded` }, 422);
        return;
      }
      entries.set(value.path, { path: value.path, size: value.size, oid: value.oid, lfs: true });
    } else if (key === 'deletedFile') {
      entries.delete(value.path);
    }
  }
  setHead(entries);
  counts.commits += 1;
  answer(response, {
    success: true,
    commitOid: head.commit,
    commitUrl: `${origin()}${PREFIX}/${match.groups?.model ?? ''}/commit/${head.commit}`,
  });
}

function revision(
  _request: IncomingMessage,
  response: ServerResponse,
  _url: URL,
  match: RegExpExecArray,
): void {
  const id = match.groups?.model ?? '';
  answer(response, { id, modelId: id, sha: head.commit, siblings: [] });
}

const TREE_PAGE = 1000;

function tree(_request: IncomingMessage, response: ServerResponse, url: URL): void {
  const from = Number(url.searchParams.get('cursor') ?? 0);
  const page = head.list.slice(from, from + TREE_PAGE).map((entry) => {
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
    from + TREE_PAGE < head.list.length ? { Link: `<${next.href}>; rel="next"` } : {};
  answer(response, page, 200, link);
}

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', origin());
  const path = decodeURIComponent(url.pathname);
  if (!['/state', '/counts'].includes(path)) counts.requests += 1;
  for (const [method, pattern, action] of routes) {
    const match = request.method === method ? pattern.exec(path) : null;
    if (match !== null) {
      await action(request, response, url, match);
      return;
    }
  }
  request.resume();
  answer(response, { error: 'not found' }, 404, { 'X-Error-Code': 'EntryNotFound' });
}

const server = createServer({ keepAliveTimeout: 60_000, highWaterMark: 2 ** 20 }, (request, response) => {
  route(request, response).catch((error: unknown) => {
    if (response.headersSent) response.destroy();
    else answer(response, { error: String(error) }, 500);
  });
});
server.requestTimeout = 0;

function origin(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

reset([]);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ url: `${origin()}${PREFIX}` })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
