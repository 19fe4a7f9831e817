import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import { createJournalStore } from '../../../src/core/publish/journals.ts';
import type { PublishOutcome } from '../../../src/core/publish/publishing.ts';
import type { Fault, FaultRule } from '../../registry/registry.ts';
import { until } from '../../setup/until.ts';
import { openResources, sorted, treeOf } from '../publish/publishing.ts';
import { silent } from '../snapshot/repositories.ts';
import { startImporting, type Importing } from './importing.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Calls of the source, and of the target. */
const SOURCE = {
  info: /\/revision\/main/,
  tree: /\/tree\/[0-9a-f]{40}/,
  message: /\/commits\/[0-9a-f]{40}/,
  text: /\/resolve\/[0-9a-f]{40}\/README\.md/,
  redirect: /\/resolve\/[0-9a-f]{40}\/[a-z]+\.bin/,
  object: /^\/objects\//,
} as const;
const TARGET = {
  batch: /\/objects\/batch/,
  upload: /^\/uploads\/[^/]+\/[0-9a-f]{64}\?/,
  part: /^\/uploads\/[^/]+\/[0-9a-f]{64}\/[^/]+\/\d+\?/,
  completion: /^\/uploads\/[^/]+\/[0-9a-f]{64}\/[^/]+\/complete\?/,
  commit: /\/commit\/main/,
} as const;

const STORM = { kind: 'status', status: 429, headers: { 'retry-after': '0' } } as const;
const PASSING: Readonly<Record<string, readonly Fault[]>> = {
  '503, an answer cut off and a lost answer': [
    { kind: 'status', status: 503 },
    { kind: 'resetAnswer', afterBytes: 0 },
    { kind: 'loseAnswer' },
  ],
  'a reset, 429 and 500': [{ kind: 'resetRequest', afterBytes: 0 }, STORM, { kind: 'status', status: 500 }],
};
const at = (place: RegExp, faults: readonly Fault[]): FaultRule[] =>
  faults.map((fault) => ({ path: place, fault }));

interface Row {
  readonly name: string;
  readonly source?: readonly FaultRule[];
  readonly target?: readonly FaultRule[];
  /** Absent: it is imported all the same. */
  readonly failure?: FailureKind;
  /** Whether it is the source that failed. */
  readonly side?: 'source' | 'target';
}

const rows: readonly Row[] = [
  // Without the message the import goes on, and does not try for long.
  ...Object.entries(SOURCE).flatMap(([place, path]) =>
    Object.entries(PASSING).map(([name, faults]): Row => ({
      name: `${name} at the source’s ${place}`,
      source: at(path, place === 'message' ? faults.slice(0, 2) : faults),
    })),
  ),
  ...(['batch', 'upload', 'part', 'completion'] as const).flatMap((place) =>
    Object.entries(PASSING)
      .slice(1)
      .map(([name, faults]): Row => ({
        name: `${name} at the registry’s ${place}`,
        target: at(TARGET[place], faults),
      })),
  ),
  {
    name: 'a lost answer at the registry’s commit',
    target: at(TARGET.commit, [{ kind: 'loseAnswer' }]),
  },
  ...Object.entries(SOURCE)
    .filter(([place]) => place !== 'message')
    .map(([place, path]): Row => ({
      name: `500 for good at the source’s ${place}`,
      source: [{ path, fault: { kind: 'status', status: 500 }, times: Infinity }],
      ...{ failure: 'server', side: 'source' },
    })),
  {
    name: 'a source that tells no messages',
    source: [{ path: SOURCE.message, fault: { kind: 'status', status: 500 }, times: Infinity }],
  },
  {
    name: 'objects of the source that break off, again and again',
    source: [{ path: SOURCE.object, fault: { kind: 'resetAnswer', afterBytes: 30_000 }, times: 3 }],
  },
  {
    name: 'objects of the source that break off for good',
    source: [{ path: SOURCE.object, fault: { kind: 'resetAnswer', afterBytes: 10 }, times: Infinity }],
    ...{ failure: 'network', side: 'source' },
  },
  {
    name: 'objects that the source has no more',
    source: [{ path: SOURCE.object, fault: { kind: 'status', status: 404 }, times: Infinity }],
    ...{ failure: 'notFound', side: 'source' },
  },
  {
    name: 'addresses of the source that have expired',
    source: [{ path: SOURCE.object, fault: { kind: 'status', status: 403 }, times: Infinity }],
    ...{ failure: 'forbidden', side: 'source' },
  },
  {
    name: 'another page in the place of an object of the source',
    source: [
      { path: SOURCE.object, fault: { kind: 'status', status: 200, body: '<html></html>' }, times: Infinity },
    ],
    ...{ failure: 'corrupt', side: 'source' },
  },
  {
    name: 'parts that break off in the registry, of objects that break off at the source',
    source: [{ path: SOURCE.object, fault: { kind: 'resetAnswer', afterBytes: 150_000 }, times: 2 }],
    target: [{ path: TARGET.part, fault: { kind: 'resetRequest', afterBytes: 50_000 }, times: 3 }],
  },
  {
    name: 'a part and an object whose addresses have expired in the registry',
    target: [
      { path: TARGET.part, fault: { kind: 'status', status: 403 }, after: 2 },
      { path: TARGET.upload, fault: { kind: 'status', status: 403 } },
    ],
  },
  {
    name: 'answers to parts that are lost, and late, while the parts behind them are on their way',
    target: [
      { path: TARGET.part, fault: { kind: 'delay', ms: 50 } },
      { path: TARGET.part, fault: { kind: 'loseAnswer' } },
      { path: TARGET.part, fault: { kind: 'loseAnswer' }, after: 1 },
    ],
  },
  {
    name: 'parts that the registry resets for good',
    target: [{ path: TARGET.part, fault: { kind: 'resetRequest', afterBytes: 50_000 }, times: Infinity }],
    ...{ failure: 'network', side: 'target' },
  },
  {
    name: 'a registry that is full',
    target: [{ path: TARGET.part, fault: { kind: 'status', status: 507 }, times: Infinity }],
    ...{ failure: 'quota', side: 'target' },
  },
];

