import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { Failure } from '../../../src/core/failure.ts';
import { createBuildkiteHost } from '../../../src/core/hosts/buildkite/host.ts';
import type { HttpClient } from '../../../src/core/http/client.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import type { Log } from '../../../src/core/log.ts';
import type { Session } from '../../../src/editor/accounts/sessions.ts';
import { createModelSearch, type Found } from '../../../src/editor/registries/modelSearch.ts';
import type { RunningRegistry } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';
import { until } from '../../setup/until.ts';
import { sessionWithout } from './sessions.ts';

const ORGANIZATION = 'lab';
const silent = () => undefined;
const SILENT: Log = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };
const SIGNAL = new AbortController().signal;

describe('a search for models', () => {
  let registry: RunningRegistry;
  let http: HttpClient;
  let dataDir: string;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'model-search-'));
    registry = await startRegistry({ dataDir, rateLimit: { organization: 10_000, user: 10_000 } });
    http = createHttpClient({ userAgent: 'test', log: SILENT });
    registry.addOrganization(ORGANIZATION);
    const publish = (shelf: string, model: string, text = model) =>
      registry.addModelVersion(ORGANIZATION, shelf, model, { 'README.md': text });
    registry.addRegistry(ORGANIZATION, 'Language', 'huggingface');
    registry.addRegistry(ORGANIZATION, 'Vision', 'huggingface');
    await publish('language', 'acme/bert-small');
    await publish('language', 'acme/gpt');
    await publish('language', 'acme/bert-large');
    await publish('language', 'acme/bert-small', 'again');
    await publish('vision', 'acme/resnet');
    for (const number of [1, 2, 3, 4, 5, 6])
      registry.addRegistry(ORGANIZATION, `Shelf ${number}`, 'huggingface');
    await publish('shelf-6', 'acme/bert-of-the-last-shelf');
  });
  after(async () => {
    http.dispose();
    await registry.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  afterEach(() => registry.clearFaults());

  const session = (pageSize?: number): Session => {
    const apiUrl = new URL(registry.apiUrl);
    const packagesUrl = new URL(registry.packagesUrl);
    const token = new AccessToken(registry.token, [apiUrl, packagesUrl]);
    const host = createBuildkiteHost({
      apiUrl,
      packagesUrl,
      webUrl: new URL(registry.webUrl),
      token,
      scopes: new Set(),
      ecosystem: () => 'huggingface',
      pageSize,
      http,
    });
    return { ...sessionWithout(), token, host };
  };
  const searchIn = (slugs: readonly string[] | undefined, pageSize?: number) => {
    const own = session(pageSize);
    return createModelSearch(async (signal) => {
      const { items } = await own.host.listing.registries(ORGANIZATION, undefined, signal);
      const chosen = slugs ? slugs.map((slug) => items.find((one) => one.slug === slug)!) : items;
      return { places: chosen.map((one) => ({ session: own, registry: one })), failures: [] };
    });
  };
  const last = async (search: ReturnType<typeof searchIn>, text: string): Promise<Found> => {
    let state: Found | undefined;
    for await (const found of search.find(text, SIGNAL)) state = found;
    assert(state);
    return state;
  };
  const names = ({ models }: Found) => models.map(({ model }) => model);
  const requestsDuring = async (task: () => Promise<unknown>) => {
    const before = registry.requests.length;
    await task();
    return registry.requests.slice(before).map(({ path }) => path);
  };

  it('begins with the newest models, each with its newest version', async () => {
    const found = await last(searchIn(['language']), '');
    assert.deepEqual(names(found), ['acme/bert-small', 'acme/bert-large', 'acme/gpt']);
    const { items } = await session().host.listing.versions(
      found.models[0]!.registry,
      'acme/bert-small',
      {},
      SIGNAL,
    );
    assert.equal(items.length, 2);
    assert.equal(found.models[0]?.newest?.id, items[0]?.id);
    assert.equal(found.done, true);
  });

  it('asks nothing more where it has seen all that there is', async () => {
    const search = searchIn(['language', 'vision']);
    await last(search, '');
    const silent = await requestsDuring(async () => {
      assert.deepEqual(names(await last(search, 'BERT')), ['acme/bert-small', 'acme/bert-large']);
      assert.deepEqual(names(await last(search, 'nothing like it')), []);
      const [{ newest }] = (await last(search, 'resnet')).models as [Found['models'][number]];
      assert.deepEqual(names(await last(search, newest?.commit?.slice(0, 10) ?? '')), ['acme/resnet']);
    });
    assert.deepEqual(silent, []);
  });

  it('asks the server where it has not seen all, once for each text', async () => {
    const search = searchIn(['language'], 1);
    const first = await last(search, '');
    assert.deepEqual(names(first), ['acme/bert-small']);
    assert.deepEqual(
      first.cutShort.map(({ slug }) => slug),
      ['language'],
    );
    const asked = await requestsDuring(async () => {
      assert.deepEqual(names(await last(search, 'gpt')), ['acme/gpt']);
      await last(search, 'gpt');
      await last(search, ' gpt ');
      await last(search, '');
    });
    assert.equal(asked.length, 1);
    assert.match(asked[0] ?? '', /[?&]name=gpt(&|$)/);
  });

  it('shows what is known at once, and what each registry adds as it answers', async () => {
    const search = searchIn(['language', 'vision'], 1);
    await last(search, '');
    const lists: string[][] = [];
    for await (const found of search.find('e', SIGNAL)) lists.push([...names(found)]);
    assert.deepEqual(lists[0], ['acme/bert-small', 'acme/resnet']);
    assert(lists.length > 1);
  });

  it('asks six registries at first, says how many it left out, and asks more on demand', async () => {
    const search = searchIn(undefined);
    const asked = await requestsDuring(async () => {
      const found = await last(search, 'last-shelf');
      assert.deepEqual(names(found), []);
      assert.equal(found.unasked, 2);
    });
    assert.equal(asked.filter((path) => path.includes('/packages?')).length, 6);
    search.widen();
    const more = await requestsDuring(async () => {
      const found = await last(search, 'last-shelf');
      assert.deepEqual(names(found), ['acme/bert-of-the-last-shelf']);
      assert.equal(found.unasked, 0);
    });
    assert.equal(more.length, 2);
  });

  it('tells of a refusal once, stops asking, and asks again when it is searched again', async () => {
    const search = searchIn(undefined);
    const clear = registry.inject({
      path: /\/packages\?/,
      times: Infinity,
      fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
    });
    const asked = await requestsDuring(async () => {
      const found = await last(search, 'bert');
      assert.deepEqual(
        found.failures.map(({ kind }) => kind),
        ['rateLimit'],
      );
      assert.equal(found.done, true);
    });
    assert(asked.filter((path) => path.includes('/packages?')).length <= 3, asked.join('\n'));
    clear();
    let found = await last(search, 'bert');
    await until(async () => {
      found = await last(search, 'bert');
      return found.failures.length === 0;
    }, 'the search asked again');
    assert.deepEqual(names(found), ['acme/bert-small', 'acme/bert-large']);
  });

  it('goes on with the other registries where one is refused', async () => {
    registry.inject({ path: /language\/packages/, fault: { kind: 'status', status: 403 } });
    const found = await last(searchIn(['language', 'vision']), '');
    assert.deepEqual(names(found), ['acme/resnet']);
    assert.deepEqual(
      found.failures.map(({ kind }) => kind),
      ['forbidden'],
    );
  });

  it('tells where the registries cannot be listed, and lists them when it is searched again', async () => {
    registry.inject({ path: /\/registries$/, fault: { kind: 'status', status: 404 } });
    const search = searchIn(undefined);
    assert.deepEqual(
      (await last(search, '')).failures.map(({ kind }) => kind),
      ['notFound'],
    );
    assert((await last(search, '')).models.length > 0);
  });

  it('shows the models of one account where another’s cannot be had, and asks that one again', async () => {
    const [good, bad] = [session(), session()];
    const failure = new Failure('forbidden', 'No organization of the other account can be listed.');
    let isHealed = false;
    const search = createModelSearch(async (signal) => {
      const { items } = await good.host.listing.registries(ORGANIZATION, undefined, signal);
      const find = (slug: string) => items.find((one) => one.slug === slug)!;
      const places = [{ session: good, registry: find('vision') }];
      if (!isHealed) return { places, failures: [failure] };
      return { places: [...places, { session: bad, registry: find('language') }], failures: [] };
    });
    const found = await last(search, 'e');
    assert.deepEqual(names(found), ['acme/resnet']);
    assert.deepEqual(found.failures, [failure]);
    isHealed = true;
    const asked = await requestsDuring(async () => {
      const both = await last(search, 'e');
      assert.deepEqual([both.models.length, both.failures], [4, []]);
      assert.deepEqual(new Set(both.models.map((one) => one.session)), new Set([good, bad]));
    });
    assert.equal(asked.filter((path) => path.includes('vision')).length, 0, 'what was answered is kept');
  });

  it('leaves no request behind when it is given up', async () => {
    registry.inject({ path: /\/packages\?/, times: Infinity, fault: { kind: 'hang' } });
    const controller = new AbortController();
    const search = searchIn(['language', 'vision']);
    for await (const found of search.find('bert', controller.signal)) {
      assert.deepEqual(names(found), []);
      controller.abort();
    }
    registry.clearFaults();
    assert.deepEqual(names(await last(search, 'bert')), ['acme/bert-small', 'acme/bert-large']);
  });
});
