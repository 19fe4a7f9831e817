import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { AccessToken } from '../../../src/core/accessToken.ts';
import type { HttpClient } from '../../../src/core/http/client.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import type { Log } from '../../../src/core/log.ts';
import type { JournalStore } from '../../../src/core/publish/journals.ts';
import { createPublisher } from '../../../src/core/publish/publisher.ts';
import type {
  Publisher,
  PublishEvent,
  PublishOptions,
  PublishOutcome,
  PublishPlan,
  PublishTarget,
} from '../../../src/core/publish/publishing.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import type { HubBehaviour, RecordedRequest, RunningRegistry } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';

export type Outcome<K extends PublishOutcome['kind']> = Extract<PublishOutcome, { readonly kind: K }>;

/** As many pauses as in use, and next to no time. */
const COMMIT_WAITS = { grace: 5_000, pauses: [5, 10, 20] };

/** How long a test waits for a condition before it says that it never came true. */
const PATIENCE_MS = 20_000;

/** A local registry, a publisher, and what a test wants to know of both. */
export interface Publishing {
  readonly registry: RunningRegistry;
  readonly publisher: Publisher;
  readonly http: HttpClient;
  readonly log: Log;
  /** Everything that was logged. */
  readonly logged: readonly string[];
  /** @param shelf Slug of one of its registries; the one that always exists when absent, here and below. */
  target(model: string, token?: string, shelf?: string): PublishTarget;
  plan(snapshot: Snapshot, model: string): Promise<PublishPlan>;
  /** Plans and publishes. */
  publish(snapshot: Snapshot, model: string, options?: Partial<PublishOptions>): Promise<PublishOutcome>;
  /** The same, where it has to succeed. */
  published(
    snapshot: Snapshot,
    model: string,
    options?: Partial<PublishOptions>,
  ): Promise<Outcome<'published'>>;
  /** Paths and Git object ids of what `git clone` of the model gets; undefined where there is no commit to clone. */
  cloned(model: string): Promise<Map<string, string> | undefined>;
  /** The same as the registry's repository has it, which takes one process and no clone. */
  held(model: string, shelf?: string): Promise<Map<string, string> | undefined>;
  /** Full messages of the model's commits, newest first. */
  messages(model: string, shelf?: string): Promise<string[]>;
  /** Requests that arrived since the last call. */
  arrived(): readonly RecordedRequest[];
  /** Connections to the registry, idle ones too. */
  openSockets(): number;
  /** Closes idle connections, and waits until no more sockets, files, timers and processes are open than `before` names. */
  nothingLeft(before: ReadonlyMap<string, number>): Promise<void>;
  /** Closes idle connections; no socket to the registry may be open after that. */
  assertSocketsClosed(): void;
  stop(): Promise<void>;
}

export interface PublishingOptions {
  /** How long a connection may stand still. Default: as long as in use. */
  readonly idleTimeoutMs?: number;
  /** How often a request is sent again. */
  readonly retries?: number;
  readonly journals?: JournalStore;
}

