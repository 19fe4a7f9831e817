import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FailureKind } from '../../../src/core/failure.ts';
import { createJournalStore } from '../../../src/core/publish/journals.ts';
import type { PublishPlan, PublishStep } from '../../../src/core/publish/publishing.ts';
import type { Fault, FaultRule } from '../../registry/registry.ts';
import { until } from '../../setup/until.ts';
import { pointerTo, scratch, silent, storeObject, withSnapshot } from '../snapshot/repositories.ts';
import { blob, lfs, memorySnapshot, sha256 } from './memorySnapshot.ts';
import type { HandMade } from './memorySnapshot.ts';
import { eventLog, openResources, sorted, startPublishing, treeOf } from './publishing.ts';
import type { Publishing, PublishingOptions } from './publishing.ts';

const PLACES = {
  create: /\/repos\/create/,
  preupload: /\/preupload\/main/,
  batch: /\/objects\/batch/,
  upload: /^\/uploads\/[^/]+\/[0-9a-f]{64}\?/,
  part: /^\/uploads\/[^/]+\/[0-9a-f]{64}\/[^/]+\/\d+\?/,
  completion: /^\/uploads\/[^/]+\/[0-9a-f]{64}\/[^/]+\/complete\?/,
  verify: /\/objects\/verify/,
  commit: /\/commit\/main/,
  tree: /\/tree\/[0-9a-f]{40}/,
} as const;
type Place = keyof typeof PLACES;
const EVERY_PLACE = Object.keys(PLACES) as Place[];
/** Those where a publish fails that gets no further. */
const NEEDED = EVERY_PLACE.filter((place) => place !== 'tree');
/** The look at the registry after the answer to the commit was lost. */
const LOOK = /\/revision\/main/;

/** One file of every way to travel: in the commit, as a whole object, in parts, and as an object that has to be hashed first. */
const everyWay = (changes: Readonly<Record<string, HandMade>> = {}) =>
  memorySnapshot({
    '.gitattributes': blob('*.bin filter=lfs diff=lfs merge=lfs -text\n'),
    'README.md': blob(`# ${randomBytes(8).toString('hex')}\n`),
    'whole.bin': lfs(randomBytes(50_000)),
    'parts.bin': lfs(randomBytes(350_000)),
    'large.txt': blob(randomBytes(110_000).toString('hex')),
    ...changes,
  });
type Snapshot = ReturnType<typeof everyWay>;

interface Row {
  readonly name: string;
  readonly faults?: readonly FaultRule[];
  readonly changes?: Readonly<Record<string, HandMade>>;
  /** Absent: it is published all the same. */
  readonly failure?: FailureKind;
  readonly names?: string;
  /** How many objects and parts are sent, where that is known. */
  readonly puts?: number;
}

const STORM = { kind: 'status', status: 429, headers: { 'retry-after': '0' } } as const;
const content = randomBytes(350_000);

/** What passes, in the order in which it befalls one request after another. */
const PASSING: Readonly<Record<string, readonly Fault[]>> = {
  '503, 408 and a reset': [
    { kind: 'status', status: 503 },
    { kind: 'status', status: 408 },
    { kind: 'resetRequest', afterBytes: 0 },
  ],
  '500, 429 and an answer cut off': [
    { kind: 'status', status: 500 },
    STORM,
    { kind: 'resetAnswer', afterBytes: 0 },
  ],
  '429 twice': [STORM, STORM],
  'a lost answer': [{ kind: 'loseAnswer' }],
};
const at = (path: RegExp, faults: readonly Fault[]): FaultRule[] => faults.map((fault) => ({ path, fault }));

/** As many as whole.bin, large.txt and the parts of parts.bin. */
const PUTS = 6;

/** Where two versions could come of one publish, if the first one had no parent. */
const afterAVersion: readonly Row[] = [
  ...Object.entries(PASSING).map(([name, faults]): Row => ({
    name: `${name} at commit`,
    faults: at(PLACES.commit, faults),
  })),
  {
    name: '500 for good at commit',
    faults: [{ path: PLACES.commit, fault: { kind: 'status', status: 500 }, times: Infinity }],
    failure: 'server',
  },
];

