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
import type { FaultRule } from '../../registry/registry.ts';
import { until } from '../../setup/until.ts';
import { pointerTo, scratch, silent, storeObject, withSnapshot } from '../snapshot/repositories.ts';
import { blob, lfs, memorySnapshot, sha256 } from './memorySnapshot.ts';
import type { HandMade } from './memorySnapshot.ts';
import { eventLog, openResources, sorted, startPublishing, treeOf } from './publishing.ts';
import type { Publishing } from './publishing.ts';

const PLACES = {
  create: /\/repos\/create/,
  preupload: /\/preupload\/main/,
  batch: /\/objects\/batch/,
  upload: /^\/uploads\/[^/]+\/[0-9a-f]{64}\?/,
  part: /^\/uploads\/[^/]+\/[0-9a-f]{64}\/[^/]+\/\d+\?/,
  completion: /^\/uploads\/[^/]+\/[0-9a-f]{64}\/[^/]+\/complete\?/,
  verify: /\/objects\/verify/,
  commit: /\/commit\/main/,
} as const;
type Place = keyof typeof PLACES;
const EVERY_PLACE = Object.keys(PLACES) as Place[];

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
}

const STORM = { kind: 'status', status: 429, headers: { 'retry-after': '0' } } as const;
const content = randomBytes(350_000);

const rows: readonly Row[] = [
  ...EVERY_PLACE.flatMap((place): Row[] => {
    const path = PLACES[place];
    return [
      { name: `a hung connection at ${place}`, faults: [{ path, fault: { kind: 'hang' } }] },
      { name: `429 twice at ${place}`, faults: [{ path, fault: STORM, times: 2 }] },
      {
        name: `500 and a reset at ${place}`,
        faults: [
          { path, fault: { kind: 'status', status: 500 } },
          { path, fault: { kind: 'resetRequest', afterBytes: 0 } },
        ],
      },
      { name: `a lost answer at ${place}`, faults: [{ path, fault: { kind: 'loseAnswer' } }] },
      {
        name: `500 for good at ${place}`,
        faults: [{ path, fault: { kind: 'status', status: 500 }, times: Infinity }],
        failure: 'server',
      },
      {
        name: `a storm of 429 at ${place}`,
        faults: [{ path, fault: STORM, times: Infinity }],
        failure: 'rateLimit',
      },
    ];
  }),
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
    faults: [{ path: PLACES.upload, fault: { kind: 'status', status: 403 } }],
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
  {
    name: 'connections that hang for good',
    faults: [{ path: PLACES.part, fault: { kind: 'hang' }, times: Infinity }],
    failure: 'timeout',
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

describe('the matrix of faults: published once with the right bytes, or nothing visible and a plain reason', () => {
  let publishing: Publishing;
  let models = 0;
  let model: string;
  let openBefore: ReadonlyMap<string, number>;
  before(async () => {
    publishing = await startPublishing(
      { lfsThresholdBytes: 200_000, multipartThresholdBytes: 300_000, partBytes: 100_000 },
      { idleTimeoutMs: 1_500 },
    );
    // Connections are not kept, so that what is left is left by a publish.
    publishing.http.dispose();
  });
  after(() => publishing.stop());
  beforeEach(async () => {
    model = `acme/matrix-${models++}`;
    publishing.arrived();
    openBefore = await openResources();
  });
  afterEach(() => publishing.registry.clearFaults());

  const publishedOnce = async (snapshot: Snapshot): Promise<void> => {
    const names = treeOf(snapshot);
    const shown = await publishing.cloned(model);
    for (const path of ['README.md', 'whole.bin', 'parts.bin']) {
      assert.equal(shown?.get(path), names.get(path), path);
    }
    assert.equal((await publishing.messages(model)).length, 1);
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

  for (const { name, faults = [], changes, failure, names } of rows) {
    it(name, async () => {
      const snapshot = everyWay(changes);
      const plan = await publishing.plan(snapshot, model);
      for (const rule of faults) publishing.registry.inject(rule);
      const log = eventLog();
      const outcome = await carryOut(plan, log);
      publishing.registry.clearFaults();
      if (failure === undefined) {
        assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
        await publishedOnce(snapshot);
        const progress = log.lastProgress();
        assert.equal(progress?.sentBytes, progress?.totalBytes, 'what is sent again is taken back');
      } else {
        assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
        assert.equal(outcome.failure.kind, failure, outcome.failure.message);
        if (names !== undefined) assert.deepEqual(outcome.failure.paths, [names]);
        assert.match(outcome.failure.message, /^[^{}<>]{20,400}$/);
        assert.equal(await publishing.cloned(model), undefined);
        if (failure === 'corrupt') {
          const { registry } = publishing;
          const oid = objectsOf(snapshot)[names ?? ''] ?? '';
          assert.ok(!(await registry.hasObject(registry.organization, registry.registry, oid)));
        }
      }
      await leftNothing(snapshot);
    });
  }

  for (const place of EVERY_PLACE.filter((each) => each !== 'commit')) {
    it(`cancelled while ${place} is under way`, async () => {
      const snapshot = everyWay();
      const plan = await publishing.plan(snapshot, model);
      publishing.registry.inject({ path: PLACES[place], fault: { kind: 'hang' }, times: Infinity });
      const seen = publishing.registry.requests.length;
      const cancel = new AbortController();
      const publish = carryOut(plan, { signal: cancel.signal });
      await until(
        () => publishing.registry.requests.slice(seen).some(({ path }) => PLACES[place].test(path)),
        `${place} is under way`,
      );
      cancel.abort();
      assert.equal((await publish).kind, 'cancelled');
      assert.equal(await publishing.cloned(model), undefined);
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
        assert.equal(await publishing.cloned(model), undefined);
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
