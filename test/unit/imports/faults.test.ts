import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import { createJournalStore } from '../../../src/core/publish/journals.ts';
import type { PublishOutcome } from '../../../src/core/publish/publishing.ts';
import type { Fault, FaultRule } from '../../registry/registry.ts';
import { until } from '../../setup/until.ts';
import { openResources, sorted, treeOf, type PublishingOptions } from '../publish/publishing.ts';
import { silent } from '../snapshot/repositories.ts';
import { startImporting, type Importing } from './importing.ts';

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
  create: /\/repos\/create/,
  preupload: /\/preupload\/main/,
  batch: /\/objects\/batch/,
  upload: /^\/uploads\/[^/]+\/[0-9a-f]{64}\?/,
  part: /^\/uploads\/[^/]+\/[0-9a-f]{64}\/[^/]+\/\d+\?/,
  completion: /^\/uploads\/[^/]+\/[0-9a-f]{64}\/[^/]+\/complete\?/,
  verify: /\/objects\/verify/,
  commit: /\/commit\/main/,
} as const;
/** Without the message of its commit, a version is imported all the same. */
const NEEDED = Object.entries(SOURCE).filter(([place]) => place !== 'message');
/** Places where an account may be refused: not where an address is signed, nor where an object is looked for once it was sent. */
const ASKING = {
  source: NEEDED.filter(([place]) => place !== 'object'),
  target: ['create', 'preupload', 'batch', 'commit'] as const,
};

/** One file of every way to travel: in the commit, as a whole object, and in parts. */
const MODEL = 'upstream/faulty';
const FILES = {
  'README.md': '# Faulty\n',
  'whole.bin': randomBytes(50_000),
  'parts.bin': randomBytes(350_000),
};

const STORM = { kind: 'status', status: 429, headers: { 'retry-after': '0' } } as const;
/** What passes, in the order in which it befalls one request after another. */
const PASSING: Readonly<Record<string, readonly Fault[]>> = {
  '503 and an answer cut off': [
    { kind: 'status', status: 503 },
    { kind: 'resetAnswer', afterBytes: 0 },
  ],
  'a reset and 429': [{ kind: 'resetRequest', afterBytes: 0 }, STORM],
  '500 and a lost answer': [{ kind: 'status', status: 500 }, { kind: 'loseAnswer' }],
};
const at = (place: RegExp, faults: readonly Fault[]): FaultRule[] =>
  faults.map((fault) => ({ path: place, fault }));
const forGood = (place: RegExp, fault: Fault): FaultRule[] => [{ path: place, fault, times: Infinity }];
const status = (code: number, body = ''): Fault => ({ kind: 'status', status: code, body });

interface Row {
  readonly name: string;
  readonly source?: readonly FaultRule[];
  readonly target?: readonly FaultRule[];
  /** Absent: it is imported all the same. */
  readonly failure?: FailureKind;
  /** Whether it is the source that failed. */
  readonly side?: 'source' | 'target';
}

/** What an answer for good is taken for, wherever it comes. */
const FOR_GOOD: readonly (readonly [name: string, fault: Fault, failure: FailureKind])[] = [
  ['500', status(500), 'server'],
  ['429', STORM, 'rateLimit'],
];
const REFUSED: readonly (readonly [name: string, fault: Fault, failure: FailureKind])[] = [
  ['401', status(401), 'auth'],
  ['403', status(403), 'forbidden'],
];

