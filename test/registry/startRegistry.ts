import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { handleBuildkite } from './buildkite/api.ts';
import { HttpExchange, type WritableRecord } from './exchange.ts';
import { blanks, Faults } from './faults.ts';
import { handleHub } from './hub/api.ts';
import { defaultBehaviour, type Behaviour } from './hub/call.ts';
import { RootHubServer } from './hub/rootHub.ts';
import { SignedUrls } from './hub/signedUrls.ts';
import { transfers } from './hub/transfers.ts';
import { addManyVersions } from './manyVersions.ts';
import { publishFiles } from './publishFiles.ts';
import type {
  RecordedRequest,
  RegistryOptions,
  RootHub,
  RootHubOptions,
  RunningRegistry,
} from './registry.ts';
import { InvalidBody, type Handler, type Roots } from './routing.ts';
import { seed } from './seed.ts';
import { State, type Build, type Pipeline, type Registry } from './state.ts';
import { ModelStore } from './store/modelStore.ts';
import { settlePending } from './store/publishing.ts';
import { handleWeb } from './web.ts';

const everyScope = [
  'read_user',
  'read_organizations',
  'read_teams',
  'read_registries',
  'write_registries',
  'delete_registries',
  'read_packages',
  'write_packages',
  'delete_packages',
  'read_pipelines',
  'read_builds',
  'write_builds',
];
const readScopes = ['read_registries', 'read_packages', 'read_organizations', 'read_user'];

