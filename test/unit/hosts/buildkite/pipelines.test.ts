import assert from 'node:assert/strict';
import { buildState } from '../../../../src/core/hosts/buildkite/builds.ts';
import { mayDo } from '../../../../src/core/hosts/buildkite/scopes.ts';
import { asGitObjectId } from '../../../../src/core/objectIds.ts';
import type { NewBuild, PipelineHost } from '../../../../src/core/hosts/pipelines.ts';
import type { RegistryAction, RegistryHost } from '../../../../src/core/hosts/host.ts';
import type { RunningRegistry } from '../../../registry/registry.ts';
import { allPages } from '../../../../src/core/hosts/page.ts';
import { failing, useHosts } from './hosts.ts';

const SIGNAL = new AbortController().signal;
const commit = asGitObjectId('1f'.repeat(20))!;
const wanted: NewBuild = {
  commit,
  branch: 'main',
  message: 'Publish acme/bert',
  env: { MODEL_ID: 'acme/bert' },
};

describe("Buildkite's pipelines and builds", () => {
  const { start, hostOf, serve } = useHosts();

  const builder = ({ pipelines }: RegistryHost): PipelineHost => {
    assert.ok(pipelines);
    return pipelines;
  };
  /** A registry with one pipeline, a client with the whole token, and the pipeline as that one sees it. */
  const withPipeline = async () => {
    const registry = await start();
    registry.addPipeline('acme', { name: 'Train BERT', repository: 'git@github.com:acme/bert.git' });
    const host = builder(hostOf(registry, registry.token));
    const [pipeline] = (await host.pipelines('acme', {}, SIGNAL)).items;
    assert.ok(pipeline);
    return { registry, host, pipeline };
  };
  const lastAddress = ({ requests }: RunningRegistry) => requests.at(-1)?.path ?? '';

  it('lists pipelines page after page, and leaves out archived ones', async () => {
    const registry = await start();
    for (let index = 1; index <= 5; index += 1) {
      registry.addPipeline('acme', { name: `Pipeline ${index}`, repository: 'git@github.com:acme/x.git' });
    }
    registry.addPipeline('acme', { name: 'Old', repository: 'git@github.com:acme/x.git', archived: true });
    const host = builder(hostOf(registry, registry.token, { pageSize: 2 }));
    const found = await allPages((cursor) => host.pipelines('acme', { ...(cursor && { cursor }) }, SIGNAL));
    assert.deepEqual(
      found.map(({ slug }) => slug),
      [1, 2, 3, 4, 5].map((index) => `pipeline-${index}`),
    );
  });

  it('asks the server for a part of a name or of a repository', async () => {
    const { registry, host } = await withPipeline();
    registry.addPipeline('acme', { name: 'Deploy', repository: 'https://github.com/acme/site' });
    const names = async (query: { name?: string; repository?: string }) =>
      (await host.pipelines('acme', query, SIGNAL)).items.map(({ name }) => name);
    assert.deepEqual(await names({ name: 'bert' }), ['Train BERT']);
    assert.deepEqual(await names({ repository: 'ACME/site' }), ['Deploy']);
    assert.deepEqual(await names({ name: 'nothing of that name' }), []);
  });

  it('creates a build of a commit, reads it without its jobs, and cancels it', async () => {
    const { registry, host, pipeline } = await withPipeline();
    const created = await host.createBuild(pipeline, wanted, SIGNAL);
    assert.equal(created.number, 1);
    assert.deepEqual(created.state, { kind: 'scheduled' });
    assert.equal(created.webUrl.href, `${registry.webUrl}/acme/train-bert/builds/1`);
    const [recorded] = registry.builds.of('acme', 'train-bert');
    assert.deepEqual(
      [recorded?.commit, recorded?.branch, recorded?.message, recorded?.env],
      [commit, 'main', 'Publish acme/bert', { MODEL_ID: 'acme/bert' }],
    );

    registry.builds.setState('acme', 'train-bert', 1, 'running');
    const running = await host.build(created, SIGNAL);
    assert.deepEqual(running.state, { kind: 'running', failing: false });
    assert.ok(running.startedAt);
    assert.match(lastAddress(registry), /builds\/1\?exclude_jobs=true&exclude_pipeline=true$/);

    assert.deepEqual((await host.cancelBuild(created, SIGNAL)).state, { kind: 'canceling' });
    registry.builds.setState('acme', 'train-bert', 1, 'canceled');
    const canceled = await host.build(created, SIGNAL);
    assert.deepEqual(canceled.state, { kind: 'ended', result: 'canceled' });
    assert.match(canceled.cancelReason ?? '', /^Canceled by/);
    await assert.rejects(
      host.cancelBuild(created, SIGNAL),
      failing('refused', /build 1 of Train BERT.*A build that is canceled cannot be canceled/),
    );
  });

  it('tells a blocked build, whatever its last state', async () => {
    const { registry, host, pipeline } = await withPipeline();
    const build = await host.createBuild(pipeline, wanted, SIGNAL);
    for (const last of ['passed', 'failed'] as const) {
      registry.builds.setState('acme', 'train-bert', 1, last, { blocked: true });
      assert.deepEqual((await host.build(build, SIGNAL)).state, { kind: 'blocked', last });
    }
    registry.builds.setState('acme', 'train-bert', 1, 'passed');
    assert.deepEqual((await host.build(build, SIGNAL)).state, { kind: 'ended', result: 'passed' });
  });

  it('knows every state that is documented, and keeps the word of any other', () => {
    const state = (word: string, blocked = false, finished = false) =>
      buildState({ state: word, blocked, finished_at: finished ? new Date() : undefined });
    assert.deepEqual(state('creating'), { kind: 'scheduled' });
    assert.deepEqual(state('waiting'), { kind: 'scheduled' });
    assert.deepEqual(state('failing'), { kind: 'running', failing: true });
    assert.deepEqual(state('failed'), { kind: 'ended', result: 'failed' });
    assert.deepEqual(state('skipped'), { kind: 'ended', result: 'skipped' });
    assert.deepEqual(state('not_run'), { kind: 'ended', result: 'notRun' });
    assert.deepEqual(state('waiting_failed'), { kind: 'running', failing: true });
    assert.deepEqual(state('waiting_failed', false, true), { kind: 'ended', result: 'failed' });
    assert.deepEqual(state('blocked'), { kind: 'blocked', last: undefined });
    assert.deepEqual(state('running', true), { kind: 'blocked', last: undefined });
    assert.deepEqual(state('canceled', true), { kind: 'ended', result: 'canceled' });
    assert.deepEqual(state('paused'), { kind: 'other', word: 'paused', over: false });
    assert.deepEqual(state('paused', false, true), { kind: 'other', word: 'paused', over: true });
  });

  it("shows the server's own words where it creates no build", async () => {
    const { registry, host, pipeline } = await withPipeline();
    const guarded = registry.addPipeline('acme', {
      name: 'Releases only',
      repository: 'git@github.com:acme/bert.git',
      branches: 'release/* !release/old',
    });
    await assert.rejects(
      host.createBuild({ ...pipeline, ...guarded, name: 'Releases only' }, wanted, SIGNAL),
      failing('refused', /the new build of Releases only.*branch filter does not build the branch main/),
    );
    await assert.rejects(
      host.createBuild(pipeline, { ...wanted, branch: '' }, SIGNAL),
      failing('refused', /Validation Failed; Branch can't be blank/),
    );
    await assert.rejects(
      host.createBuild({ ...pipeline, slug: 'gone' }, wanted, SIGNAL),
      failing('notFound', /the new build of Train BERT/),
    );
  });

  it('never creates a build twice: a lost answer is told as such', async () => {
    const { registry, host, pipeline } = await withPipeline();
    registry.inject({ method: 'POST', path: /\/builds$/, fault: { kind: 'loseAnswer' }, times: Infinity });
    await assert.rejects(host.createBuild(pipeline, wanted, SIGNAL), failing('unknownOutcome'));
    assert.equal(registry.builds.of('acme', 'train-bert').length, 1);
  });

  it('takes what the scopes of the token allow, and a refusal names the one it takes', async () => {
    const { registry, host, pipeline } = await withPipeline();
    const build = await host.createBuild(pipeline, wanted, SIGNAL);
    const actions: readonly (readonly [RegistryAction, (host: PipelineHost) => Promise<unknown>])[] = [
      ['listPipelines', (one) => one.pipelines('acme', {}, SIGNAL)],
      ['createBuild', (one) => one.createBuild(pipeline, wanted, SIGNAL)],
      ['createBuild', (one) => one.cancelBuild(build, SIGNAL)],
      ['readBuilds', (one) => one.build(build, SIGNAL)],
    ];
    const scopes = ['read_pipelines', 'write_pipelines', 'read_builds', 'write_builds'];
    for (const [action, act] of actions) {
      const [needed, ...more] = scopes.filter((scope) => mayDo(action, new Set([scope])));
      assert.ok(needed);
      assert.deepEqual(more, [], action);
      const others = scopes.filter((scope) => scope !== needed);
      await assert.rejects(
        act(builder(hostOf(registry, registry.addToken({ scopes: others })))),
        failing('forbidden', new RegExp(`the scope ${needed}, and a team`)),
        action,
      );
      await act(builder(hostOf(registry, registry.addToken({ scopes: [needed] }))));
    }
  });

  it('asks only for what counts as one request, and leaves the last of a window alone', async () => {
    const registry = await start({ rateLimit: { organization: 20, user: 20 } });
    registry.addPipeline('acme', { name: 'Train BERT', repository: 'git@github.com:acme/bert.git' });
    const host = builder(hostOf(registry, registry.token));
    const [pipeline] = (await host.pipelines('acme', {}, SIGNAL)).items;
    const build = await host.createBuild(pipeline!, wanted, SIGNAL);
    const look = async () => {
      for (;;) await host.build(build, SIGNAL);
    };
    await assert.rejects(look(), failing('rateLimit', /build 1 of Train BERT has to wait/));
    assert.ok(registry.requests.every(({ status }) => status !== 429));
  });

  it('takes no page on another site for the page of a build, and no build without a number', async () => {
    let body: unknown = { number: 3, state: 'passed', web_url: 'https://evil.example/acme/x/builds/3' };
    const { host } = await serve((_request, response) => response.end(JSON.stringify(body)));
    const place = { pipeline: { organization: 'acme', slug: 'x', name: 'X' }, number: 3 };
    const build = await builder(host).build(place, SIGNAL);
    assert.match(build.webUrl.pathname, /^\/web\/acme\/x\/builds\/3$/);
    body = { state: 'passed' };
    await assert.rejects(builder(host).build(place, SIGNAL), failing('protocol'));
  });
});
