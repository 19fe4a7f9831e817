import type http from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { AccessToken } from '../../../../src/core/accessToken.ts';
import { createBuildkiteHost, type BuildkiteHostOptions } from '../../../../src/core/hosts/buildkite/host.ts';
import { Failure, type FailureKind } from '../../../../src/core/failure.ts';
import type { Registry, RegistryHost } from '../../../../src/core/hosts/host.ts';
import type { RegistryOptions, RunningRegistry } from '../../../registry/registry.ts';
import { startRegistry } from '../../../registry/startRegistry.ts';
import { listen, testClient, type Loopback, type TestClient } from '../../http/loopback.ts';

type Urls = Pick<RunningRegistry, 'apiUrl' | 'packagesUrl' | 'webUrl'>;

export interface Hosts {
  /** A local registry, which takes many requests a minute unless told otherwise. */
  readonly start: (options?: Partial<RegistryOptions>) => Promise<RunningRegistry>;
  readonly hostOf: (urls: Urls, token: string, options?: Partial<BuildkiteHostOptions>) => RegistryHost;
  /** A server of one's own, and a host for it whose API is at `/v2`. */
  readonly serve: (
    handler: http.RequestListener,
    options?: Partial<BuildkiteHostOptions>,
  ) => Promise<{ readonly host: RegistryHost; readonly server: Loopback; readonly client: TestClient }>;
}

/** For the tests of the enclosing suite; what they start ends after each of them. */
export function useHosts(): Hosts {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function clientOf(): TestClient {
    // The hosts look at the real clock, too.
    const client = testClient({ retries: 5 }, undefined, Date.now);
    cleanups.push(() => client.dispose());
    return client;
  }

  function hostWith(
    client: TestClient,
    urls: Urls,
    token: string,
    options: Partial<BuildkiteHostOptions> = {},
  ): RegistryHost {
    const apiUrl = new URL(urls.apiUrl);
    const packagesUrl = new URL(urls.packagesUrl);
    return createBuildkiteHost({
      apiUrl,
      packagesUrl,
      webUrl: new URL(urls.webUrl),
      token: new AccessToken(token, [apiUrl, packagesUrl]),
      scopes: new Set(),
      ecosystem: () => 'huggingface',
      http: client.http,
      ...options,
    });
  }

  return {
    async start(options = {}) {
      const dataDir = await mkdtemp(join(tmpdir(), 'buildkite-host-'));
      const registry = await startRegistry({
        rateLimit: { organization: 10_000, user: 10_000 },
        ...options,
        dataDir,
      });
      cleanups.push(async () => {
        await registry.stop();
        await rm(dataDir, { recursive: true, force: true });
      });
      return registry;
    },
    hostOf: (urls, token, options) => hostWith(clientOf(), urls, token, options),
    async serve(handler, options) {
      const server = await listen(handler);
      cleanups.push(() => server.close());
      const { origin } = server.url;
      const client = clientOf();
      const urls = { apiUrl: `${origin}/v2`, packagesUrl: origin, webUrl: `${origin}/web` };
      return { host: hostWith(client, urls, 'bkua_x', options), server, client };
    },
  };
}

/** A registry as the host of {@link Hosts.serve} may be asked about. */
export const models: Registry = {
  id: '1',
  organization: 'acme',
  slug: 'models',
  name: 'models',
  ecosystem: 'huggingface',
  holdsModels: true,
  description: undefined,
  emoji: undefined,
  public: false,
  webUrl: undefined,
};

/** For `assert.rejects`. */
export function failing(kind: FailureKind, message = /./) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
    return true;
  };
}
