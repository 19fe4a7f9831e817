import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { noise } from '../../clients/folder.ts';
import { until } from '../../setup/until.ts';
import { startImporting, type Importing } from '../imports/importing.ts';
import { sorted, treeOf } from '../publish/publishing.ts';
import { assertEnded, createCli, eventsOf, lastEventOf, type Cli, type Ended } from './builtCli.ts';

const MODEL = 'upstream/gpt2';
const FILES = {
  'README.md': '---\nlicense: mit\n---\n# GPT-2\n',
  'model.safetensors': noise(120_000, 1),
  'pytorch_model.bin': noise(90_000, 2),
};

describe('importing from a terminal', () => {
  let cli: Cli;
  let importing: Importing;
  let to: string;
  let commit: string;
  before(async () => {
    cli = await createCli();
    importing = await startImporting({ multipartThresholdBytes: 100_000, partBytes: 50_000 });
    to = importing.to.target(MODEL).hub.endpoint.href;
    commit = await importing.put(MODEL, FILES, 'The model');
  });
  after(async () => {
    await importing.stop();
    await cli.remove();
  });

  const argsFor = (model: string, ...more: readonly string[]): string[] => [
    ...['import', model, '--from', importing.hub.url, '--hub', to, ...more],
  ];
  const run = (args: readonly string[], source = ''): Promise<Ended> =>
    cli.run(args, {
      env: {
        HF_TOKEN: importing.to.registry.token,
        ...(source && { MODEL_REGISTRIES_SOURCE_TOKEN: source }),
      },
    });

  it('publishes a model of another hub, and finds it there the next time', async () => {
    importing.asked();
    const first = await run(argsFor(MODEL));
    assertEnded(first, 0);
    assert.match(first.stdout, new RegExp(`^Published ${MODEL} to ${to} as [0-9a-f]{40}\\.$`));
    assert.ok(first.stderr.includes(`From: ${importing.hub.url}/${MODEL} at main`), first.stderr);
    const snapshot = await importing.open(MODEL);
    assert.deepEqual(sorted(await importing.to.held(MODEL)), sorted(treeOf(snapshot)));
    await snapshot.dispose();
    assert.ok(
      importing.asked().every(({ headers }) => headers.authorization === undefined),
      'HF_TOKEN is not for it',
    );
    const again = await run(argsFor(`${importing.hub.url}/${MODEL}/tree/main`));
    assertEnded(again, 0);
    assert.match(again.stdout, /already/);
  });

  it('takes some files, under another name, and tells programs', async () => {
    const name = 'acme/some';
    const dry = await run(
      argsFor(`${MODEL}@${commit}`, '--model', name, '--include', '*.safetensors', '--dry-run', '--json'),
    );
    assertEnded(dry, 0);
    const plan = lastEventOf(dry.stdout);
    assert.deepEqual(
      [plan.model, plan.commit, plan.from, plan.new],
      [name, commit, { address: `${importing.hub.url}/${MODEL}`, revision: commit, licenses: [] }, 1],
    );
    assert.equal(await importing.to.held(name), undefined);
    const ended = await run(
      argsFor(MODEL, '--model', name, '--include', '*.safetensors', '--include', 'README.md', '--json'),
    );
    assertEnded(ended, 0);
    assert.equal(eventsOf(ended.stdout).at(-1)?.kind, 'published');
    assert.deepEqual([...(await importing.to.held(name))!.keys()].sort(), [
      '.gitattributes',
      'README.md',
      'model.safetensors',
    ]);
  });

  it('reads the source with a token of its own, and says where one is missing or refused', async () => {
    const gated = 'upstream/gated';
    await importing.put(gated, FILES);
    importing.hub.setAccess(gated, { gated: 'manual', letIn: [] });
    const closed = await run(argsFor(gated));
    assertEnded(closed, 1);
    assert.match(closed.stderr, /Accept its terms/);
    assert.match(closed.stderr, /MODEL_REGISTRIES_SOURCE_TOKEN/);
    const token = importing.hub.addToken({ role: { kind: 'read' } });
    const open = await run(argsFor(gated), token);
    assertEnded(open, 0);
    const unknown = await run(argsFor(gated), 'hf_nobody_knows_this_one');
    assertEnded(unknown, 1);
    assert.ok(!unknown.stderr.includes('hf_nobody_knows_this_one'));
  });

  it('goes on after a kill with what is missing, and shows nothing before', async () => {
    const model = 'upstream/killed';
    const contents = [200_000, 50_000, 40_000, 30_000].map((size, index) => noise(size, index + 10));
    await importing.put(
      model,
      Object.fromEntries(contents.map((content, index) => [`${index}.dat`, content])),
    );
    const { registry } = importing.to;
    // Some objects go through, others do not.
    const uploads = { method: 'PUT', path: /^\/uploads\// } as const;
    registry.inject({ ...uploads, after: 5, times: Infinity, fault: { kind: 'hang' } });
    const before = registry.requests.length;
    const running = cli.start(argsFor(model, '--concurrency', '1'), { env: { HF_TOKEN: registry.token } });
    await until(
      () => registry.requests.slice(before).filter(({ method }) => method === 'PUT').length >= 6,
      'an object is on its way',
    );
    running.kill('SIGKILL');
    await running.ended;
    registry.clearFaults();
    assert.equal(await importing.to.held(model), undefined);
    const ids = contents.map((content) => createHash('sha256').update(content).digest('hex'));
    const missing: string[] = [];
    for (const id of ids) {
      if (!(await registry.hasObject(registry.organization, registry.registry, id))) missing.push(id);
    }
    assert.ok(missing.length > 0 && missing.length < ids.length, 'some were sent');
    importing.to.arrived();
    assertEnded(await run(argsFor(model)), 0);
    const sent = importing.to.arrived().filter(({ method }) => method === 'PUT');
    assert.deepEqual(
      ids.filter((id) => sent.some(({ path }) => path.includes(id))),
      missing,
      'what is there is not sent again',
    );
    const snapshot = await importing.open(model);
    assert.deepEqual(sorted(await importing.to.held(model)), sorted(treeOf(snapshot)));
    await snapshot.dispose();
    assert.equal((await importing.to.messages(model)).length, 1);
  });

  it('refuses what names no model, no file and no name', async () => {
    for (const args of [
      argsFor('datasets/a/b'),
      argsFor('https://elsewhere.example/a/b'),
      argsFor(MODEL, '--include', '/etc/*'),
      argsFor(MODEL, '--model', 'a--b/c'),
      ['import', MODEL],
    ]) {
      const ended = await run(args);
      assertEnded(ended, 2);
      assert.match(ended.stderr, /\S{3,}/);
    }
    const none = await run(argsFor(MODEL, '--include', '*.onnx'));
    assertEnded(none, 1);
    assert.ok(none.stderr.includes('holds no such file'), none.stderr);
  });
});