const rows: readonly Row[] = [
  ...Object.entries(PASSING).flatMap(([name, faults]): readonly Row[] => [
    {
      name: `${name} at every call of the source but one`,
      // The message is not asked for as often.
      source: Object.entries(SOURCE).flatMap(([place, call]) =>
        place === 'redirect' ? [] : at(call, place === 'message' ? faults.slice(0, 1) : faults),
      ),
    },
    // Of one request with what it leads to, where both would be too many.
    { name: `${name} at the source’s redirect`, source: at(SOURCE.redirect, faults) },
    {
      name: `${name} at every call of the registry`,
      target: Object.entries(TARGET).flatMap(([place, call]) => (place === 'commit' ? [] : at(call, faults))),
    },
  ]),
  {
    name: 'a lost answer at the registry’s commit, which is sent once',
    target: at(TARGET.commit, [{ kind: 'loseAnswer' }]),
  },
  ...FOR_GOOD.flatMap(([name, fault, failure]) => [
    ...NEEDED.map(([place, call]): Row => ({
      name: `${name} for good at the source’s ${place}`,
      source: forGood(call, fault),
      ...{ failure, side: 'source' },
    })),
    ...Object.entries(TARGET).map(([place, call]): Row => ({
      name: `${name} for good at the registry’s ${place}`,
      target: forGood(call, fault),
      // A commit may be made although the answer says that it failed.
      failure: place === 'commit' && failure === 'server' ? 'unknownOutcome' : failure,
      side: 'target',
    })),
  ]),
  ...REFUSED.flatMap(([name, fault, failure]) => [
    ...ASKING.source.map(([place, call]): Row => ({
      name: `${name} at the source’s ${place}`,
      source: forGood(call, fault),
      // Nobody is signed in there, so that it may be there for others.
      failure: failure === 'auth' ? 'notFound' : failure,
      side: 'source',
    })),
    ...ASKING.target.map((place): Row => ({
      name: `${name} at the registry’s ${place}`,
      target: forGood(TARGET[place], fault),
      ...{ failure, side: 'target' },
    })),
  ]),
  {
    name: 'a source that tells no messages',
    source: forGood(SOURCE.message, status(500)),
  },
  {
    name: 'objects of the source that break off, again and again',
    source: [{ path: SOURCE.object, fault: { kind: 'resetAnswer', afterBytes: 30_000 }, times: 3 }],
  },
  {
    name: 'objects of the source that break off for good',
    source: forGood(SOURCE.object, { kind: 'resetAnswer', afterBytes: 10 }),
    ...{ failure: 'network', side: 'source' },
  },
  {
    name: 'objects that the source has no more',
    source: forGood(SOURCE.object, status(404)),
    ...{ failure: 'notFound', side: 'source' },
  },
  {
    name: 'addresses of the source that have expired',
    source: forGood(SOURCE.object, status(403)),
    ...{ failure: 'forbidden', side: 'source' },
  },
  {
    name: 'addresses of the source that lead in circles',
    source: forGood(SOURCE.object, { kind: 'status', status: 302, headers: { location: '/objects/round' } }),
    ...{ failure: 'protocol', side: 'source' },
  },
  {
    name: 'another page in the place of an object of the source',
    source: forGood(SOURCE.object, status(200, '<html></html>')),
    ...{ failure: 'corrupt', side: 'source' },
  },
  ...Object.entries(FILES).map(([file, { length }]): Row => ({
    name: `as many other bytes in the place of the source’s ${file}`,
    source: forGood(
      new RegExp(`/resolve/[0-9a-f]{40}/${file.replace('.', '\\.')}`),
      status(200, 'x'.repeat(length)),
    ),
    ...{ failure: 'corrupt', side: 'source' },
  })),
  {
    name: 'parts that break off in the registry, of objects that break off at the source',
    source: [{ path: SOURCE.object, fault: { kind: 'resetAnswer', afterBytes: 150_000 }, times: 2 }],
    target: [{ path: TARGET.part, fault: { kind: 'resetRequest', afterBytes: 50_000 }, times: 3 }],
  },
  {
    name: 'a part and an object whose addresses have expired in the registry',
    target: [
      { path: TARGET.part, fault: status(403), after: 2 },
      { path: TARGET.upload, fault: status(403) },
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
    target: forGood(TARGET.part, { kind: 'resetRequest', afterBytes: 50_000 }),
    ...{ failure: 'network', side: 'target' },
  },
  {
    name: 'a registry that is full',
    target: forGood(TARGET.part, status(507)),
    ...{ failure: 'quota', side: 'target' },
  },
];

describe('faults on an import: imported once with the right bytes, or nothing visible and a plain reason', () => {
  let importing: Importing;
  /** What a registry shows that holds exactly the files of the source. */
  let expected: readonly [string, string][];
  /** A registry of the target that holds nothing yet: where an object is held, it is not fetched. */
  let shelf: string;
  let shelves = 0;
  let openBefore: ReadonlyMap<string, number>;
  const start = (options: PublishingOptions = {}): void => {
    let outer: Importing;
    before(async () => {
      outer = importing;
      importing = await startImporting(
        { lfsThresholdBytes: 200_000, multipartThresholdBytes: 300_000, partBytes: 100_000 },
        options,
      );
      await importing.put(MODEL, FILES);
      const snapshot = await importing.open(MODEL);
      expected = sorted(treeOf(snapshot));
      await snapshot.dispose();
      importing.to.http.dispose();
    });
    after(async () => {
      await importing.stop();
      importing = outer;
    });
  };
  start();
  beforeEach(async () => {
    const { registry } = importing.to;
    shelf = registry.addRegistry(registry.organization, `Shelf ${shelves++}`, 'huggingface').slug;
    openBefore = await openResources();
  });

  const clear = (): void => {
    importing.from.clearFaults();
    importing.to.registry.clearFaults();
  };
  afterEach(clear);

  const held = () => importing.to.held(MODEL, shelf);
  const carryOut = async (signal = new AbortController().signal): Promise<PublishOutcome> => {
    const { publisher } = importing.to;
    const target = importing.to.target(MODEL, undefined, shelf);
    try {
      const snapshot = await importing.open(MODEL);
      try {
        const plan = await publisher.plan(snapshot, target, signal);
        return await publisher.publish(plan, { onEvent: () => undefined, signal });
      } finally {
        await snapshot.dispose();
      }
    } catch (error) {
      assert.ok(error instanceof Failure, String(error));
      return { kind: 'failed', failure: error, sentBytes: 0 };
    }
  };

  const meet = async ({ source = [], target = [], failure, side }: Row): Promise<void> => {
    for (const rule of source) importing.from.inject(rule);
    for (const rule of target) importing.to.registry.inject(rule);
    importing.asked();
    importing.to.arrived();
    const outcome = await carryOut();
    clear();
    const seen = [...importing.asked(), ...importing.to.arrived()];
    for (const { path: place } of [...source, ...target]) {
      const rules = [...source, ...target].filter((rule) => rule.path === place).length;
      const met = seen.filter((request) => place.test(request.path)).length;
      assert.ok(met >= rules, `${String(place)} was met ${met} times`);
    }
    if (failure === undefined) {
      assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
      assert.ok(outcome.created && outcome.verified);
      assert.deepEqual(sorted(await held()), expected);
      assert.equal((await importing.to.messages(MODEL, shelf)).length, 1);
    } else {
      assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
      assert.equal(outcome.failure.kind, failure, outcome.failure.message);
      assert.equal(outcome.failure.source !== undefined, side === 'source', outcome.failure.message);
      assert.match(outcome.failure.message, /^[^{}<>]{20,400}$/);
      assert.equal(await held(), undefined);
    }
    await importing.to.nothingLeft(openBefore);
  };

  for (const row of rows) it(row.name, () => meet(row));

  it('objects of the source that stand still are cancelled at once', async () => {
    importing.from.inject({ path: SOURCE.object, fault: { kind: 'hang' }, times: Infinity });
    const cancel = new AbortController();
    const running = carryOut(cancel.signal);
    const seen = importing.from.requests.length;
    await until(
      () =>
        importing.from.requests
          .slice(seen)
          .some((request) => SOURCE.object.test(request.path) && request.status === undefined),
      'an object is waited for',
    );
    cancel.abort();
    const outcome = await running;
    assert.equal(outcome.kind, 'cancelled', JSON.stringify(outcome));
    assert.equal(await held(), undefined);
    await importing.to.nothingLeft(openBefore);
  });

  describe('where connections stand still', () => {
    start({ idleTimeoutMs: 400, retries: 4 });
    it('objects of the source that do, once each, are asked for again', () =>
      meet({ name: '', source: at(SOURCE.object, [{ kind: 'hang' }, { kind: 'hang' }]) }));
    it('parts in the registry that do are sent again', () =>
      meet({ name: '', target: at(TARGET.part, [{ kind: 'hang' }, { kind: 'hang' }]) }));
    it('a source that does for good is what failed, not the registry', () =>
      meet({
        name: '',
        source: forGood(SOURCE.object, { kind: 'hang' }),
        ...{ failure: 'timeout', side: 'source' },
      }));
  });

  describe('where publishes are written down', () => {
    const folder = path.join(tmpdir(), `journals-${randomUUID()}`);
    const journals = createJournalStore({ folder, log: silent });
    start({ journals });
    after(() => rmSync(folder, { recursive: true, force: true }));
    it('one that failed is, with its source, until it is done', async () => {
      await meet({
        name: '',
        target: forGood(TARGET.batch, status(500)),
        ...{ failure: 'server', side: 'target' },
      });
      const source = { endpoint: `${importing.hub.url}/`, model: MODEL, revision: 'main' };
      assert.deepEqual(
        (await journals.unfinished()).map((one) => [one.model, one.source]),
        [[MODEL, { ...source, selection: { kind: 'all' } }]],
      );
      await meet({ name: '' });
      assert.deepEqual(await journals.unfinished(), []);
    });
  });
});
