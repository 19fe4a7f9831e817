import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import type { CommitWaits } from '../../../src/core/publish/commitWaits.ts';
import { createPublisher } from '../../../src/core/publish/publisher.ts';
import type {
  Publisher,
  PublishOptions,
  PublishOutcome,
  PublishPlan,
  PublishTarget,
} from '../../../src/core/publish/publishing.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { bodyOf, listen } from '../http/loopback.ts';
import { silent } from '../snapshot/repositories.ts';

/** A file as the hub keeps it; an object's content may be nowhere. */
export interface HeldFile {
  readonly size: number;
  /** Git object id of a plain file. */
  readonly gitSha1?: string;
  /** SHA-256 of an object. */
  readonly sha256?: string;
  readonly content?: Buffer;
}

export interface HeldCommit {
  readonly name: string;
  readonly message: string;
  /** As the commit's header named it. */
  readonly parent: string | undefined;
  readonly files: ReadonlyMap<string, HeldFile>;
}

/** What a commit's request meets. */
export interface CommitRequest {
  /** From 1 on. */
  readonly number: number;
  /** Makes the commit, and returns its name. */
  readonly carryOut: () => string;
  readonly response: ServerResponse;
}

/** What real servers do otherwise than the Hub. All of it may be changed while the hub runs. */
export interface Habits {
  /** What the nth commit of a revision is called. Default: a SHA-1. */
  names: (count: number, revision: string) => string;
  /** What a commit's answer says. Default: the commit's name. */
  commitOid: (name: string) => string;
  /** Answers a commit. Default: carries it out and says so. */
  onCommit: (request: CommitRequest) => void;
  /** Whether the revision shows its commits by now. */
  shows: boolean;
  /** Whether there is a list of files. */
  listsFiles: boolean;
  /** What the list of files holds besides them. */
  otherEntries: readonly object[];
  /** Whether the messages of commits are kept. */
  keepsMessages: boolean;
  /** Which files are wanted as objects. */
  objects: RegExp;
  /** Whether a batch leaves out objects that are stored. */
  leavesOut: boolean;
  /** How a batch for downloads is answered; `none`: there is no such call. `denies`: nothing is stored. */
  downloads: 'truly' | 'leavesOut' | 'denies' | 'none';
  /** Whether files can be had by `resolve`. */
  resolves: boolean;
  /**
   * Whether a revision has to be made by a call before it is committed to; `conflict`: somebody else is always faster.
   */
  branches: 'none' | 'needed' | 'conflict';
  /** What the call for branches is answered where there is none. */
  noBranches: number;
  /** Answers the call for branches in a way of its own. */
  onBranch: ((response: ServerResponse) => void) | undefined;
  /** Whether a commit of an object that is not stored is refused. */
  checksObjects: boolean;
}

export interface OddHub {
  readonly endpoint: URL;
  readonly publisher: Publisher;
  readonly habits: Habits;
  /** Requests so far, as `POST /api/repos/create`. */
  readonly requests: string[];
  /** What the creation of models was asked with. */
  readonly created: readonly unknown[];
  /** Objects that are stored; tests may take some away. */
  readonly stored: Set<string>;
  /** The commits of a revision, oldest first. */
  commits(revision?: string): readonly HeldCommit[];
  /** Paths of the newest commit. */
  paths(revision?: string): readonly string[];
  target(model?: string, revision?: string): PublishTarget;
  plan(snapshot: Snapshot, target?: PublishTarget): Promise<PublishPlan>;
  publish(
    snapshot: Snapshot,
    target?: PublishTarget,
    options?: Partial<PublishOptions>,
  ): Promise<PublishOutcome>;
  stop(): Promise<void>;
}

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

const USUAL: Habits = {
  names: (count, revision) => sha1(`${revision} ${count}`),
  commitOid: (name) => name,
  onCommit: ({ carryOut, response }) => json(response, 200, { commitOid: carryOut() }),
  shows: true,
  listsFiles: true,
  otherEntries: [],
  keepsMessages: true,
  objects: /\.bin$/,
  leavesOut: false,
  downloads: 'truly',
  resolves: true,
  branches: 'none',
  noBranches: 404,
  onBranch: undefined,
  checksObjects: false,
};

