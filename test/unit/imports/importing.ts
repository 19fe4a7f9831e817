import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { openHubSnapshot } from '../../../src/core/imports/openHubSnapshot.ts';
import type { SourceModel } from '../../../src/core/imports/source.ts';
import type { Selection, Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import type { HubBehaviour, RecordedRequest, RootHub, RunningRegistry } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';
import { startPublishing, type Publishing, type PublishingOptions } from '../publish/publishing.ts';

/** A local registry that plays the Hub, and another one, which is a registry of Buildkite, to import into. */
export interface Importing {
  readonly from: RunningRegistry;
  readonly hub: RootHub;
  readonly to: Publishing;
  /** Puts a version into the source, and returns its commit. */
  put(model: string, files: Readonly<Record<string, string | Buffer>>, message?: string): Promise<string>;
  source(model: string, options?: { readonly revision?: string; readonly token?: string }): SourceModel;
  open(model: string, selection?: Selection, options?: Parameters<Importing['source']>[1]): Promise<Snapshot>;
  /** Requests that arrived at the source since the last call. */
  asked(): readonly RecordedRequest[];
  stop(): Promise<void>;
}

/** @param target How the target answers. */
export async function startImporting(
  target: HubBehaviour = {},
  options: PublishingOptions = {},
): Promise<Importing> {
  const folder = await mkdtemp(path.join(tmpdir(), 'importing-'));
  const from = await startRegistry({
    dataDir: folder,
    hub: { lfsThresholdBytes: 20_000 },
    rootHub: {},
  });
  const to = await startPublishing(target, options);
  const hub = from.rootHub!;
  let seen = 0;
  const self: Importing = {
    from,
    hub,
    to,
    put: (model, files, message) =>
      from.addModelVersion(from.organization, from.registry, model, files, message),
    source(model, { revision = 'main', token = '' } = {}) {
      const endpoint = new URL(hub.url);
      return { endpoint, model, revision, token: new AccessToken(token, token === '' ? [] : [endpoint]) };
    },
    open: (model, selection = { kind: 'all' }, asked) =>
      openHubSnapshot(self.source(model, asked), selection, {
        http: to.http,
        log: to.log,
        signal: new AbortController().signal,
      }),
    asked() {
      const requests = from.requests.slice(seen);
      seen = from.requests.length;
      return requests;
    },
    async stop() {
      await to.stop();
      await from.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return self;
}
