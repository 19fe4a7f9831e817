/**
 * A Hub endpoint that only serves, the lean other side of downloads and imports, in a process of its own: files that are
 * made as they are sent and stored nowhere, with the calls that clients make for them (revision, tree, commits,
 * `resolve` with ranges). `POST /state` names the files, and answers with their hashes.
 *
 * Prints one line when ready: {"url": …}.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Command } from 'commander';
import { MadeContent, sameBytes, text } from './content.ts';
import {
  answer,
  answerTree,
  commitId,
  gitBlobId,
  json,
  MODEL_API,
  positiveInteger,
  PREFIX,
  serve,
  type HubEntry,
  type Route,
} from './hubWire.ts';
import { Links } from './link.ts';
import type { BenchFile } from './modelRepository.ts';

/** The body of `POST /state`. */
export interface SourceState {
  readonly files: readonly BenchFile[];
}

/** What was served since `POST /counts`. */
export interface SourceCounts {
  readonly requests: number;
  readonly contentBytes: number;
  /** Contents that were sent at the same time, at most. */
  readonly mostAtOnce: number;
}

interface ServedFile {
  readonly entry: HubEntry;
  /** Bytes from `start` up to `end`, in pieces of at most `most`. */
  readonly pieces: (start: number, end: number, most: number) => Iterable<Buffer>;
}

const options = new Command()
  .option('--connection-bytes-per-second <n>', 'hold every connection to that speed', positiveInteger)
  .option('--link-bytes-per-second <n>', 'hold all connections together to that speed', positiveInteger)
  .parse()
  .opts<{ connectionBytesPerSecond?: number; linkBytesPerSecond?: number }>();

const links = new Links<Socket>(options.connectionBytesPerSecond, options.linkBytesPerSecond);
/** Of one write. A held link is shared in smaller pieces. Bytes. */
const PIECE = links.isHeld ? 2 ** 16 : 2 ** 20;

const commit = commitId();
let files = new Map<string, ServedFile>();
let counts: { -readonly [K in keyof SourceCounts]: SourceCounts[K] };
let atOnce = 0;

function resetCounts(): void {
  counts = { requests: 0, contentBytes: 0, mostAtOnce: 0 };
}

function madeFile({ path, size, lfs }: BenchFile, index: number): ServedFile {
  if (lfs) {
    const content = new MadeContent(index, size);
    return {
      entry: { path, size, lfs, oid: content.sha256() },
      pieces: (start, end, most) => content.pieces(start, end, most),
    };
  }
  const content = text(path, size, sameBytes);
  return {
    entry: { path, size, lfs, oid: gitBlobId(content) },
    pieces: (start, end) => [content.subarray(start, end)],
  };
}

async function postState(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const state = await json<SourceState>(request);
  files = new Map(state.files.map((file, index) => [file.path, madeFile(file, index)]));
  answer(response, entries());
}

function entries(): readonly HubEntry[] {
  return [...files.values()].map(({ entry }) => entry);
}

function revision(
  request: IncomingMessage,
  response: ServerResponse,
  _url: URL,
  match: RegExpExecArray,
): void {
  counts.requests += 1;
  request.resume();
  const id = match.groups?.model ?? '';
  answer(response, {
    ...{ id, modelId: id, sha: commit, lastModified: '2026-01-01T00:00:00.000Z' },
    ...{ private: false, gated: false, disabled: false, downloads: 0, likes: 0, tags: [] },
    siblings: [...files.keys()].map((rfilename) => ({ rfilename })),
  });
}

function commits(_request: IncomingMessage, response: ServerResponse): void {
  counts.requests += 1;
  const date = '2026-01-01T00:00:00.000Z';
  answer(response, [{ id: commit, title: 'Add a model', message: '', authors: [], date }]);
}

function tree(_request: IncomingMessage, response: ServerResponse, url: URL): void {
  counts.requests += 1;
  answerTree(response, url, entries());
}

/** The range that is asked for, or all. */
function rangeOf(request: IncomingMessage, size: number): readonly [start: number, end: number] {
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  return [Number(from), to === '' ? size : Math.min(size, Number(to) + 1)];
}

async function resolve(
  request: IncomingMessage,
  response: ServerResponse,
  _url: URL,
  match: RegExpExecArray,
): Promise<void> {
  counts.requests += 1;
  const file = files.get(match.groups?.path ?? '');
  if (file === undefined) {
    answer(response, { error: 'not found' }, 404, { 'X-Error-Code': 'EntryNotFound' });
    return;
  }
  const { size, oid } = file.entry;
  const [start, end] = rangeOf(request, size);
  if (start >= end && size > 0) {
    response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
    return;
  }
  const isPart = request.headers.range !== undefined;
  response.writeHead(isPart ? 206 : 200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(end - start),
    'Accept-Ranges': 'bytes',
    ETag: `"${oid}"`,
    'X-Repo-Commit': commit,
    ...(isPart && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
  });
  if (request.method === 'HEAD') response.end();
  else await send(response, file.pieces(start, end, PIECE));
}

/** Sends until all is sent or nobody takes it any more. */
async function send(response: ServerResponse, pieces: Iterable<Buffer>): Promise<void> {
  const { socket } = response;
  atOnce += 1;
  counts.mostAtOnce = Math.max(counts.mostAtOnce, atOnce);
  let resume: (() => void) | undefined;
  response.once('close', () => resume?.());
  try {
    for (const piece of pieces) {
      if (response.closed) return;
      if (socket && links.isHeld) await links.pass(socket, piece.length);
      await new Promise<void>((taken) => {
        resume = taken;
        response.write(piece, () => taken());
      });
      counts.contentBytes += piece.length;
    }
    response.end();
  } finally {
    atOnce -= 1;
  }
}

const routes: readonly Route[] = [
  ['POST', /^\/state$/, postState],
  [
    'POST',
    /^\/counts$/,
    (_request, response) => {
      resetCounts();
      answer(response, {});
    },
  ],
  ['GET', /^\/counts$/, (_request, response) => answer(response, counts)],
  ['GET', new RegExp(`^${MODEL_API}/tree/`), tree],
  ['GET', new RegExp(`^${MODEL_API}(?:/revision/[^/]+)?$`), revision],
  ['GET', new RegExp(`^${MODEL_API}/commits/`), commits],
  ['GET', new RegExp(`^${PREFIX}/[^/]+/[^/]+/resolve/[^/]+/(?<path>.+)$`), resolve],
  ['HEAD', new RegExp(`^${PREFIX}/[^/]+/[^/]+/resolve/[^/]+/(?<path>.+)$`), resolve],
];

resetCounts();
serve(createServer({ keepAliveTimeout: 60_000 }), routes);
