import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import type http from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { execa } from 'execa';
import { AccessToken } from '../../../src/core/accessToken.ts';
import type { PieceSizes } from '../../../src/core/download/byteRanges.ts';
import { createDownloader } from '../../../src/core/download/downloader.ts';
import type {
  DownloadDestination,
  Downloader,
  DownloadOptions,
  DownloadOutcome,
  DownloadPlan,
  DownloadSource,
} from '../../../src/core/download/downloading.ts';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import type { HubBehaviour } from '../../registry/registry.ts';
import { listen, type Loopback } from '../http/loopback.ts';
import { openResources, startPublishing, type Publishing } from '../publish/publishing.ts';

export const MODEL = 'acme/tiny-model';

/** A local registry with a downloader, and an empty folder to download to. */
export interface Downloads extends Pick<Publishing, 'registry' | 'arrived' | 'logged'> {
  readonly downloader: Downloader;
  /** A real path, empty at first. */
  readonly folder: string;
  /** Publishes a version, past the wire. */
  version(files: Readonly<Record<string, string | Buffer>>, model?: string): Promise<DownloadSource>;
  /** A version of what an odd server offers. */
  versionAt(server: Loopback): DownloadSource;
  plan(
    source: DownloadSource,
    destination: DownloadDestination,
    paths?: readonly string[],
  ): Promise<DownloadPlan>;
  /** Plans and downloads. */
  download(
    source: DownloadSource,
    destination: DownloadDestination,
    options?: Partial<DownloadOptions> & { readonly paths?: readonly string[] },
  ): Promise<DownloadOutcome>;
  /** The same, where it has to succeed. */
  downloaded(
    source: DownloadSource,
    destination: DownloadDestination,
    options?: Partial<DownloadOptions> & { readonly paths?: readonly string[] },
  ): Promise<Outcome<'downloaded'>>;
  /** What Git itself has of a version, by path. LFS files are pointers. */
  inGit(source: DownloadSource): Promise<Map<string, Buffer>>;
  /** Opens what was downloaded to `path` as a publish does: it is that version, and nothing changed. What branch it is on. */
  publishable(path: string, source: DownloadSource): Promise<string | undefined>;
  /** How often contents were asked for since the last call. */
  fetches(): number;
  /** No socket, file or timer is open that was not when the test began. */
  nothingLeft(): Promise<void>;
  stop(): Promise<void>;
}

export type Outcome<K extends DownloadOutcome['kind']> = Extract<DownloadOutcome, { readonly kind: K }>;

export async function startDownloads(hub: HubBehaviour = {}, pieceSizes?: PieceSizes): Promise<Downloads> {
  const publishing = await startPublishing({ lfsThresholdBytes: 100_000, ...hub }, { idleTimeoutMs: 2000 });
  const { registry, http, log } = publishing;
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'downloads-')));
  const downloader = createDownloader({ http, log, ...(pieceSizes && { pieceSizes }) });
  const { organization, registry: slug } = registry;
  // Servers that a test starts besides are its own.
  const before = new Map(await openResources()).set('TCPServerWrap', Infinity);
  const sourceOf = (model: string, commit: string): DownloadSource => {
    const id = asGitObjectId(commit);
    assert.ok(id);
    return { ...publishing.target(model), commit: id };
  };
  const self: Downloads = {
    registry,
    arrived: () => publishing.arrived(),
    logged: publishing.logged,
    downloader,
    folder,
    version: async (files, model = MODEL) =>
      sourceOf(model, await registry.addModelVersion(organization, slug, model, files)),
    versionAt(server) {
      const { hub: target } = publishing.target(MODEL);
      const hubOfServer = { ...target, endpoint: server.url, token: new AccessToken('secret', [server.url]) };
      return { ...sourceOf(MODEL, ODD_COMMIT), hub: hubOfServer };
    },
    plan: (source, destination, paths) =>
      downloader.plan(source, destination, {
        signal: new AbortController().signal,
        ...(paths && { paths }),
      }),
    async download(source, destination, { paths, ...options } = {}) {
      return downloader.download(await self.plan(source, destination, paths), {
        onProgress: () => undefined,
        signal: new AbortController().signal,
        differing: 'keep',
        ...options,
      });
    },
    async downloaded(source, destination, options) {
      const outcome = await self.download(source, destination, options);
      if (outcome.kind === 'failed') throw outcome.failure;
      assert.equal(outcome.kind, 'downloaded');
      return outcome;
    },
    async inGit({ model, commit }) {
      const git = ['--git-dir', registry.gitDirectory(organization, slug, model)];
      const { stdout } = await execa('git', [...git, 'ls-tree', '-r', '-z', '--name-only', commit]);
      const shown = stdout
        .split('\0')
        .filter(Boolean)
        .map(async (path): Promise<[string, Buffer]> => {
          const { stdout: content } = await execa('git', [...git, 'show', `${commit}:${path}`], {
            encoding: 'buffer',
            stripFinalNewline: false,
          });
          return [path, Buffer.from(content)];
        });
      return new Map(await Promise.all(shown));
    },
    async publishable(path, source) {
      const snapshot = await openSnapshot(path, { signal: new AbortController().signal, log });
      try {
        assert.equal(snapshot.commit, source.commit);
        assert.deepEqual(snapshot.uncommitted, []);
        assert.deepEqual(
          snapshot.files.map((file) => file.path).sort(),
          [...(await self.inGit(source)).keys()].sort(),
        );
        return snapshot.branch;
      } finally {
        await snapshot.dispose();
      }
    },
    fetches: () =>
      publishing.arrived().filter(({ method, path }) => method === 'GET' && isContent(path)).length,
    nothingLeft: () => publishing.nothingLeft(before),
    async stop() {
      await publishing.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return self;
}

function isContent(path: string): boolean {
  return path.includes('/resolve/');
}

export const ODD_COMMIT = 'c0ffee0123456789c0ffee0123456789c0ffee01';

/** An entry of a tree as a Hub lists it. */
export function listed(path: string, content: Buffer, lfs = true): Readonly<Record<string, unknown>> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const gitSha1 = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  const size = content.length;
  return lfs
    ? { type: 'file', path, size, oid: 'a'.repeat(40), lfs: { oid: sha256, size, pointerSize: 130 } }
    : { type: 'file', path, size, oid: gitSha1 };
}

/** A Hub that lists what it is told to, and serves contents as a test wants. */
export function oddHub(tree: readonly unknown[], content: http.RequestListener): Promise<Loopback> {
  return listen((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    if (pathname === `/api/models/${MODEL}/tree/${ODD_COMMIT}`) response.end(JSON.stringify(tree));
    else if (pathname.startsWith(`/${MODEL}/resolve/`)) content(request, response);
    else response.writeHead(404).end('{"error":"no such page"}');
  });
}

/** Every file below a folder, by path with slashes; links are followed. `.cache` is left out. */
export async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file).split(sep).join('/');
    if (!path.startsWith('.cache/')) files.set(path, await readFile(file));
  }
  return files;
}

/** Paths of the files that an unfinished download left. */
export async function leftovers(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.incomplete') || name.endsWith('.tmp'));
}

export function same(actual: ReadonlyMap<string, Buffer>, expected: ReadonlyMap<string, Buffer>): void {
  assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort());
  for (const [path, content] of expected) assert.ok(actual.get(path)?.equals(content), path);
}

export function failed(outcome: DownloadOutcome): Outcome<'failed'>['failure'] {
  assert.equal(outcome.kind, 'failed');
  return outcome.failure;
}