describe('faults on an import: imported once with the right bytes, or nothing visible and a plain reason', () => {
  let importing: Importing;
  let models = 0;
  let openBefore: ReadonlyMap<string, number>;
  const start = (options = {}): void => {
    let outer: Importing;
    before(async () => {
      outer = importing;
      importing = await startImporting(
        { lfsThresholdBytes: 200_000, multipartThresholdBytes: 300_000, partBytes: 100_000 },
        options,
      );
      importing.to.http.dispose();
    });
    after(async () => {
      await importing.stop();
      importing = outer;
    });
  };
  start();
  beforeEach(async () => {
    openBefore = await openResources();
  });

  const clear = (): void => {
    importing.from.clearFaults();
    importing.to.registry.clearFaults();
  };
  afterEach(clear);

  const carryOut = async (model: string, signal = new AbortController().signal): Promise<PublishOutcome> => {
    const snapshot = await importing.open(model).catch((error: unknown) => error);
    if (snapshot instanceof Failure) return { kind: 'failed', failure: snapshot, sentBytes: 0 };
    const opened = snapshot as Awaited<ReturnType<Importing['open']>>;
    try {
      return await importing.to.publish(opened, model, { signal });
    } catch (error) {
      assert.ok(error instanceof Failure, String(error));
      return { kind: 'failed', failure: error, sentBytes: 0 };
    } finally {
      await opened.dispose();
    }
  };
  const put = async (model: string): Promise<void> => {
    await importing.put(model, {
      'README.md': `# ${model}\n`,
      'whole.bin': randomBytes(50_000),
      'parts.bin': randomBytes(350_000),
    });
  };

  const meet = async ({ source = [], target = [], failure, side }: Row): Promise<void> => {
    const model = `upstream/faulty-${models++}`;
    await put(model);
    for (const rule of source) importing.from.inject(rule);
    for (const rule of target) importing.to.registry.inject(rule);
    importing.asked();
    importing.to.arrived();
    const outcome = await carryOut(model);
    clear();
    const seen = [...importing.asked(), ...importing.to.arrived()];
    for (const { path: place } of [...source, ...target]) {
      const rules = [...source, ...target].filter((rule) => rule.path === place).length;
      assert.ok(seen.filter((request) => place.test(request.path)).length >= rules, 'they happened');
    }
    if (failure === undefined) {
      assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
      assert.ok(outcome.created && outcome.verified);
      const expected = await importing.open(model);
      assert.deepEqual(sorted(await importing.to.held(model)), sorted(treeOf(expected)));
      await expected.dispose();
      assert.equal((await importing.to.messages(model)).length, 1);
    } else {
      assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
      assert.equal(outcome.failure.kind, failure, outcome.failure.message);
      assert.equal(outcome.failure.source !== undefined, side === 'source', outcome.failure.message);
      assert.match(outcome.failure.message, /^[^{}<>]{20,400}$/);
      assert.equal(await importing.to.held(model), undefined);
    }
    await importing.to.nothingLeft(openBefore);
  };

  for (const row of rows) it(row.name, () => meet(row));

  it('objects of the source that stand still are cancelled at once', async () => {
    const model = `upstream/faulty-${models++}`;
    await put(model);
    importing.from.inject({ path: SOURCE.object, fault: { kind: 'hang' }, times: Infinity });
    const cancel = new AbortController();
    const running = carryOut(model, cancel.signal);
    await until(
      () =>
        importing.from.requests.some(
          (request) => SOURCE.object.test(request.path) && request.status === undefined,
        ),
      'an object is waited for',
    );
    cancel.abort();
    const outcome = await running;
    assert.equal(outcome.kind, 'cancelled', JSON.stringify(outcome));
    assert.equal(await importing.to.held(model), undefined);
    await importing.to.nothingLeft(openBefore);
  });

  describe('where connections stand still', () => {
    start({ idleTimeoutMs: 400, retries: 4 });
    it('objects of the source that do, once each, are asked for again', () =>
      meet({
        name: '',
        source: at(SOURCE.object, [{ kind: 'hang' }, { kind: 'hang' }]),
      }));
    it('parts in the registry that do are sent again', () =>
      meet({ name: '', target: at(TARGET.part, [{ kind: 'hang' }, { kind: 'hang' }]) }));
    it('a source that does for good is what failed, not the registry', () =>
      meet({
        name: '',
        source: [{ path: SOURCE.object, fault: { kind: 'hang' }, times: Infinity }],
        ...{ failure: 'timeout', side: 'source' },
      }));
  });
});