/** Starts a local registry on 127.0.0.1, with what its folder holds. */
export async function startRegistry(options: RegistryOptions): Promise<RunningRegistry> {
  const dataDir = path.resolve(options.dataDir);
  const behaviour: Behaviour = { ...defaultBehaviour, ...options.hub };
  const state = State.load(dataDir);
  const models = new ModelStore(dataDir);
  await models.sweep(
    state.allRegistries().map((registry) => registry.id),
    behaviour.uploadUrlLifetimeMs,
  );
  await settlePending(state, models);
  const defaults = state.defaults ?? makeDefaults(state);
  if (options.seed === true && !state.seeded) {
    await seed(state, models, behaviour);
    state.seeded = true;
  }
  await state.saved();

  const faults = new Faults();
  const requests: RecordedRequest[] = [];
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();

  const listen = async (handlers: readonly Handler[], port: number) => {
    const server = createServer((request, response) => {
      const serving = serve(request, response, handlers, {
        state,
        faults,
        requests,
        signal: stopping.signal,
      });
      underWay.add(serving);
      void serving.finally(() => underWay.delete(serving));
    });
    // Slow links may take their time, and idle connections are closed by the other side.
    server.requestTimeout = 0;
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return { server, origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` };
  };

  let uploadOrigin: string | undefined;
  const urls = new SignedUrls(state.signingKey, () => uploadOrigin);
  const transfer = transfers(models, urls);
  const main = await listen(
    [
      handleBuildkite({
        rateLimit: options.rateLimit,
        packageNames: options.packageNames,
        onBuild: (build) => {
          if (options.buildStepMs !== undefined)
            void carryOut(state, build, options.buildStepMs, stopping.signal);
        },
      }),
      handleWeb,
      transfer,
      handleHub(models, behaviour, urls),
    ],
    options.port ?? 0,
  );
  const servers: Server[] = [main.server];
  if (behaviour.uploadOrigin === 'other') {
    const other = await listen([transfer], 0);
    uploadOrigin = other.origin;
    servers.push(other.server);
  }

  async function startRootHub(rootHub: RootHubOptions) {
    const hub = new RootHubServer({
      ...{ models, urls, state, options: rootHub },
      behaviour: {
        ...behaviour,
        ...(rootHub.revisions && { revisions: rootHub.revisions }),
        ...(rootHub.commitNames && { commitNames: rootHub.commitNames }),
        ...(rootHub.lateEtagMs !== undefined && { lateEtagMs: rootHub.lateEtagMs }),
      },
      registry: registryOf(defaults.organization, defaults.registry),
    });
    const { server, origin } = await listen([transfer, hub.handle], rootHub.port ?? 0);
    const running: RootHub = {
      url: origin,
      token: hub.addToken({
        role: { kind: 'write' },
        user: { name: 'Grace Hopper', email: 'grace@example.com' },
      }),
      addToken: (token) => hub.addToken(token),
      setAccess: (model, access) => hub.setAccess(model, access),
      move: (from, to) => hub.move(from, to),
    };
    return { server, running };
  }

  const registryOf = (organization: string, slug: string): Registry => {
    const registry = state.registry(organization, slug);
    if (!registry) throw new Error(`There is no registry ${organization}/${slug}.`);
    return registry;
  };

  const root = options.rootHub && (await startRootHub(options.rootHub));
  if (root) servers.push(root.server);

  const pipelineOf = (organization: string, slug: string): Pipeline => {
    const pipeline = state.pipeline(organization, slug);
    if (!pipeline) throw new Error(`There is no pipeline ${organization}/${slug}.`);
    return pipeline;
  };

  return {
    apiUrl: `${main.origin}/v2`,
    packagesUrl: main.origin,
    webUrl: `${main.origin}/web`,
    ...(root && { rootHub: root.running }),
    ...defaults,
    requests,
    inject: (rule) => faults.inject(rule),
    clearFaults: () => faults.clear(),
    addToken: ({ user = { name: 'Ada Lovelace', email: 'ada@example.com' }, ...token }) =>
      state.addToken(state.ensureUser(user.name, user.email), token).secret,
    revokeToken: (token) => void state.deleteToken(token),
    addOrganization: (slug, name, teams) => void state.addOrganization(slug, name, teams),
    addRegistry: (organization, name, ecosystem, details) => {
      if (!state.organization(organization)) throw new Error(`There is no organization ${organization}.`);
      return { slug: state.addRegistry(organization, { name, ecosystem, ...details }).slug };
    },
    addPipeline: (organization, details) => {
      if (!state.organization(organization)) throw new Error(`There is no organization ${organization}.`);
      return { slug: state.addPipeline(organization, details).slug };
    },
    builds: {
      of: (organization, pipeline) => state.builds(pipelineOf(organization, pipeline).id),
      setState: (organization, pipeline, number, to, moved) => {
        const build = state.build(pipelineOf(organization, pipeline).id, number);
        if (!build) throw new Error(`There is no build ${number} of ${organization}/${pipeline}.`);
        state.moveBuild(build.id, to, moved);
      },
    },
    addModelVersion: (organization, registry, model, files, message, createdAt) =>
      publishFiles(state, models, behaviour, {
        registry: registryOf(organization, registry),
        model,
        files,
        message,
        createdAt,
      }),
    addManyVersions: (organization, registry, counts) =>
      addManyVersions(state, models, registryOf(organization, registry), counts),
    gitDirectory: (organization, registry, model) =>
      models.model(registryOf(organization, registry).id, model).gitDirectory,
    hasObject: async (organization, registry, sha256) =>
      (await models.objects(registryOf(organization, registry).id).sizeOf(sha256)) !== undefined,
    stop: async () => {
      stopping.abort();
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
      await Promise.allSettled(underWay);
      await state.saved();
    },
  };
}

/** What agents do with a build that nobody cancels. */
async function carryOut(
  state: State,
  { id, pipelineId, number }: Build,
  stepMs: number,
  signal: AbortSignal,
) {
  for (const [from, to] of [
    ['scheduled', 'running'],
    ['running', 'passed'],
  ] as const) {
    const stopped = await sleep(stepMs, false, { signal, ref: false }).catch(() => true);
    if (stopped || state.build(pipelineId, number)?.state !== from) return;
    state.moveBuild(id, to);
  }
}

function makeDefaults(state: State) {
  const organization = state.addOrganization('acme', 'Acme').slug;
  const registry = state.addRegistry(organization, { name: 'models', ecosystem: 'huggingface' }).slug;
  const user = state.ensureUser('Grace Hopper', 'grace@example.com');
  const token = state.addToken(user, { scopes: everyScope, description: 'Everything' }).secret;
  const readOnlyToken = state.addToken(user, { scopes: readScopes, description: 'Read only' }).secret;
  const defaults = { token, readOnlyToken, organization, registry };
  state.defaults = defaults;
  return defaults;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: readonly Handler[],
  context: {
    readonly state: State;
    readonly faults: Faults;
    readonly requests: RecordedRequest[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const method = request.method ?? 'GET';
  const path = request.url ?? '/';
  const record: WritableRecord = {
    method,
    path,
    headers: request.headers,
    bodyBytes: 0,
    status: undefined,
  };
  context.requests.push(record);
  const affliction = context.faults.strike(method, path);
  response.on('error', () => undefined);
  let exchange: HttpExchange | undefined;
  try {
    if (affliction.delayMs > 0) await sleep(affliction.delayMs, undefined, { signal: context.signal });
    await Promise.allSettled(affliction.holds);
    const { ending } = affliction;
    if (ending?.kind === 'hang') return;
    if (ending?.kind === 'resetRequest' && ending.afterBytes === 0) {
      request.socket.destroy();
      return;
    }
    exchange = new HttpExchange(request, response, {
      state: context.state,
      roots: rootsOf(request),
      record,
      affliction,
    });
    if (ending?.kind === 'status') {
      await exchange.answer(ending.status, ending.headers, ending.body);
      return;
    }
    if (ending?.kind === 'flood') {
      const { bytes } = ending;
      const headers = {
        'content-type': 'application/json',
        ...(bytes !== undefined && { 'content-length': bytes }),
      };
      await exchange.answer(200, headers, blanks(ending));
      return;
    }
    for (const handler of handlers) if (await handler(exchange)) return;
    await exchange.answerJson(404, { message: 'No such page', error: 'No such page' });
  } catch (error) {
    if (response.destroyed || request.destroyed || context.signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    if (exchange?.answered !== true) {
      const status = error instanceof InvalidBody ? 400 : 500;
      if (status === 500) console.error(`${method} ${path}:`, error);
      if (exchange) await exchange.answerJson(status, { message, error: message });
      else {
        record.status = status;
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify({ message, error: message }));
      }
    } else response.socket?.destroy();
  }
}

/** As the caller spelled the host, so that links lead to the origin it knows. */
function rootsOf(request: IncomingMessage): Roots {
  const { localAddress = '127.0.0.1', localPort = 0 } = request.socket;
  const host = request.headers.host ?? '';
  const port = String(localPort);
  const origin = host === `localhost:${port}` ? `http://${host}` : `http://${localAddress}:${port}`;
  return { api: `${origin}/v2`, packages: origin, web: `${origin}/web` };
}