const rows: readonly Row[] = [
  ...EVERY_PLACE.filter((place) => place !== 'commit').flatMap((place) =>
    Object.entries(PASSING).map(([name, faults]): Row => ({
      name: `${name} at ${place}`,
      faults: at(PLACES[place], faults),
    })),
  ),
  ...Object.entries(PASSING).map(([name, faults]): Row => ({
    name: `${name} at the look for a commit whose answer was lost`,
    faults: [...at(PLACES.commit, [{ kind: 'loseAnswer' }]), ...at(LOOK, faults)],
  })),
  ...NEEDED.filter((place) => place !== 'commit').map((place): Row => ({
    name: `500 for good at ${place}`,
    faults: [{ path: PLACES[place], fault: { kind: 'status', status: 500 }, times: Infinity }],
    failure: 'server',
  })),
  ...NEEDED.map((place): Row => ({
    name: `a storm of 429 at ${place}`,
    faults: [{ path: PLACES[place], fault: STORM, times: Infinity }],
    failure: 'rateLimit',
  })),
  {
    name: 'resets in the middle of an object',
    faults: [{ path: PLACES.upload, fault: { kind: 'resetRequest', afterBytes: 20_000 }, times: 2 }],
  },
  {
    name: 'a broken part, which is sent again, and no other',
    faults: [
      { path: PLACES.part, fault: { kind: 'resetRequest', afterBytes: 50_000 }, after: 1 },
      { path: PLACES.part, fault: { kind: 'status', status: 503 }, after: 3 },
    ],
    puts: PUTS + 2,
  },
  {
    name: 'resets in the middle of parts',
    faults: [{ path: PLACES.part, fault: { kind: 'resetRequest', afterBytes: 50_000 }, times: 5 }],
  },
  {
    name: 'parts that are reset for good',
    faults: [{ path: PLACES.part, fault: { kind: 'resetRequest', afterBytes: 50_000 }, times: Infinity }],
    failure: 'network',
  },
  {
    name: 'a part whose address has expired',
    faults: [{ path: PLACES.part, fault: { kind: 'status', status: 403 }, after: 2 }],
  },
  {
    name: 'an object whose address has expired',
    faults: [{ path: PLACES.upload, fault: { kind: 'status', status: 403, body: '<Error/>' } }],
    puts: PUTS + 1,
  },
  {
    name: 'a completion whose address has expired',
    faults: [{ path: PLACES.completion, fault: { kind: 'status', status: 403 } }],
  },
  {
    name: 'addresses that are never good',
    faults: [{ path: PLACES.part, fault: { kind: 'status', status: 403 }, times: Infinity }],
    failure: 'refused',
  },
  ...(['whole.bin', 'parts.bin'] as const).map((name): Row => ({
    name: `${name} damaged on this machine`,
    changes: {
      [name]: lfs(content.subarray(0, name === 'whole.bin' ? 50_000 : 350_000), randomBytes(350_000)),
    },
    failure: 'corrupt',
    names: name,
  })),
  {
    name: 'one byte of a part damaged on this machine',
    changes: {
      'parts.bin': lfs(content, Buffer.from(content).fill(content[150_000]! ^ 1, 150_000, 150_001)),
    },
    failure: 'corrupt',
    names: 'parts.bin',
  },
  {
    name: 'parts.bin cut short on this machine',
    changes: { 'parts.bin': lfs(content, content.subarray(0, 260_000)) },
    failure: 'corrupt',
    names: 'parts.bin',
  },
  {
    name: 'whole.bin neither here nor there',
    changes: { 'whole.bin': { kind: 'lfs', content, here: undefined } },
    failure: 'missingObject',
    names: 'whole.bin',
  },
];

const hungAt = (place: Place): Row => ({
  name: `a hung connection at ${place}`,
  faults: at(PLACES[place], [{ kind: 'hang' }]),
});
const hanging: readonly Row[] = [
  ...EVERY_PLACE.filter((place) => place !== 'create').map(hungAt),
  {
    name: 'a hung connection at the look for a commit whose answer was lost',
    faults: [...at(PLACES.commit, [{ kind: 'loseAnswer' }]), ...at(LOOK, [{ kind: 'hang' }])],
  },
  {
    name: 'connections that hang for good',
    faults: [{ path: PLACES.part, fault: { kind: 'hang' }, times: Infinity }],
    failure: 'timeout',
  },
];

/** In which step a publish is that waits at a place. */
const STEPS: Readonly<Record<Exclude<Place, 'commit' | 'tree'>, PublishStep>> = {
  create: 'create',
  preupload: 'preupload',
  batch: 'upload',
  upload: 'upload',
  part: 'upload',
  completion: 'upload',
  verify: 'upload',
};