export async function startPublishing(
  hub: HubBehaviour = {},
  { idleTimeoutMs, retries = 3, journals }: PublishingOptions = {},
): Promise<Publishing> {
  const folder = await mkdtemp(path.join(tmpdir(), 'publishing-'));
  const registry = await startRegistry({ dataDir: path.join(folder, 'registry'), hub });
  const logged: string[] = [];
  const keep = (message: string): void => void logged.push(message);
  const log: Log = { trace: keep, debug: keep, info: keep, warn: keep, error: keep };
  const http = createHttpClient({
    userAgent: 'publish-tests',
    log,
    backoff: { retries, firstMs: 5, longestMs: 20, longestAskedMs: 5_000 },
    idleTimeoutMs,
  });
  const publisher = createPublisher({ http, log, journals, commitWaits: COMMIT_WAITS });
  const endpointOf = (shelf: string): URL =>
    new URL(`${registry.packagesUrl}/${registry.organization}/${shelf}/huggingface`);
  const git = async (...args: readonly string[]): Promise<string> =>
    (await execa('git', args, { stripFinalNewline: false, env: { GIT_CONFIG_NOSYSTEM: '1' } })).stdout;
  const sockets = new Set<Socket>();
  const addSocket = (message: unknown): void =>
    void sockets.add((message as { readonly socket: Socket }).socket);
  subscribe('net.client.socket', addSocket);
  let seen = 0;
  let clones = 0;

  const self: Publishing = {
    registry,
    publisher,
    http,
    log,
    logged,
    target(model, token = registry.token, shelf = registry.registry) {
      const endpoint = endpointOf(shelf);
      return {
        model,
        hub: {
          endpoint,
          token: new AccessToken(token, [endpoint]),
          createFirst: true,
          revision: 'main',
          modelIdSegments: 2,
        },
      };
    },
    plan: (snapshot, model) => publisher.plan(snapshot, self.target(model), new AbortController().signal),
    async publish(snapshot, model, options = {}) {
      return publisher.publish(await self.plan(snapshot, model), {
        onEvent: () => undefined,
        signal: new AbortController().signal,
        ...options,
      });
    },
    async published(snapshot, model, options) {
      const outcome = await self.publish(snapshot, model, options);
      if (outcome.kind === 'failed') throw outcome.failure;
      assert.equal(outcome.kind, 'published');
      return outcome;
    },
    async cloned(model) {
      const from = registry.gitDirectory(registry.organization, registry.registry, model);
      const to = path.join(folder, `clone-${clones++}`);
      const found = await execa('git', ['--git-dir', from, 'rev-parse', '--verify', 'main'], {
        reject: false,
      });
      if (found.exitCode !== 0) return undefined;
      await git('clone', '-q', '--no-checkout', from, to);
      return parseTree(await git('-C', to, ...TREE));
    },
    async held(model, shelf = registry.registry) {
      const from = registry.gitDirectory(registry.organization, shelf, model);
      const { exitCode, stdout } = await execa('git', ['--git-dir', from, ...TREE], { reject: false });
      return exitCode === 0 ? parseTree(stdout) : undefined;
    },
    async messages(model, shelf = registry.registry) {
      const from = registry.gitDirectory(registry.organization, shelf, model);
      return (await git('--git-dir', from, 'log', '-z', '--format=%B', 'main')).split('\0').filter(Boolean);
    },
    arrived() {
      const requests = registry.requests.slice(seen);
      seen = registry.requests.length;
      return requests;
    },
    openSockets: () => [...sockets].filter(({ destroyed }) => !destroyed).length,
    async nothingLeft(before) {
      http.dispose();
      const end = Date.now() + PATIENCE_MS;
      for (;;) {
        const more = [...(await openResources())].filter(([kind, count]) => count > (before.get(kind) ?? 0));
        const open = self.openSockets();
        if (more.length === 0 && open === 0) return;
        if (Date.now() > end) assert.fail(`Left open: ${open} sockets, ${JSON.stringify(more)}.`);
      }
    },
    assertSocketsClosed() {
      http.dispose();
      assert.ok(sockets.size > 0);
      assert.ok([...sockets].every(({ destroyed }) => destroyed));
    },
    async stop() {
      unsubscribe('net.client.socket', addSocket);
      http.dispose();
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return self;
}

const TREE = ['ls-tree', '-r', '-z', 'HEAD'];

/** Paths and object ids in the output of {@link TREE}. */
function parseTree(listing: string): Map<string, string> {
  const entries = listing.split('\0').filter(Boolean);
  return new Map(
    entries.map((line) => {
      const tab = line.indexOf('\t');
      return [line.slice(tab + 1), line.slice(0, tab).split(' ')[2]!];
    }),
  );
}

/** What keeps this process busy, by kind, but for sockets, which are the registry's, too; after a moment, so that what closes is closed. The moment's own timer counts, too. */
export async function openResources(): Promise<Map<string, number>> {
  await delay(5);
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind !== 'TCPSocketWrap') counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** What a clone of the registry has to show for a snapshot. */
export const treeOf = (snapshot: Snapshot): Map<string, string> =>
  new Map(snapshot.files.map(({ path: file, gitSha1 }) => [file, gitSha1]));

export const sorted = (map: ReadonlyMap<string, string> | undefined): [string, string][] =>
  [...(map ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));

/** Collects events, and lets a test act on the first of a kind. */
export function eventLog(act: (event: PublishEvent) => void = () => undefined) {
  const events: PublishEvent[] = [];
  return {
    events,
    onEvent: (event: PublishEvent): void => {
      events.push(event);
      act(event);
    },
    steps: (): string[] =>
      events.flatMap((event) =>
        event.kind === 'progress'
          ? []
          : [`${event.step} ${event.kind === 'stepStarted' ? 'started' : 'finished'}`],
      ),
    /** Steps that began and did not end. */
    unfinished: (): string[] => {
      const open = new Set<string>();
      for (const event of events) {
        if (event.kind === 'stepStarted') open.add(event.step);
        if (event.kind === 'stepFinished') open.delete(event.step);
      }
      return [...open];
    },
    lastProgress: () => events.filter((event) => event.kind === 'progress').at(-1),
  };
}
