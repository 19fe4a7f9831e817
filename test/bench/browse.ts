/**
 * `npm run bench:browse`: what the Registries view asks of a server and how long it takes, with 50,000 versions of 300 models in a
 * registry and beside it with 50 versions of 10. The rows are those of the view; the registry is the local one, over sockets.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { AccessToken } from '../../src/core/accessToken.ts';
import { buildkiteServices } from '../../src/core/hosts/buildkite/service.ts';
import type { HttpClient } from '../../src/core/http/client.ts';
import { createHttpClient } from '../../src/core/http/nodeClient.ts';
import type { Log } from '../../src/core/log.ts';
import type { Session, Sessions } from '../../src/editor/accounts/sessions.ts';
import { openBranch } from '../../src/editor/registries/branches.ts';
import { CommitMessages } from '../../src/editor/registries/commitMessages.ts';
import { createModelSearch } from '../../src/editor/registries/modelSearch.ts';
import { RowTree } from '../../src/editor/registries/rowTree.ts';
import type { Row } from '../../src/editor/rows.ts';
import type { RunningRegistry } from '../registry/registry.ts';
import { startRegistry } from '../registry/startRegistry.ts';
import { machine } from './machine.ts';
import { median } from './median.ts';
import { table } from './report.ts';

/** Buildkite's for one user, the smaller one of both: https://buildkite.com/docs/apis/rest-api/limits */
const REQUESTS_A_MINUTE = 50;
const silent: Log = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

interface Shelf {
  readonly name: string;
  readonly models: number;
  readonly versions: number;
}

const shelves: readonly Shelf[] = [
  { name: '50 versions of 10 models', models: 10, versions: 50 },
  { name: '50,000 versions of 300 models', models: 300, versions: 50_000 },
];

/** What one step of a person cost. */
interface Cost {
  readonly step: string;
  /** Requests to the REST API, which Buildkite counts. */
  readonly apiRequests: number;
  /** Requests to the Hub endpoint of the registry. */
  readonly hubRequests: number;
  readonly milliseconds: number;
  /** Rows, or models found. */
  readonly rows: number;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a number above 0 is needed');
  return value;
}

const { runs, write } = new Command('bench:browse')
  .description('Counts the requests and measures the time of each step through a large and a small registry.')
  .option('--runs <n>', 'times that every step is taken; the median counts', positive, 7)
  .option('--write', 'write test/bench/BROWSE.md')
  .parse()
  .opts<{ runs: number; write?: boolean }>();

/** Walks through the view as a person does who sees it for the first time. `model` has the oldest of all newest versions. */
async function walk(registry: RunningRegistry, http: HttpClient, model: string): Promise<readonly Cost[]> {
  const session = sessionOf(registry, http);
  const onDidChange = () => ({ dispose: () => undefined });
  const sessions: Sessions = {
    all: [session],
    loaded: true,
    onDidChange,
    awaitsLogins: false,
    isRejected: () => false,
    renewed: () => Promise.resolve(),
  };
  const tree = new RowTree(
    sessions,
    (branch) =>
      openBranch(branch, {
        http,
        guard: (load) => load,
        showsOthers: () => true,
        chosenOf: () => undefined,
      }),
    () => undefined,
  );
  const costs: Cost[] = [];
  const step = async (name: string, take: () => Promise<number>) => {
    const before = registry.requests.length;
    const start = performance.now();
    const rows = await take();
    const milliseconds = performance.now() - start;
    const asked = registry.requests.slice(before);
    const failed = asked.find(({ status }) => status !== 200);
    if (failed) throw new Error(`${failed.method} ${failed.path} was answered with ${failed.status}`);
    const apiRequests = asked.filter(({ path }) => path.startsWith('/v2/')).length;
    costs.push({ step: name, apiRequests, hubRequests: asked.length - apiRequests, milliseconds, rows });
  };
  const expand = (name: string, row: Row | undefined) =>
    step(name, async () => count(await tree.children(row)));
  const first = async <Kind extends Row['kind']>(row: Row | undefined, kind: Kind) => {
    const found = (await tree.children(row)).find((child) => child.kind === kind);
    if (!found) throw new Error(`There is no row of kind ${kind}.`);
    return found as Extract<Row, { kind: Kind }>;
  };
  try {
    await expand('open the view: organizations', undefined);
    const organization = await first(undefined, 'organization');
    await expand('the organization’s registries', organization);
    const shelf = await first(organization, 'registry');
    await expand('expand a registry: models', shelf);
    const loadMore = async (parent: typeof shelf | typeof newest) => {
      const before = count(await tree.children(parent));
      await tree.loadMore(parent);
      return count(await tree.children(parent)) - before;
    };
    await step('Load more models', () => loadMore(shelf));
    const newest = await first(shelf, 'model');
    await step('expand a model: versions with commit messages', async () => {
      const children = await tree.children(newest);
      await messagesOf(
        http,
        children.filter((child) => child.kind === 'version'),
      );
      return count(children);
    });
    await step('Load more versions', () => loadMore(newest));
    await expand('expand a version: files', await first(newest, 'version'));
    const search = createModelSearch(() => {
      const shown = tree.all(organization) ?? [];
      const places = shown.flatMap((row) => (row.kind === 'registry' ? [row] : []));
      return Promise.resolve({ places, failures: [] });
    });
    await step('find a model by its name', async () => {
      let found = 0;
      for await (const { models } of search.find(model, new AbortController().signal)) found = models.length;
      if (found !== 1) throw new Error(`${model} was found ${found} times.`);
      return found;
    });
    return costs;
  } finally {
    tree.dispose();
  }
}

