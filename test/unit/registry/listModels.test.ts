import assert from 'node:assert/strict';
import { listModels } from '@huggingface/hub';
import { execa } from 'execa';
import type { RunningRegistry } from '../../registry/registry.ts';
import { Cleanup, RawHub, outcome, plainGit } from './rawHub.ts';

type Item = Record<string, unknown> & { readonly id: string };

describe('local registry: the list of models', () => {
  const cleanup = new Cleanup();
  let registry: RunningRegistry;
  let hub: RawHub;
  let sha: string;

  before(async () => {
    registry = await cleanup.registry();
    hub = new RawHub(registry);
    sha = await registry.addModelVersion('acme', 'models', 'acme/Tiny-Chat', { 'a.txt': 'a', 'b.txt': 'b' });
    for (const model of ['other/tiny', 'acme/large']) {
      await registry.addModelVersion('acme', 'models', model, { 'a.txt': model });
    }
    await new RawHub(registry, { model: 'acme/unborn' }).create();
    const { slug } = registry.addRegistry('acme', 'Elsewhere', 'huggingface');
    await registry.addModelVersion('acme', slug, 'acme/elsewhere', { 'a.txt': 'a' });
  });
  after(() => cleanup.run());

  const list = async (query = '') => (await hub.json(`api/models${query}`)) as Item[];
  const ids = async (query?: string) => (await list(query)).map(({ id }) => id);

  it('holds every model of the registry, also one without a version, and nothing of others', async () => {
    assert.deepEqual(await ids(), ['acme/Tiny-Chat', 'acme/large', 'acme/unborn', 'other/tiny']);
    const [model] = await list();
    assert.deepEqual(Object.keys(model!).sort(), [
      ...['_id', 'createdAt', 'downloads', 'id', 'likes', 'modelId', 'private', 'tags', 'trendingScore'],
    ]);
    const { slug } = registry.addRegistry('acme', 'Empty', 'huggingface');
    assert.deepEqual(await new RawHub(registry, { registry: slug }).json('api/models'), []);
  });

  it('is narrowed by author and by every word of a search, whatever their case', async () => {
    assert.deepEqual(await ids('?author=ACME'), ['acme/Tiny-Chat', 'acme/large', 'acme/unborn']);
    assert.deepEqual(await ids('?author=acm'), []);
    assert.deepEqual(await ids('?search=tiny'), ['acme/Tiny-Chat', 'other/tiny']);
    assert.deepEqual(await ids('?search=TINY+acme'), ['acme/Tiny-Chat']);
    assert.deepEqual(await ids('?search=tiny&author=other'), ['other/tiny']);
    assert.deepEqual(await ids('?filter=gguf'), [], 'no model has tags');
    assert.equal((await ids('?made_up=1')).length, 4, 'unknown parameters are dropped');
  });

  it('comes in pages that keep the query', async () => {
    const found: string[] = [];
    let next: string | undefined = 'api/models?author=acme&limit=2';
    let pages = 0;
    while (next !== undefined) {
      const answer: Response = await hub.fetch(next);
      found.push(...((await answer.json()) as Item[]).map(({ id }) => id));
      next = /^<([^>]+)>; rel="next"$/
        .exec(answer.headers.get('link') ?? '')?.[1]
        ?.slice(hub.endpoint.length + 1);
      pages += 1;
    }
    assert.deepEqual([pages, found], [2, ['acme/Tiny-Chat', 'acme/large', 'acme/unborn']]);
    assert.equal((await hub.fetch('api/models?cursor=bWFkZSB1cA')).status, 400);
  });

  it('tells more where that is asked for', async () => {
    const [full] = await list('?search=chat&full=true');
    assert.deepEqual(
      [full!.sha, full!.author, full!.gated, full!.siblings],
      [sha, 'acme', false, [{ rfilename: 'a.txt' }, { rfilename: 'b.txt' }]],
    );
    const [some] = await list('?search=chat&expand=sha&expand[]=private&expand=safetensors');
    assert.deepEqual(some, {
      _id: full!._id,
      id: 'acme/Tiny-Chat',
      modelId: 'acme/Tiny-Chat',
      sha,
      private: true,
    });
    assert.equal((await list('?search=unborn&expand=sha'))[0]?.sha, null);
    for (const target of ['api/models', 'api/models/acme/large']) {
      const refused = await outcome(hub.fetch(`${target}?expand=nonsense`));
      assert.equal(refused.status, 400);
      assert.match(refused.text, /nonsense/);
    }
  });

  it('is sorted by date where that is asked for', async () => {
    const git = registry.gitDirectory('acme', 'models', 'acme/large');
    const person = { NAME: 'Ada', EMAIL: 'ada@example.com', DATE: '2040-01-02T03:04:05Z' };
    const env = Object.fromEntries(
      Object.entries(person).flatMap(([name, value]) => [
        [`GIT_AUTHOR_${name}`, value],
        [`GIT_COMMITTER_${name}`, value],
      ]),
    );
    const commit = ['commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Later'];
    const { stdout } = await execa('git', ['--git-dir', git, ...commit], { env });
    await plainGit(git, 'update-ref', 'refs/heads/main', stdout);
    const [latest] = await list('?sort=lastModified&full=true&limit=1');
    assert.deepEqual([latest!.id, latest!.lastModified], ['acme/large', '2040-01-02T03:04:05.000Z']);
    const dates = (await list('?sort=createdAt')).map(({ createdAt }) => String(createdAt));
    assert.deepEqual(dates, [...dates].sort().reverse());
  });

  it('is read by @huggingface/hub', async () => {
    const found: string[] = [];
    for await (const { name, gated, updatedAt } of listModels({
      search: { owner: 'acme', query: 'chat' },
      additionalFields: ['filePaths'],
      hubUrl: hub.endpoint,
      fetch: (url, init) => hub.fetch((url as string).slice(hub.endpoint.length + 1), init),
    })) {
      assert.deepEqual([gated, Number.isNaN(updatedAt.getTime())], [false, false]);
      found.push(name);
    }
    assert.deepEqual(found, ['acme/Tiny-Chat']);
  });

  it('is for those who may read the registry', async () => {
    const as = (token: string | undefined, slug = registry.registry) =>
      outcome(new RawHub(registry, { token, registry: slug }).fetch('api/models'));
    assert.equal((await as(registry.readOnlyToken)).status, 200);
    assert.equal((await as(undefined)).status, 401);
    assert.equal((await as(registry.addToken({ scopes: ['read_user'] }))).status, 403);
    const { slug } = registry.addRegistry('acme', 'Open', 'huggingface', { public: true });
    await registry.addModelVersion('acme', slug, 'acme/open', { a: 'a' });
    const open = await as(undefined, slug);
    assert.equal((JSON.parse(open.text) as Item[])[0]?.private, false);
  });
});
