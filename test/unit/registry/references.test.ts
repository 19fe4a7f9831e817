import assert from 'node:assert/strict';
import type { RunningRegistry } from '../../registry/registry.ts';
import { Cleanup, RawHub, file, listedPackages, outcome, plainGit } from './rawHub.ts';

describe('local registry: branches and tags', () => {
  const cleanup = new Cleanup();
  const api = 'api/models/acme/demo';
  let registry: RunningRegistry;
  let hub: RawHub;
  let first: string;
  let head: string;

  beforeEach(async () => {
    registry = await cleanup.registry();
    hub = new RawHub(registry);
    await hub.create();
    first = await hub.committed([file('a.txt', '1')]);
    head = await hub.committed([file('a.txt', '2')]);
  });
  afterEach(() => cleanup.run());

  interface Refused {
    readonly status: number;
    readonly code: string | null;
    readonly error: string | undefined;
  }

  const done = { status: 200, code: null, error: undefined };

  async function told(answer: Promise<Response>): Promise<Refused> {
    const response = await answer;
    const { error } = (await response.json()) as { error?: string };
    return { status: response.status, code: response.headers.get('x-error-code'), error };
  }

  const remove = (target: string) => told(hub.fetch(`${api}/${target}`, { method: 'DELETE' }));
  const tag = (revision: string, body: object) => told(hub.post(`${api}/tag/${revision}`, body));
  const branch = (name: string, body: object = {}) => told(hub.post(`${api}/branch/${name}`, body));

  async function names(): Promise<unknown> {
    const { branches, tags } = (await hub.json(`${api}/refs`)) as Record<
      'branches' | 'tags',
      { name: string; ref: string; targetCommit: string }[]
    >;
    return [branches, tags].map((refs) =>
      Object.fromEntries(refs.map((each) => [each.ref, each.targetCommit])),
    );
  }

  it('points a tag at a revision, with a message where one is given', async () => {
    assert.deepEqual(await tag('main', { tag: 'v2', message: 'The second' }), done);
    assert.deepEqual(await tag(first.slice(0, 7), { tag: 'release/v1' }), done);
    assert.deepEqual(await names(), [
      { 'refs/heads/main': head },
      { 'refs/tags/release/v1': first, 'refs/tags/v2': head },
    ]);
    const git = registry.gitDirectory('acme', 'models', 'acme/demo');
    assert.equal(await plainGit(git, 'cat-file', '-t', 'v2'), 'tag\n');
    assert.match(await plainGit(git, 'cat-file', 'tag', 'v2'), /tagger Grace Hopper .*\n\nThe second\n$/s);
    assert.equal(await plainGit(git, 'cat-file', '-t', 'release/v1'), 'commit\n');

    const at = async (revision: string) =>
      (await hub.json(`${api}/revision/${encodeURIComponent(revision)}`)) as { sha: string };
    assert.deepEqual([(await at('v2')).sha, (await at('release/v1')).sha], [head, first]);
    const content = await hub.fetch('acme/demo/resolve/release%2Fv1/a.txt');
    assert.deepEqual([await content.text(), content.headers.get('x-repo-commit')], ['1', first]);
  });

  it('refuses a tag that is there, that points at nothing, or whose name is none', async () => {
    await tag('main', { tag: 'v1' });
    assert.deepEqual(await tag(first, { tag: 'v1' }), {
      status: 409,
      code: null,
      error: 'Reference refs/tags/v1 already exists',
    });
    assert.equal((await tag('main', { tag: 'v1/below' })).status, 409, 'Git has no room for it');
    assert.deepEqual(
      [(await tag('nowhere', { tag: 'v2' })).code, (await tag('nowhere', { tag: 'a tag' })).code],
      ['RevisionNotFound', 'RevisionNotFound'],
    );
    for (const name of ['a tag', '-v', 'refs/tags/v2', 'v~1', ''])
      assert.equal((await tag('main', { tag: name })).status, 400, name);
    assert.equal((await tag('main', {})).status, 400);
    assert.deepEqual(await names(), [{ 'refs/heads/main': head }, { 'refs/tags/v1': head }]);
  });

  it('deletes a tag, and says where there is none', async () => {
    await tag('main', { tag: 'release/v1', message: 'One' });
    assert.deepEqual(await remove('tag/release%2Fv1'), done);
    const missing = { status: 404, code: 'RevisionNotFound', error: 'Invalid rev id: release/v1' };
    assert.deepEqual(await remove('tag/release%2Fv1'), missing);
    assert.equal((await remove('tag/main')).code, 'RevisionNotFound', 'a branch is no tag');
    assert.equal((await told(hub.fetch(`${api}/revision/release%2Fv1`))).code, 'RevisionNotFound');
    assert.deepEqual(await tag(first, { tag: 'release/v1' }), done);
    assert.deepEqual(await names(), [{ 'refs/heads/main': head }, { 'refs/tags/release/v1': first }]);
  });

  it('deletes a branch, but not main and not a tag', async () => {
    assert.deepEqual(await branch('trial%2Fone', { startingPoint: first }), done);
    await hub.post(`${api}/tag/main`, { tag: 'v1' });
    assert.deepEqual(await remove('branch/trial%2Fone'), done);
    assert.equal((await told(hub.fetch(`${api}/revision/trial%2Fone`))).code, 'RevisionNotFound');
    for (const name of ['trial%2Fone', 'v1', 'refs%2Fheads%2Fmain', 'main~1'])
      assert.deepEqual(await remove(`branch/${name}`), {
        status: 404,
        code: 'RevisionNotFound',
        error: `Invalid rev id: ${decodeURIComponent(name)}`,
      });
    const main = await remove('branch/main');
    assert.deepEqual([main.status, main.error], [403, 'Cannot delete refs/heads/main']);
    assert.deepEqual(await names(), [{ 'refs/heads/main': head }, { 'refs/tags/v1': head }]);
    assert.equal((await listedPackages(registry)).length, 2);
  });

  it('makes a branch of the name of a tag, but none that is there or has no room', async () => {
    await tag(first, { tag: 'one' });
    assert.deepEqual(await branch('one', { startingPoint: 'one' }), done);
    assert.deepEqual(await branch('one'), {
      status: 409,
      code: null,
      error: 'Reference refs/heads/one already exists',
    });
    assert.equal((await branch('main%2Fone')).status, 409);
    assert.match((await branch('refs%2Fpr%2F5')).error ?? '', /^Invalid reference for a branch/);
    assert.deepEqual(await names(), [
      { 'refs/heads/main': head, 'refs/heads/one': first },
      { 'refs/tags/one': first },
    ]);
  });

  it('lists the pull requests that it has not where they are asked for', async () => {
    const { pullRequests } = (await hub.json(`${api}/refs?include_prs=1`)) as { pullRequests: unknown };
    assert.deepEqual(pullRequests, []);
  });

  it('asks for a token that may write', async () => {
    await tag('main', { tag: 'v1' });
    for (const [token, status] of [
      [registry.readOnlyToken, 403],
      [undefined, 401],
    ] as const) {
      const other = new RawHub(registry, { token });
      for (const refused of [
        outcome(other.post(`${api}/tag/main`, { tag: 'v2' })),
        outcome(other.fetch(`${api}/tag/v1`, { method: 'DELETE' })),
        outcome(other.fetch(`${api}/branch/main`, { method: 'DELETE' })),
      ])
        assert.equal((await refused).status, status);
    }
    assert.deepEqual(await names(), [{ 'refs/heads/main': head }, { 'refs/tags/v1': head }]);
  });
});