/** Rows of things, without the one that loads more. */
function count(rows: readonly Row[]): number {
  const failed = rows.find((row) => row.kind === 'failed');
  if (failed) throw failed.failure;
  return rows.filter((row) => row.kind !== 'more' && row.kind !== 'empty').length;
}

/** Resolves when the messages came that the view shows beside versions. */
async function messagesOf(
  http: HttpClient,
  versions: readonly Extract<Row, { kind: 'version' }>[],
): Promise<void> {
  await new Promise<void>((resolve) => {
    const messages = new CommitMessages(
      { http, log: silent },
      () => true,
      () => resolve(),
    );
    messages.want(versions);
  });
}

function sessionOf(registry: RunningRegistry, http: HttpClient): Session {
  const [apiUrl, packagesUrl, webUrl] = [registry.apiUrl, registry.packagesUrl, registry.webUrl].map(
    (url) => new URL(url),
  ) as [URL, URL, URL];
  const token = new AccessToken(registry.token, [apiUrl, packagesUrl]);
  const [service] = buildkiteServices({
    setting: (name) => ({ apiUrl, packagesUrl, webUrl })[name]?.href,
    findProgram: () => Promise.resolve(undefined),
    environment: {},
    platform: process.platform,
  });
  if (!service) throw new Error('There is no service at those addresses.');
  return {
    accountId: 'bench',
    service,
    label: 'bench',
    scopes: new Set(),
    may: () => true,
    token,
    host: service.open(token, new Set(), http),
  };
}

async function measure({ name, models, versions }: Shelf): Promise<readonly Cost[]> {
  process.stderr.write(`${name}: making them\n`);
  const dataDir = await mkdtemp(join(tmpdir(), 'model-registries-browse-'));
  // The requests are counted here, and many runs fit in a minute.
  const registry = await startRegistry({ dataDir, rateLimit: { organization: 1e6, user: 1e6 } });
  const http = createHttpClient({ userAgent: 'model-registries/bench', log: silent });
  try {
    const names = await registry.addManyVersions(registry.organization, registry.registry, {
      models,
      versions,
    });
    const walks: (readonly Cost[])[] = [];
    // The first one warms the processes up.
    for (let run = 0; run <= runs; run += 1) {
      const costs = await walk(registry, http, names.at(-1) ?? '');
      if (run > 0) walks.push(costs);
    }
    return walks[0]!.map((cost, step) => ({
      ...cost,
      milliseconds: median(walks.map((costs) => costs[step]!.milliseconds)),
    }));
  } finally {
    http.dispose();
    await registry.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const results: { readonly shelf: Shelf; readonly costs: readonly Cost[] }[] = [];
for (const shelf of shelves) results.push({ shelf, costs: await measure(shelf) });

const manifest = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly version: string };
const asked = ({ apiRequests, hubRequests }: Pick<Cost, 'apiRequests' | 'hubRequests'>) =>
  hubRequests === 0 ? String(apiRequests) : `${apiRequests} + ${hubRequests}`;
const sum = (costs: readonly Cost[], of: (cost: Cost) => number) =>
  costs.reduce((total, cost) => total + of(cost), 0);
const rows = results[0]!.costs.map(({ step }, index) => [
  step,
  ...results.flatMap(({ costs }) => {
    const cost = costs[index]!;
    return [asked(cost), `${cost.milliseconds.toFixed(1)} ms`, String(cost.rows)];
  }),
]);
const totals = results.flatMap(({ costs }) => [
  asked({
    apiRequests: sum(costs, ({ apiRequests }) => apiRequests),
    hubRequests: sum(costs, ({ hubRequests }) => hubRequests),
  }),
  `${sum(costs, ({ milliseconds }) => milliseconds).toFixed(1)} ms`,
  '',
]);
const worst = Math.max(...results.map(({ costs }) => sum(costs, ({ apiRequests }) => apiRequests)));
const text = `# Browsing a large registry

Written by \`npm run bench:browse -- --write\` on ${new Date().toISOString().slice(0, 10)}: one walk through the Registries view by someone who
has not opened it before, in a registry with ${shelves.at(-1)!.name} and in one with ${shelves[0]!.name}. The rows
are made by the view's own code, without the time VS Code takes to paint them; the local registry answers over sockets from
the same process, so that its own work counts too. Times are medians of ${runs} walks.

- Machine: ${machine()}
- Model Registries for Buildkite: ${version}

A “+” adds requests to the registry's Hub endpoint to those to Buildkite's REST API. The whole walk takes ${worst} of the
${REQUESTS_A_MINUTE} REST requests that Buildkite grants a user in a minute; the first rows take ${results.at(-1)!.costs[0]!.apiRequests}.

${table(
  ['step', ...results.flatMap(({ shelf }) => [`requests: ${shelf.name}`, 'time', 'new rows'])],
  [...rows, ['**all**', ...totals]],
)}
`;
process.stdout.write(text);
if (write) await writeFile(fileURLToPath(new URL('BROWSE.md', import.meta.url)), text);