describe('an import whose process is killed', () => {
  let importing: Importing;
  let journalFolder: string;
  let child: ChildProcess | undefined;
  before(async () => {
    journalFolder = mkdtempSync(path.join(tmpdir(), 'journals-'));
    importing = await startImporting(
      { multipartThresholdBytes: 300_000, partBytes: 100_000 },
      { journals: createJournalStore({ folder: journalFolder, log: silent }) },
    );
  });
  after(async () => {
    child?.kill('SIGKILL');
    await importing.stop();
    rmSync(journalFolder, { recursive: true });
  });

  it('is written down with its source, and fetches only what is missing the next time', async () => {
    const model = 'upstream/killed';
    const contents = [400_000, 50_000, 40_000, 30_000].map((size) => randomBytes(size));
    const commit = await importing.put(
      model,
      Object.fromEntries(contents.map((bytes, index) => [`${index}.bin`, bytes])),
    );
    const { registry } = importing.to;
    registry.inject({
      ...{ method: 'PUT', path: /^\/uploads\//, after: 5, times: Infinity },
      fault: { kind: 'hang' },
    });
    const { hub } = importing.to.target(model);
    child = spawn(
      process.execPath,
      ['--import', 'tsx', fileURLToPath(new URL('importInChild.ts', import.meta.url))],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {
          ...process.env,
          IMPORT: JSON.stringify({
            ...{ from: importing.hub.url, to: hub.endpoint.href, model },
            ...{ token: registry.token, journals: journalFolder },
          }),
        },
      },
    );
    await until(
      () => registry.requests.filter(({ method }) => method === 'PUT').length >= 6,
      'the third object is on its way',
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    registry.clearFaults();
    assert.equal(await importing.to.held(model), undefined);
    const journals = createJournalStore({ folder: journalFolder, log: silent });
    const [unfinished] = await journals.unfinished();
    assert.deepEqual(
      [unfinished?.model, unfinished?.commit, unfinished?.source],
      [
        model,
        commit,
        { endpoint: `${importing.hub.url}/`, model, revision: 'main', selection: { kind: 'all' } },
      ],
    );
    importing.asked();
    const snapshot = await importing.open(model);
    const outcome = await importing.to.publish(snapshot, model);
    await snapshot.dispose();
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    const fetched = importing.asked().filter((request) => SOURCE.object.test(request.path));
    assert.deepEqual(
      fetched.map((request) => contents.findIndex((bytes) => request.path.includes(sha256(bytes)))).sort(),
      [2, 3],
    );
    assert.deepEqual(await journals.unfinished(), []);
    assert.deepEqual(sorted(await importing.to.held(model)), sorted(treeOf(snapshot)));
  });
});