describe('the matrix of faults: published once with the right bytes, or nothing visible and a plain reason', () => {
  const HUB = { lfsThresholdBytes: 200_000, multipartThresholdBytes: 300_000, partBytes: 100_000 };
  let publishing: Publishing;
  let models = 0;
  let model: string;
  let openBefore: ReadonlyMap<string, number>;
  /** Has the tests of this `describe` work with a registry and a publisher of their own. */
  const start = (options?: PublishingOptions): void => {
    let outer: Publishing;
    before(async () => {
      outer = publishing;
      publishing = await startPublishing(HUB, options);
      // Connections are not kept, so that what is left is left by a publish.
      publishing.http.dispose();
    });
    after(async () => {
      await publishing.stop();
      publishing = outer;
    });
  };
  start();
  beforeEach(async () => {
    model = `acme/matrix-${models++}`;
    publishing.arrived();
    openBefore = await openResources();
  });
  afterEach(() => publishing.registry.clearFaults());

  const publishedOnce = async (snapshot: Snapshot, earlier = 0): Promise<void> => {
    const names = treeOf(snapshot);
    const shown = await publishing.held(model);
    for (const path of ['README.md', 'whole.bin', 'parts.bin']) {
      assert.equal(shown?.get(path), names.get(path), path);
    }
    assert.equal((await publishing.messages(model)).length, earlier + 1);
    const { registry } = publishing;
    for (const oid of Object.values(objectsOf(snapshot))) {
      assert.ok(await registry.hasObject(registry.organization, registry.registry, oid));
    }
  };
  const objectsOf = (snapshot: Snapshot): Record<string, string> =>
    Object.fromEntries(
      snapshot.files.flatMap((file) => (file.kind === 'lfs' ? [[file.path, file.sha256]] : [])),
    );
  const leftNothing = async (snapshot: Snapshot): Promise<void> => {
    assert.ok(snapshot.streams.every(({ destroyed }) => destroyed));
    await publishing.nothingLeft(openBefore);
  };
  const carryOut = (plan: PublishPlan, options = {}) =>
    publishing.publisher.publish(plan, {
      onEvent: () => undefined,
      signal: new AbortController().signal,
      ...options,
    });

  const meet = async ({ faults = [], changes, failure, names, puts }: Row, earlier = 0): Promise<void> => {
    const snapshot = everyWay(changes);
    const shown = await publishing.held(model);
    const plan = await publishing.plan(snapshot, model);
    publishing.arrived();
    for (const rule of faults) publishing.registry.inject(rule);
    const log = eventLog();
    const outcome = await carryOut(plan, log);
    publishing.registry.clearFaults();
    const seen = publishing.arrived();
    for (const { path } of faults) {
      const rules = faults.filter((rule) => rule.path === path).length;
      assert.ok(seen.filter((request) => path.test(request.path)).length >= rules, 'they happened');
    }
    if (puts !== undefined) assert.equal(seen.filter(({ method }) => method === 'PUT').length, puts);
    if (failure === undefined) {
      assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
      assert.ok(outcome.created && outcome.verified);
      await publishedOnce(snapshot, earlier);
      const progress = log.lastProgress();
      assert.equal(progress?.sentBytes, progress?.totalBytes, 'what is sent again is taken back');
    } else {
      assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
      assert.equal(outcome.failure.kind, failure, outcome.failure.message);
      if (names !== undefined) assert.deepEqual(outcome.failure.paths, [names]);
      assert.match(outcome.failure.message, /^[^{}<>]{20,400}$/);
      assert.deepEqual(await publishing.held(model), shown);
      if (failure === 'corrupt') {
        const { registry } = publishing;
        const oid = objectsOf(snapshot)[names ?? ''] ?? '';
        assert.ok(!(await registry.hasObject(registry.organization, registry.registry, oid)));
      }
    }
    await leftNothing(snapshot);
  };

  for (const row of rows) it(row.name, () => meet(row));

  describe('on top of a version that is there', () => {
    for (const row of afterAVersion) {
      it(row.name, async () => {
        const { registry } = publishing;
        await registry.addModelVersion(registry.organization, registry.registry, model, {
          'earlier.md': 'earlier',
        });
        await meet(row, 1);
      });
    }
  });

  describe('where connections to a model stand still', () => {
    // A busy machine may take longer to answer, too. That does no harm where there is a version before: no two can follow it.
    start({ idleTimeoutMs: 400, retries: 4 });
    for (const row of hanging) {
      it(row.name, async () => {
        const { registry } = publishing;
        const { organization, registry: shelf } = registry;
        await registry.addModelVersion(organization, shelf, model, { 'earlier.md': 'earlier' });
        await meet(row, 1);
      });
    }
  });

  describe('where the connection stands still that a model is made over', () => {
    start({ idleTimeoutMs: 2_000 });
    it(hungAt('create').name, () => meet(hungAt('create')));
  });

  for (const [place, step] of Object.entries(STEPS) as [keyof typeof STEPS, PublishStep][]) {
    it(`cancelled while ${place} is under way`, async () => {
      const snapshot = everyWay();
      const plan = await publishing.plan(snapshot, model);
      publishing.registry.inject({ path: PLACES[place], fault: { kind: 'hang' }, times: Infinity });
      const seen = publishing.registry.requests.length;
      const cancel = new AbortController();
      const log = eventLog();
      const publish = carryOut(plan, { ...log, signal: cancel.signal });
      await until(
        () => publishing.registry.requests.slice(seen).some(({ path }) => PLACES[place].test(path)),
        `${place} is under way`,
      );
      cancel.abort();
      const outcome = await publish;
      assert.equal(outcome.kind, 'cancelled');
      assert.equal(outcome.unsettled, false);
      assert.ok(outcome.sentBytes >= 0 && outcome.sentBytes <= plan.bytes);
      assert.ok(log.unfinished().includes(step));
      assert.equal(await publishing.held(model), undefined);
      await leftNothing(snapshot);
    });
  }

  for (const step of ['create', 'preupload', 'hash', 'upload', 'commit'] satisfies PublishStep[]) {
    it(`cancelled as ${step} ends`, async () => {
      const snapshot = everyWay();
      const cancel = new AbortController();
      const plan = await publishing.plan(snapshot, model);
      const log = eventLog((event) => {
        if (event.kind === 'stepFinished' && event.step === step) cancel.abort();
      });
      const outcome = await carryOut(plan, { ...log, signal: cancel.signal });
      if (step === 'commit') {
        assert.equal(outcome.kind, 'published');
        await publishedOnce(snapshot);
      } else {
        assert.equal(outcome.kind, 'cancelled');
        assert.equal(await publishing.held(model), undefined);
      }
      await leftNothing(snapshot);
    });
  }
});