export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** A hub for one model, in memory, with the habits that a test gives it. */
export async function startOddHub(
  habits: Partial<Habits> = {},
  commitWaits: CommitWaits = { grace: 200, pauses: [1, 1, 1], looks: [1, 1, 1] },
  idleTimeoutMs?: number,
): Promise<OddHub> {
  const mine: Habits = { ...USUAL, ...habits };
  const revisions = new Map<string, HeldCommit[]>();
  const stored = new Set<string>();
  const contents = new Map<string, Buffer>();
  const requests: string[] = [];
  const created: unknown[] = [];
  let exists = false;
  let commitRequests = 0;

  const of = (revision: string): readonly HeldCommit[] => revisions.get(revision) ?? [];
  const resolved = (revision: string): HeldCommit | undefined => {
    if (!mine.shows) return undefined;
    const all = [...revisions.values()].flat();
    return of(revision).at(-1) ?? all.find(({ name }) => name === revision);
  };

  const carryOut = (revision: string, lines: readonly Line[]): string => {
    const before = of(revision);
    const files = new Map(before.at(-1)?.files);
    let message = '';
    let parent: string | undefined;
    for (const { key, value } of lines) {
      if (key === 'header') {
        message = [value.summary, value.description].filter(Boolean).join('\n\n');
        parent = value.parentCommit;
      } else if (key === 'deletedFile') files.delete(value.path ?? '');
      else if (key === 'lfsFile') {
        files.set(value.path ?? '', { size: value.size ?? 0, sha256: value.oid });
      } else {
        const content = Buffer.from(value.content ?? '', 'base64');
        const gitSha1 = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
        files.set(value.path ?? '', { size: content.length, gitSha1, content });
      }
    }
    const name = mine.names(before.length + 1, revision);
    revisions.set(revision, [...before, { name, message, parent, files }]);
    exists = true;
    return name;
  };

  const batch = (response: ServerResponse, { operation, objects }: Batch): void => {
    if (operation === 'download' && mine.downloads === 'none') {
      json(response, 404, {});
      return;
    }
    const leavesOut = operation === 'download' ? mine.downloads === 'leavesOut' : mine.leavesOut;
    const answered = objects.flatMap((object) => {
      const has = stored.has(object.oid);
      if (has && leavesOut) return [];
      const href = `${server.url.origin}/objects/${object.oid}`;
      if (operation === 'download')
        return has && mine.downloads !== 'denies'
          ? { ...object, actions: { download: { href } } }
          : { ...object, error: { code: 404 } };
      return has ? object : { ...object, actions: { upload: { href } } };
    });
    json(response, 200, { transfer: 'basic', objects: answered });
  };

  const resolve = (request: IncomingMessage, response: ServerResponse, file?: HeldFile): void => {
    const content =
      file?.content ?? (stored.has(file?.sha256 ?? '') ? contents.get(file?.sha256 ?? '') : undefined);
    if (!mine.resolves || file === undefined || content === undefined) {
      json(response, 404, {});
      return;
    }
    response.writeHead(200, {
      etag: `"${file.sha256 ?? file.gitSha1 ?? ''}"`,
      'content-length': content.length,
    });
    response.end(request.method === 'HEAD' ? undefined : content);
  };

  const commit = (response: ServerResponse, revision: string, body: Buffer): void => {
    const lines = body
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    if (mine.branches !== 'none' && revision !== 'main' && !revisions.has(revision)) {
      json(response, 404, { error: 'There is no such branch.' });
      return;
    }
    const absent = lines.find(({ key, value }) => key === 'lfsFile' && !stored.has(value.oid ?? ''));
    if (mine.checksObjects && absent) {
      json(response, 400, { error: 'An object is missing.' });
      return;
    }
    commitRequests += 1;
    mine.onCommit({
      number: commitRequests,
      carryOut: () => mine.commitOid(carryOut(revision, lines)),
      response,
    });
  };

  const branch = (response: ServerResponse, revision: string): void => {
    const isThere = mine.branches === 'conflict' || revisions.has(revision);
    if (mine.onBranch !== undefined) mine.onBranch(response);
    else if (mine.branches === 'none') json(response, mine.noBranches, {});
    else {
      if (!revisions.has(revision)) revisions.set(revision, [...of('main')]);
      json(response, isThere ? 409 : 200, {});
    }
  };

  const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const path = decodeURI(new URL(request.url ?? '', 'http://hub').pathname);
    const [, call = '', revision = 'main'] =
      /\/api\/models\/(?:[^/]+\/)?[^/]+\/(revision|tree|commits|preupload|commit|branch)\/([^/]+)$/.exec(
        path,
      ) ?? [];
    const head = resolved(decodeURIComponent(revision));
    const content = body.toString();
    if (path === '/api/repos/create') {
      created.push(JSON.parse(content));
      json(response, exists ? 409 : 200, { url: 'acme/model' });
      exists = true;
    } else if (call === 'revision') {
      if (head === undefined) {
        json(response, 404, {});
        return;
      }
      json(response, 200, {
        sha: head.name,
        siblings: [...head.files.keys()].map((rfilename) => ({ rfilename })),
      });
    } else if (call === 'tree') {
      if (!mine.listsFiles || head === undefined) {
        json(response, 404, {});
        return;
      }
      json(response, 200, [
        ...[...head.files].map(([file, held]) => entryOf(file, held)),
        ...mine.otherEntries,
      ]);
    } else if (call === 'commits') {
      if (head === undefined) {
        json(response, 404, {});
        return;
      }
      const newest = [...of(revision)].reverse();
      json(
        response,
        200,
        newest.map(({ name, message }) => ({ id: name, title: mine.keepsMessages ? message : 'A commit' })),
      );
    } else if (call === 'preupload') {
      const { files } = JSON.parse(content) as { files: { path: string }[] };
      json(response, 200, {
        files: files.map((file) => ({
          path: file.path,
          uploadMode: mine.objects.test(file.path) ? 'lfs' : 'regular',
        })),
      });
    } else if (call === 'commit') commit(response, revision, body);
    else if (call === 'branch') branch(response, revision);
    else if (path.endsWith('/objects/batch')) batch(response, JSON.parse(content) as Batch);
    else if (path.startsWith('/objects/')) {
      const oid = path.slice('/objects/'.length);
      stored.add(oid);
      contents.set(oid, body);
      response.end();
    } else {
      const [, rev = '', file = ''] = /\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
      resolve(request, response, resolved(decodeURIComponent(rev))?.files.get(decodeURIComponent(file)));
    }
  };

  const server = await listen((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    void bodyOf(request).then((body) => answer(request, response, body));
  });
  const http = createHttpClient({
    userAgent: 'odd-hub-tests',
    log: silent,
    backoff: { retries: 1, firstMs: 1, longestMs: 2, longestAskedMs: 1_000 },
    ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
  });
  const publisher = createPublisher({ http, log: silent, commitWaits });

  const self: OddHub = {
    endpoint: server.url,
    publisher,
    habits: mine,
    requests,
    created,
    stored,
    commits: (revision = 'main') => of(revision),
    paths: (revision = 'main') => [...(of(revision).at(-1)?.files.keys() ?? [])].sort(),
    target: (model = 'acme/model', revision = 'main') => ({
      model,
      hub: {
        endpoint: server.url,
        token: new AccessToken('token', [server.url]),
        createFirst: true,
        revision,
        modelIdSegments: model.includes('/') ? 2 : 1,
      },
    }),
    plan: (snapshot, target = self.target()) =>
      publisher.plan(snapshot, target, new AbortController().signal),
    publish: async (snapshot, target = self.target(), options = {}) =>
      publisher.publish(await self.plan(snapshot, target), {
        onEvent: () => undefined,
        signal: new AbortController().signal,
        ...options,
      }),
    async stop() {
      http.dispose();
      await server.close();
    },
  };
  return self;
}

interface Line {
  readonly key: string;
  readonly value: {
    readonly path?: string;
    readonly content?: string;
    readonly oid?: string;
    readonly size?: number;
    readonly summary?: string;
    readonly description?: string;
    readonly parentCommit?: string;
  };
}

interface Batch {
  readonly operation: string;
  readonly objects: readonly { readonly oid: string; readonly size: number }[];
}

function entryOf(path: string, { size, gitSha1, sha256 }: HeldFile): object {
  const lfs = sha256 === undefined ? {} : { lfs: { oid: sha256, size, pointerSize: 130 } };
  return { type: 'file', path, size, oid: gitSha1 ?? '0'.repeat(40), ...lfs };
}
