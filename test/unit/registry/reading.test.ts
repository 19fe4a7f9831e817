import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { fileExists } from '@huggingface/hub';
import type { RunningRegistry } from '../../registry/registry.ts';
import { Cleanup, RawHub, blobId, file, lfsFile, outcome, pointerText, sha256 } from './rawHub.ts';

interface TreeItem {
  readonly type: string;
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly lfs?: { readonly oid: string; readonly size: number; readonly pointerSize: number };
  readonly lastCommit?: { readonly id: string; readonly title: string };
}

describe('local registry: reading through the Hub protocol', () => {
  const cleanup = new Cleanup();
  const weights = randomBytes(5000);
  let registry: RunningRegistry;
  let hub: RawHub;
  let first: string;
  let head: string;
  before(async () => {
    registry = await cleanup.registry({ hub: { treePageSize: 3 } });
    hub = new RawHub(registry);
    await hub.create();
    await hub.upload(weights);
    first = await hub.committed([
      file('README.md', '# Demo\n'),
      file('data/a.txt', 'a'),
      file('data/deep/ü b.txt', 'abcdefghij'),
      lfsFile('model.bin', weights),
    ]);
    head = await hub.committed([file('data/a.txt', 'aa')], { summary: 'Change a', description: 'Because.' });
  });
  after(() => cleanup.run());

  const everyPage = async (target: string): Promise<TreeItem[]> => {
    const items: TreeItem[] = [];
    let next: string | undefined = `${hub.endpoint}/${target}`;
    while (next !== undefined) {
      const answer: Response = await hub.fetch(next.slice(hub.endpoint.length + 1));
      const page = (await answer.json()) as TreeItem[];
      assert.ok(page.length <= 3);
      items.push(...page);
      next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    return items;
  };

  it('lists a tree page by page', async () => {
    const all = await everyPage('api/models/acme/demo/tree/main?recursive=True&expand=False');
    assert.deepEqual(
      all.map(({ type, path, size }) => [type, path, size]),
      [
        ['file', '.gitattributes', 47],
        ['file', 'README.md', 7],
        ['directory', 'data', 0],
        ['file', 'data/a.txt', 2],
        ['directory', 'data/deep', 0],
        ['file', 'data/deep/ü b.txt', 10],
        ['file', 'model.bin', 5000],
      ],
    );
    assert.deepEqual(all.at(-1), {
      type: 'file',
      path: 'model.bin',
      size: 5000,
      oid: blobId(pointerText(weights)),
      lfs: { oid: sha256(weights), size: 5000, pointerSize: pointerText(weights).length },
    });
    const below = await everyPage(`api/models/acme/demo/tree/${first}/data`);
    assert.deepEqual(
      below.map(({ path, size }) => [path, size]),
      [
        ['data/a.txt', 1],
        ['data/deep', 0],
      ],
    );
    const expanded = await everyPage('api/models/acme/demo/tree/main/data?expand=true');
    assert.deepEqual(
      expanded.map((item) => [item.path, item.lastCommit?.id, item.lastCommit?.title]),
      [
        ['data/a.txt', head, 'Change a'],
        ['data/deep', first, 'Publish'],
      ],
    );
    assert.equal(
      (await hub.fetch('api/models/acme/demo/tree/main/nowhere')).headers.get('x-error-code'),
      'EntryNotFound',
    );
  });

  it('goes on with the commit a listing began with', async () => {
    const own = new RawHub(registry, { model: 'acme/moving' });
    await own.create();
    await own.committed(['a', 'b', 'c', 'd'].map((name) => file(name, name)));
    const page = await own.fetch('api/models/acme/moving/tree/main');
    const next = /<([^>]+)>/.exec(page.headers.get('link')!)![1]!;
    await own.committed([{ key: 'deletedFile', value: { path: 'a' } }]);
    const rest = (await own.json(next.slice(own.endpoint.length + 1))) as TreeItem[];
    assert.deepEqual(
      rest.map((item) => item.path),
      ['d'],
    );
  });

  it('tells paths, in a form or in JSON', async () => {
    const form = await hub.fetch('api/models/acme/demo/paths-info/main', {
      method: 'POST',
      body: new URLSearchParams([
        ['paths', 'data'],
        ['paths', 'nowhere'],
        ['paths', 'model.bin'],
        ['expand', 'True'],
      ]),
    });
    const json = await hub.post('api/models/acme/demo/paths-info/main', {
      paths: ['data', 'nowhere', 'model.bin'],
      expand: true,
    });
    const items = (await form.json()) as TreeItem[];
    assert.deepEqual(
      items.map(({ path, type, lastCommit }) => [path, type, lastCommit?.id]),
      [
        ['data', 'directory', head],
        ['model.bin', 'file', first],
      ],
    );
    assert.deepEqual(await json.json(), items);
  });

  it('tells a model at a revision', async () => {
    const at = async (target: string) =>
      (await hub.json(`api/models/acme/demo${target}`)) as Record<string, unknown>;
    assert.equal((await at('')).sha, head);
    assert.equal((await at('/revision/main')).sha, head);
    assert.equal((await at('/revision/HEAD')).sha, head, 'as the JavaScript client asks');
    const old = await at(`/revision/${first.slice(0, 10)}`);
    assert.equal(old.sha, first);
    assert.equal(old.private, true);
    assert.deepEqual(old.siblings, [
      { rfilename: '.gitattributes' },
      { rfilename: 'README.md' },
      { rfilename: 'data/a.txt' },
      { rfilename: 'data/deep/ü b.txt' },
      { rfilename: 'model.bin' },
    ]);
    const expanded = await at('/revision/main?expand=xetEnabled&expand=sha');
    assert.deepEqual(
      [expanded.id, expanded.xetEnabled, expanded.sha, expanded.siblings],
      ['acme/demo', false, head, undefined],
    );
    for (const revision of ['nowhere', 'main~1', '-h', 'f'.repeat(40)]) {
      const answer = await hub.fetch(`api/models/acme/demo/revision/${encodeURIComponent(revision)}`);
      assert.equal(answer.status, 404, revision);
      assert.equal(answer.headers.get('x-error-code'), 'RevisionNotFound');
    }
    const unknown = await hub.fetch('api/models/acme/nowhere/revision/main');
    assert.equal(unknown.headers.get('x-error-code'), 'RepoNotFound');
  });

  it('knows main of a model without a commit', async () => {
    const own = new RawHub(registry, { model: 'acme/unborn' });
    await own.create();
    assert.equal(((await own.json('api/models/acme/unborn/revision/main')) as { sha: unknown }).sha, null);
    assert.deepEqual(await own.json('api/models/acme/unborn/tree/main?recursive=true'), []);
    assert.deepEqual(await own.json('api/models/acme/unborn/refs'), { branches: [], converts: [], tags: [] });
    assert.equal(
      (await own.fetch('acme/unborn/resolve/main/a')).headers.get('x-error-code'),
      'EntryNotFound',
    );
  });

  it('lists commits and branches', async () => {
    const answer = await hub.fetch('api/models/acme/demo/commits/main?limit=1');
    const [commit] = (await answer.json()) as {
      id: string;
      title: string;
      message: string;
      authors: unknown;
    }[];
    assert.deepEqual(
      [commit!.id, commit!.title, commit!.message, commit!.authors],
      [head, 'Change a', 'Because.', [{ user: 'Grace Hopper', avatar: '' }]],
    );
    assert.equal(answer.headers.get('x-total-count'), '2');
    const next = /<([^>]+)>/.exec(answer.headers.get('link')!)![1]!;
    assert.deepEqual(
      ((await hub.json(next.slice(hub.endpoint.length + 1))) as { id: string }[]).map((each) => each.id),
      [first],
    );
    assert.deepEqual(await hub.json('api/models/acme/demo/refs'), {
      branches: [{ name: 'main', ref: 'refs/heads/main', targetCommit: head }],
      converts: [],
      tags: [],
    });
  });

  it('serves regular files with their Git id, whole and in ranges', async () => {
    const target = `acme/demo/resolve/main/data/deep/${encodeURIComponent('ü b.txt')}`;
    const whole = await hub.fetch(target);
    assert.equal(whole.headers.get('etag'), `"${blobId('abcdefghij')}"`);
    assert.equal(whole.headers.get('x-repo-commit'), head);
    assert.equal(await whole.text(), 'abcdefghij');
    const headOnly = await hub.fetch(target, { method: 'HEAD' });
    assert.equal(headOnly.headers.get('content-length'), '10');
    for (const [range, status, text, stated] of [
      ['bytes=2-4', 206, 'cde', 'bytes 2-4/10'],
      ['bytes=7-', 206, 'hij', 'bytes 7-9/10'],
      ['bytes=-2', 206, 'ij', 'bytes 8-9/10'],
      ['bytes=0-99', 206, 'abcdefghij', 'bytes 0-9/10'],
      ['bytes=10-', 416, '', 'bytes */10'],
      ['lines=1-2', 200, 'abcdefghij', null],
    ] as const) {
      const part = await hub.fetch(target, { headers: { range } });
      assert.deepEqual(
        [part.status, await part.text(), part.headers.get('content-range')],
        [status, text, stated],
        range,
      );
    }
  });

  it('leads to LFS files by signed URL, which tells everything again', async () => {
    const redirect = await hub.fetch('acme/demo/resolve/main/model.bin', { method: 'HEAD' });
    assert.equal(redirect.status, 302);
    assert.equal(redirect.headers.get('x-linked-etag'), `"${sha256(weights)}"`);
    assert.equal(redirect.headers.get('x-linked-size'), '5000');
    const location = redirect.headers.get('location')!;
    const metadata = await fetch(location, { method: 'HEAD' });
    assert.equal(metadata.headers.get('x-repo-commit'), head);
    assert.equal(metadata.headers.get('content-length'), '5000');
    const part = await fetch(location, { headers: { range: 'bytes=4000-' } });
    assert.equal(part.status, 206);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), weights.subarray(4000));
    assert.equal((await fetch(location.replace(/signature=./, 'signature=z'))).status, 403);
  });

  it('serves files as Git holds them, LFS files as their pointers', async () => {
    const pointer = await hub.fetch('acme/demo/raw/main/model.bin');
    assert.deepEqual(
      [
        pointer.status,
        await pointer.text(),
        pointer.headers.get('etag'),
        pointer.headers.get('x-repo-commit'),
      ],
      [200, pointerText(weights), `"${blobId(pointerText(weights))}"`, head],
    );
    const old = await hub.fetch(`acme/demo/raw/${first}/data/a.txt`);
    assert.deepEqual([await old.text(), old.headers.get('x-repo-commit')], ['a', first]);
    const headOnly = await hub.fetch('acme/demo/raw/main/data/deep/%C3%BC%20b.txt', { method: 'HEAD' });
    assert.deepEqual(
      [headOnly.status, headOnly.headers.get('content-length'), await headOnly.text()],
      [200, '10', ''],
    );
    for (const target of ['acme/demo/raw/main/nowhere', 'acme/demo/raw/main/data']) {
      const answer = await hub.fetch(target, { method: 'HEAD' });
      assert.deepEqual([answer.status, answer.headers.get('x-error-code')], [404, 'EntryNotFound'], target);
    }
    assert.equal(
      (await hub.fetch('acme/demo/raw/v1/README.md')).headers.get('x-error-code'),
      'RevisionNotFound',
    );
    // As the JavaScript client asks, which takes any 404 for “no”.
    const exists = (path: string) =>
      fileExists({
        repo: 'acme/demo',
        path,
        hubUrl: hub.endpoint,
        fetch: (url, init) => hub.fetch((url as string).slice(hub.endpoint.length + 1), init),
      });
    assert.deepEqual([await exists('model.bin'), await exists('data/b.txt')], [true, false]);
  });

  it('refuses files in text, and everything else in JSON', async () => {
    for (const route of ['resolve', 'raw']) {
      const answer = await hub.fetch(`acme/demo/${route}/main/nowhere`);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
      assert.equal(await answer.text(), 'There is no nowhere in acme/demo at main.');
      assert.equal(answer.headers.get('x-error-message'), 'There is no nowhere in acme/demo at main.');
    }
    const { error } = (await (await hub.fetch('api/models/acme/nowhere')).json()) as { error: string };
    assert.match(error, /no model acme\/nowhere/);
  });

  it('knows no Xet', async () => {
    for (const target of [
      'api/models/acme/demo/xet-write-token/main',
      'api/models/acme/demo/xet-read-token/main',
    ]) {
      assert.equal((await hub.fetch(target)).status, 404);
    }
  });

  it('tells who may read and write a model', async () => {
    const check = async (
      token: string | undefined,
      target = 'acme/demo/auth-check',
      within = registry.registry,
    ) => {
      const answer = await new RawHub(registry, { token, registry: within }).fetch(`api/models/${target}`);
      return [answer.status, answer.headers.get('x-error-code')];
    };
    const { token, readOnlyToken } = registry;
    const writing = 'acme/demo/auth-check/write';
    const whole = await hub.fetch('api/models/acme/demo/auth-check');
    assert.deepEqual([whole.status, await whole.text()], [200, 'OK']);
    assert.deepEqual(await check(token, writing), [200, null]);
    assert.deepEqual(await check(readOnlyToken), [200, null]);
    assert.deepEqual(await check(readOnlyToken, writing), [403, null]);
    for (const target of ['acme/nowhere/auth-check', 'acme/nowhere/auth-check/write'])
      assert.deepEqual(await check(token, target), [404, 'RepoNotFound']);
    for (const target of ['acme/demo/auth-check', writing]) {
      assert.deepEqual(await check(undefined, target), [401, null]);
      assert.deepEqual(await check('bkua_unknown', target), [401, null]);
    }

    const { slug } = registry.addRegistry('acme', 'Open', 'huggingface', { public: true });
    await registry.addModelVersion('acme', slug, 'acme/demo', { a: 'a' });
    assert.deepEqual(await check(undefined, 'acme/demo/auth-check', slug), [200, null]);
    assert.deepEqual(await check(undefined, writing, slug), [401, null]);
  });

  it('says in the words of the Hub that a token is no good', async () => {
    const answer = await new RawHub(registry, { token: 'bkua_unknown' }).fetch('api/models/acme/demo');
    assert.equal(answer.headers.get('x-error-message'), 'Invalid credentials in Authorization header');
    assert.match(((await answer.json()) as { error: string }).error, /unknown or was revoked/);
  });

  it('asks for tokens, scopes, organizations and the right ecosystem', async () => {
    const info = 'api/models/acme/demo/revision/main';
    const create = (client: RawHub) =>
      outcome(client.post('api/repos/create', { name: 'demo', organization: 'acme' }));
    const as = (token: string | undefined) => new RawHub(registry, { token });
    assert.equal((await as(undefined).fetch(info)).status, 401);
    assert.equal((await as('bkua_unknown').fetch(info)).status, 401);
    const expired = registry.addToken({ scopes: ['read_packages'], expiresAt: new Date(0) });
    assert.match((await outcome(as(expired).fetch(info))).text, /expired/);
    assert.equal((await as(registry.readOnlyToken).fetch(info)).status, 200);
    const readOnly = await create(as(registry.readOnlyToken));
    assert.equal(readOnly.status, 403);
    assert.match(readOnly.text, /write_packages/);
    const writeOnly = registry.addToken({ scopes: ['write_packages'] });
    assert.match((await outcome(as(writeOnly).fetch(info))).text, /read_packages/);
    const elsewhere = registry.addToken({ scopes: ['read_packages'], organizations: ['other'] });
    assert.equal((await as(elsewhere).fetch(info)).status, 403);
    registry.revokeToken(writeOnly);
    assert.equal((await create(as(writeOnly))).status, 401);

    registry.addRegistry('acme', 'Wheels', 'python');
    const python = await create(new RawHub(registry, { registry: 'wheels' }));
    assert.equal(python.status, 400);
    assert.match(python.text, /python/);
    assert.equal((await create(new RawHub(registry, { registry: 'nowhere' }))).status, 404);

    const me = (await hub.json('api/whoami-v2')) as Record<string, unknown>;
    assert.deepEqual([me.type, me.name, me.fullname], ['user', 'grace', 'Grace Hopper']);
    assert.equal((await as(undefined).fetch('api/whoami-v2')).status, 401);
  });
});