describe('a publish whose process is killed', () => {
  const folders = scratch();
  let publishing: Publishing;
  let journalFolder: string;
  let child: ChildProcess | undefined;
  before(async () => {
    journalFolder = mkdtempSync(join(tmpdir(), 'journals-'));
    publishing = await startPublishing(
      { multipartThresholdBytes: 300_000, partBytes: 100_000 },
      { journals: createJournalStore({ folder: journalFolder, log: silent }) },
    );
  });
  after(async () => {
    await publishing.stop();
    rmSync(journalFolder, { recursive: true });
  });
  afterEach(() => {
    publishing.registry.clearFaults();
    child?.kill('SIGKILL');
  });

  it('is offered again, and sends only what is missing', async () => {
    const { registry } = publishing;
    const repository = folders.repository();
    repository.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
    const contents = [400_000, 50_000, 40_000, 30_000].map((size) => randomBytes(size));
    for (const [index, bytes] of contents.entries()) {
      repository.write(`${index}.bin`, pointerTo(bytes));
      storeObject(join(repository.path, '.git/lfs'), bytes);
    }
    const commit = repository.commit('Killed on the way');
    // The first two objects go through, four parts and one whole.
    registry.inject({
      method: 'PUT',
      path: /^\/uploads\//,
      fault: { kind: 'hang' },
      after: 5,
      times: Infinity,
    });
    const { hub, model } = publishing.target('acme/killed');
    child = spawn(
      process.execPath,
      ['--import', 'tsx', fileURLToPath(new URL('publishInChild.ts', import.meta.url))],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {
          ...process.env,
          PUBLISH: JSON.stringify({
            folder: repository.path,
            endpoint: hub.endpoint.href,
            model,
            token: registry.token,
            journals: journalFolder,
          }),
        },
      },
    );
    const puts = () => registry.requests.filter(({ method }) => method === 'PUT');
    await until(() => puts().length >= 6, 'the third object is on its way');
    const journals = createJournalStore({ folder: journalFolder, log: silent });
    assert.deepEqual(await journals.unfinished(), [], 'it is still being done');
    child.kill('SIGKILL');
    await once(child, 'exit');
    registry.clearFaults();
    assert.equal(await publishing.cloned(model), undefined);

    const [offered, ...others] = await journals.unfinished();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [offered?.model, offered?.endpoint, offered?.revision, offered?.repository, offered?.commit],
      [model, hub.endpoint.href, 'main', repository.path, commit],
    );
    publishing.arrived();
    const outcome = await withSnapshot(offered!.repository, (snapshot) =>
      publishing.publish(snapshot, model),
    );
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    const sent = publishing.arrived().filter(({ method }) => method === 'PUT');
    assert.deepEqual(
      sent.map(({ path }) => contents.findIndex((bytes) => path.includes(sha256(bytes)))).sort(),
      [2, 3],
    );
    assert.equal((await publishing.messages(model)).length, 1);
    const tree = repository.git('ls-tree', '-r', 'HEAD').split('\n');
    assert.deepEqual(
      sorted(await publishing.cloned(model)).map(([path, oid]) => `100644 blob ${oid}\t${path}`),
      tree,
    );
    assert.deepEqual(await journals.unfinished(), [], 'it has ended');
  });
});
