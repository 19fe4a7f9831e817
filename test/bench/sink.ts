/**
 * A Hub endpoint that throws bytes away: the lean other side of the benchmarks, in its own process. It speaks just enough of the
 * protocol for every contender (create, preupload, LFS batch with basic and multipart, verify, commit, revision, tree), keeps the
 * head's paths and object ids in memory, counts what arrives, and hashes it only with `--hash`.
 *
 * Prints one line when ready: {"url": …}. `PUT /raw/…` takes anything, for curl.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import {
  answer,
  answerTree,
  commitId,
  gitBlobId,
  json,
  MODEL_API,
  originOf,
  positiveInteger,
  PREFIX,
  serve,
  type HubEntry,
  type Route,
} from './hubWire.ts';
import { Links } from './link.ts';

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
  readonly entries: readonly HubEntry[];
}

const LFS_JSON = 'application/vnd.git-lfs+json';

const options = new Command()
  .option('--hash', 'hash what arrives and count what differs', false)
  .option('--connection-bytes-per-second <n>', 'hold every connection to that speed', positiveInteger)
  .option('--link-bytes-per-second <n>', 'hold all connections together to that speed', positiveInteger)
  .option('--multipart-threshold <bytes>', 'objects from this size go in parts', positiveInteger, Infinity)
  .option('--part-bytes <bytes>', 'bytes of one part', positiveInteger, 64 * 2 ** 20)
  .option('--lfs-threshold <bytes>', 'files from this size are LFS', positiveInteger, 2 ** 20)
  .parse()
  .opts<{
    hash: boolean;
    connectionBytesPerSecond?: number;
    linkBytesPerSecond?: number;
    multipartThreshold: number;
    partBytes: number;
    lfsThreshold: number;
  }>();

const links = new Links<Socket>(options.connectionBytesPerSecond, options.linkBytesPerSecond);
let head: { commit: string; entries: Map<string, HubEntry>; list: readonly HubEntry[] };
let stored: Set<string>;
let counts: { -readonly [K in keyof SinkCounts]: SinkCounts[K] };

function setHead(entries: Map<string, HubEntry>): void {
  head = { commit: commitId(), entries, list: [...entries.values()] };
}

function reset(entries: readonly HubEntry[]): void {
  setHead(new Map(entries.map((entry) => [entry.path, entry])));
  stored = new Set(entries.filter((entry) => entry.lfs).map((entry) => entry.oid));
  counts = { requests: 0, objectBytes: 0, commits: 0, wrongHashes: 0, firstByteAt: undefined };
}

function payloadStarted(): void {
  counts.firstByteAt ??= Date.now();
}

async function drain(request: IncomingMessage, expectedSha256: string | undefined): Promise<number> {
  const hash = options.hash && expectedSha256 !== undefined ? createHash('sha256') : undefined;
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (bytes === 0) payloadStarted();
    bytes += chunk.length;
    hash?.update(chunk);
    if (links.isHeld) await links.pass(request.socket, chunk.length);
  }
  counts.objectBytes += bytes;
  if (hash !== undefined && hash.digest('hex') !== expectedSha256) counts.wrongHashes += 1;
  return bytes;
}

const routes: readonly Route[] = [
  ['POST', /^\/state$/, postState],
  ['GET', /^\/counts$/, (_request, response) => answer(response, counts)],
  ['PUT', /^\/raw\//, putRaw],
  ['PUT', /^\/object\/(?<oid>[0-9a-f]{64})$/, putObject],
  ['PUT', /^\/part\/(?<oid>[0-9a-f]{64})\/(?<part>\d+)$/, putPart],
  ['POST', /^\/complete\/(?<oid>[0-9a-f]{64})$/, complete],
  ['POST', new RegExp(`^${PREFIX}/api/repos/create$`), create],
  ['POST', new RegExp(`^${PREFIX}/api/validate-yaml$`), validateYaml],
  ['POST', new RegExp(`^${MODEL_API}/preupload/`), preupload],
  ['POST', new RegExp(`^${MODEL_API}/commit/`), commit],
  ['GET', new RegExp(`^${MODEL_API}/tree/`), tree],
  ['GET', new RegExp(`^${MODEL_API}(?:/revision/[^/]+)?$`), revision],
  [
    'GET',
    new RegExp(`^${MODEL_API}/commits/`),
    (_request, response) => answer(response, [{ id: head.commit }]),
  ],
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

function tree(_request: IncomingMessage, response: ServerResponse, url: URL): void {
  answerTree(response, url, head.list);
}

const server = createServer({ keepAliveTimeout: 60_000, highWaterMark: 2 ** 20 });

function origin(): string {
  return originOf(server);
}

reset([]);
server.on('request', ({ url = '' }: IncomingMessage) => {
  if (!['/state', '/counts'].includes(url)) counts.requests += 1;
});
serve(server, routes);
