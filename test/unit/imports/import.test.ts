import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import { inspect } from '../../../src/core/publish/inspection.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { sorted, treeOf } from '../publish/publishing.ts';
import { startImporting, type Importing } from './importing.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const MODEL = 'upstream/bert';
const PART = 100_000;

describe('an import', () => {
  let importing: Importing;
  let models = 0;
  let model: string;
  before(async () => {
    importing = await startImporting({
      lfsThresholdBytes: 200_000,
      multipartThresholdBytes: 300_000,
      partBytes: PART,
    });
  });
  after(() => importing.stop());
  beforeEach(() => {
    model = `upstream/model-${models++}`;
  });

  const published = async (snapshot: Snapshot, to = model) => {
    try {
      return await importing.to.published(snapshot, to);
    } finally {
      await snapshot.dispose();
    }
  };
  const failsWith = async (work: Promise<unknown>, kind: FailureKind): Promise<Failure> => {
    const failure = await work.then(
      () => assert.fail('It did not fail.'),
      (error: unknown) => error,
    );
    assert.ok(failure instanceof Failure, String(failure));
    assert.equal(failure.kind, kind, failure.message);
    assert.match(failure.message, /^[^{}<>]{20,500}$/);
    return failure;
  };
  const FILES = {
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    'README.md': '---\nlicense: mit\n---\n# Bert\n',
    'sub/empty.txt': '',
  };

  it('gives the registry the source’s own files, and says where they come from', async () => {
    const [whole, parts] = [randomBytes(50_000), randomBytes(350_000)];
    const commit = await importing.put(
      model,
      { ...FILES, 'whole.bin': whole, 'parts.bin': parts, 'large.txt': randomBytes(9_000).toString('hex') },
      'Better weights\n\nGit-Commit: 1111111111111111111111111111111111111111',
    );
    const snapshot = await importing.open(model);
    assert.equal(snapshot.subject, 'Better weights');
    assert.deepEqual(await snapshot.proposeModels(), [model]);
    importing.asked();
    const outcome = await published(snapshot);
    assert.ok(outcome.created && outcome.verified);
    assert.deepEqual(sorted(await importing.to.cloned(model)), sorted(treeOf(snapshot)));
    assert.deepEqual(await importing.to.messages(model), [
      `Better weights\n\nImported-From: ${importing.hub.url}/${model}\nSource-Commit: ${commit}\n`,
    ]);
    const fetched = importing.asked().filter(({ method }) => method === 'GET');
    for (const bytes of [whole, parts]) {
      const gets = fetched.filter((request) => request.path.includes(sha256(bytes)));
      assert.equal(gets.length, 1, 'each object is fetched once');
    }
    for (const name of ['README.md', 'large.txt']) {
      assert.equal(fetched.filter((request) => request.path.endsWith(`/${name}`)).length, 1, name);
    }
    assert.ok(
      fetched.every((request) => request.path.includes(commit) || !request.path.includes('/resolve/')),
    );
    assert.ok(fetched.every(({ headers }) => headers.authorization === undefined));
  });

  it('sends nothing that the registry holds, and does not fetch it either', async () => {
    const [one, two] = [randomBytes(40_000), randomBytes(40_000)];
    await importing.put(model, { ...FILES, 'one.bin': one, 'two.bin': two }, 'One');
    await published(await importing.open(model));
    const three = randomBytes(40_000);
    await importing.put(model, { ...FILES, 'one.bin': one, 'three.bin': three, 'moved.bin': two }, 'Two');
    importing.asked();
    importing.to.arrived();
    const outcome = await published(await importing.open(model));
    assert.equal(outcome.sentBytes, three.length);
    const objects = importing.asked().filter((request) => request.path.startsWith('/objects/'));
    assert.deepEqual(
      objects.map((request) => request.path.includes(sha256(three))),
      [true],
    );
    assert.equal((await importing.to.messages(model)).length, 2);
    const again = await published(await importing.open(model));
    assert.deepEqual([again.created, again.sentBytes], [false, 0]);
  });

  it('may be of some files, and of an older revision', async () => {
    const first = await importing.put(model, { 'README.md': 'a', 'model.Q4_K_M.gguf': randomBytes(30_000) });
    await importing.put(model, { 'README.md': 'b', 'model.Q8_0.gguf': randomBytes(30_000) });
    const some = await importing.open(model, { kind: 'patterns', patterns: ['*.gguf'] });
    assert.deepEqual(
      some.files.map(({ path: file }) => file),
      ['model.Q4_K_M.gguf', 'model.Q8_0.gguf'],
    );
    await published(some);
    const older = await importing.open(model, undefined, { revision: first });
    assert.equal(older.commit, first);
    await published(older);
    assert.deepEqual([...(await importing.to.held(model))!.keys()].sort(), [
      '.gitattributes',
      'README.md',
      'model.Q4_K_M.gguf',
    ]);
    const failure = await failsWith(
      importing.open(model, { kind: 'patterns', patterns: ['*.onnx'] }),
      'notFound',
    );
    assert.ok(failure.message.includes(model));
    await failsWith(importing.open(model, undefined, { revision: 'none' }), 'notFound');
  });

  it('is inspected as any other publish: a secret of the source is told', async () => {
    await importing.put(model, {
      ...FILES,
      'config.env': ['AWS_SECRET=AKIA', 'ABCDEFGHIJ234567\n'].join(''),
      'w.bin': randomBytes(30_000),
    });
    const snapshot = await importing.open(model);
    const plan = await importing.to.plan(snapshot, model);
    const { http, log } = importing.to;
    const { warnings } = await inspect(plan, { http, log }, undefined, new AbortController().signal);
    assert.ok(
      warnings.some(({ kind }) => kind === 'secret'),
      JSON.stringify(warnings),
    );
    assert.ok(!warnings.some(({ kind }) => kind === 'notInLfs'));
    await snapshot.dispose();
  });

  for (const [name, size, at] of [
    ['in a small object', 30_000, 29_999],
    ['in an object that is sent whole', 290_000, 5],
    ['in a part', 350_000, 250_000],
  ] as const) {
    it(`is not published with a wrong byte of the source ${name}`, async () => {
      const bytes = randomBytes(size);
      await importing.put(model, { ...FILES, 'model.bin': bytes });
      await spoil(importing, sha256(bytes), at);
      const snapshot = await importing.open(model);
      const outcome = await importing.to.publish(snapshot, model);
      await snapshot.dispose();
      assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
      assert.equal(outcome.failure.kind, 'corrupt', outcome.failure.message);
      assert.deepEqual(outcome.failure.paths, ['model.bin']);
      assert.ok(outcome.failure.message.includes(new URL(importing.hub.url).host));
      assert.equal(await importing.to.held(model), undefined);
      const { registry } = importing.to;
      assert.ok(!(await registry.hasObject(registry.organization, registry.registry, sha256(bytes))));
    });
  }

  it('of a gated model says where its terms are accepted, and works for those who are let in', async () => {
    await importing.put(model, { ...FILES, 'model.bin': randomBytes(30_000) });
    const member = importing.hub.addToken({ role: { kind: 'read' }, organizations: {} });
    const guest = importing.hub.addToken({ role: { kind: 'read' }, organizations: {} });
    importing.hub.setAccess(model, { gated: 'auto', letIn: [guest] });
    for (const token of ['', member]) {
      const failure = await failsWith(importing.open(model, undefined, { token }), 'forbidden');
      assert.ok(failure.message.includes(`${importing.hub.url}/${model}`), failure.message);
      assert.equal(failure.source, new URL(importing.hub.url).host);
    }
    importing.asked();
    importing.to.arrived();
    await published(await importing.open(model, undefined, { token: guest }));
    const authorization = `Bearer ${guest}`;
    const [toSource, toTarget] = [importing.asked(), importing.to.arrived()];
    assert.ok(toSource.some(({ headers }) => headers.authorization === authorization));
    assert.ok(toTarget.every(({ headers }) => headers.authorization !== authorization));
    assert.ok(toSource.every(({ headers }) => !headers.authorization?.includes(importing.to.registry.token)));
  });

  it('that is refused in the middle is not said to be the registry’s refusal', async () => {
    await importing.put(model, { ...FILES, 'model.bin': randomBytes(30_000) });
    const snapshot = await importing.open(model);
    const plan = await importing.to.plan(snapshot, model);
    importing.hub.setAccess(model, { gated: 'manual', letIn: [] });
    const outcome = await importing.to.publisher.publish(plan, {
      onEvent: () => undefined,
      signal: new AbortController().signal,
    });
    await snapshot.dispose();
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'forbidden');
    assert.ok(outcome.failure.message.includes(new URL(importing.hub.url).host), outcome.failure.message);
    assert.equal(await importing.to.held(model), undefined);
  });

  it('follows an old name to the model’s own, and says so', async () => {
    await importing.put(model, { 'README.md': 'moved' });
    importing.hub.move('upstream/old-name', model);
    const { readSource } = await import('../../../src/core/imports/source.ts');
    const source = await readSource(importing.source('upstream/old-name'), {
      http: importing.to.http,
      log: importing.to.log,
      signal: new AbortController().signal,
    });
    assert.deepEqual([source.model, source.ledFrom], [model, 'upstream/old-name']);
    assert.equal(source.address, `${importing.hub.url}/${model}`);
  });

  it('from one registry into another is a promotion', async () => {
    const { registry, http, log } = importing.to;
    const dev = registry.addRegistry(registry.organization, 'Dev models', 'huggingface');
    const bytes = randomBytes(350_000);
    const sha = await registry.addModelVersion(registry.organization, dev.slug, MODEL, {
      'model.safetensors': bytes,
    });
    const { openHubSnapshot } = await import('../../../src/core/imports/openHubSnapshot.ts');
    const { AccessToken } = await import('../../../src/core/accessToken.ts');
    const endpoint = new URL(`${registry.packagesUrl}/${registry.organization}/${dev.slug}/huggingface`);
    const token = new AccessToken(registry.token, [endpoint]);
    const { signal } = new AbortController();
    const asked = { endpoint, token, model: MODEL, revision: sha };
    const snapshot = await openHubSnapshot(asked, { kind: 'all' }, { http, log, signal });
    await published(snapshot, MODEL);
    const [message] = await importing.to.messages(MODEL);
    assert.ok(
      message?.endsWith(`Imported-From: ${endpoint.href}/${MODEL}\nSource-Commit: ${sha}\n`),
      message,
    );
  });

  it('is not made into the model that it comes from', async () => {
    const target = importing.to.target(model);
    const { endpoint, token, revision } = target.hub;
    const { registry, http, log } = importing.to;
    await registry.addModelVersion(registry.organization, registry.registry, model, {
      'a.txt': 'a',
      'b.txt': 'b',
    });
    const { openHubSnapshot } = await import('../../../src/core/imports/openHubSnapshot.ts');
    const { signal } = new AbortController();
    const snapshot = await openHubSnapshot(
      { endpoint, token, model, revision },
      { kind: 'patterns', patterns: ['a.txt'] },
      { http, log, signal },
    );
    await failsWith(importing.to.plan(snapshot, model), 'refused');
    await snapshot.dispose();
  });
});

/** Turns a byte of an object around that the source holds. */
async function spoil({ from }: Importing, oid: string, at: number): Promise<void> {
  const directory = from.gitDirectory(from.organization, from.registry, MODEL);
  // The folder of the registry, above `models/namespace/name.git`.
  const data = path.resolve(directory, '..', '..', '..');
  for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.includes(oid)) continue;
    const file = path.join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    bytes[at]! ^= 1;
    await writeFile(file, bytes);
    return;
  }
  assert.fail(`The source has no object ${oid} below ${data}.`);
}
