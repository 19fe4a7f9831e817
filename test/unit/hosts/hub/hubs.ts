import { mkdtemp, rm } from 'node:fs/promises';
import type http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessToken } from '../../../../src/core/accessToken.ts';
import type { RegistryHost } from '../../../../src/core/hosts/host.ts';
import { hubServices } from '../../../../src/core/hosts/hub/service.ts';
import type { RegistryService, ServiceSurroundings } from '../../../../src/core/hosts/service.ts';
import type { RegistryOptions, RunningRegistry } from '../../../registry/registry.ts';
import { startRegistry } from '../../../registry/startRegistry.ts';
import { listen, testClient, type Loopback, type TestClient } from '../../http/loopback.ts';

/** An entry of the setting, but for its address. */
export type Descriptor = Readonly<Record<string, unknown>>;

export interface Hubs {
  readonly start: (options?: Partial<RegistryOptions>) => Promise<RunningRegistry>;
  readonly client: () => TestClient;
  /** A server of one's own. */
  readonly serve: (handler: http.RequestListener) => Promise<Loopback>;
}

/** For the tests of the enclosing suite; what they start ends after each of them. */
export function useHubs(): Hubs {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  return {
    async start(options = {}) {
      const dataDir = await mkdtemp(join(tmpdir(), 'hub-host-'));
      const registry = await startRegistry({ ...options, dataDir });
      cleanups.push(async () => {
        await registry.stop();
        await rm(dataDir, { recursive: true, force: true });
      });
      return registry;
    },
    client() {
      const client = testClient({ retries: 2 }, undefined, Date.now);
      cleanups.push(() => client.dispose());
      return client;
    },
    async serve(handler) {
      const server = await listen(handler);
      cleanups.push(() => server.close());
      return server;
    },
  };
}

export function surroundingsOf(
  hubs: unknown,
  others: Partial<ServiceSurroundings> = {},
): ServiceSurroundings {
  return {
    setting: (name) => (name === 'hubs' ? hubs : undefined),
    findProgram: () => Promise.resolve(undefined),
    environment: {},
    platform: process.platform,
    ...others,
  };
}

/** The one service at an address. */
export function serviceAt(address: string, descriptor: Descriptor = {}): RegistryService {
  const [service] = hubServices(surroundingsOf([{ address, name: 'Local', ...descriptor }]));
  if (!service) throw new Error('There is no service.');
  return service;
}

/** With nobody signed in. */
export function openForNobody(service: RegistryService, client: TestClient): RegistryHost {
  return service.open(new AccessToken('', []), new Set(), client.http);
}

/** With a token that the server was asked about. */
export async function openWith(
  service: RegistryService,
  client: TestClient,
  text: string,
): Promise<RegistryHost> {
  const { signal } = new AbortController();
  const { token, scopes } = await service.signIn.check(text, client.http, signal);
  return service.open(token, scopes, client.http);
}
