import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { until } from '../../setup/until.ts';
import { blob, lfs, memorySnapshot } from './memorySnapshot.ts';
import { json, startOddHub, type CommitRequest, type Habits, type OddHub } from './oddHub.ts';
import { eventLog } from './publishing.ts';

const model = (seed = randomBytes(4).toString('hex')) =>
  memorySnapshot({ 'README.md': blob(`# ${seed}\n`), 'w.bin': lfs(randomBytes(2_000)) }, { seed });

/** The server breaks off without a word. */
const lose = ({ response }: CommitRequest): void => void response.destroy();

describe('a commit without a version before it', () => {
  let hub: OddHub;
  const start = async (habits: Partial<Habits>, looks = [1, 1, 1]): Promise<void> => {
    hub = await startOddHub(habits, { grace: 200, pauses: [1, 1, 1], looks });
  };
  const commitCalls = (): number => hub.requests.filter((line) => /^POST .*\/commit\//.test(line)).length;
  afterEach(() => hub.stop());

  for (const [name, onCommit] of [
    [
      'whose answer is lost',
      (request: CommitRequest) => {
        request.carryOut();
        lose(request);
      },
    ],
    [
      'that a gateway gives up on',
      ({ carryOut, response }: CommitRequest) => {
        carryOut();
        json(response, 504, {});
      },
    ],
    [
      'that is told to have failed',
      ({ carryOut, response }: CommitRequest) => {
        carryOut();
        json(response, 500, {});
      },
    ],
    ['that does not happen', lose],
  ] as const) {
    it(`${name}, and that does not appear, is not sent again, and its outcome is told as unknown`, async () => {
      await start({ onCommit, shows: false });
      const outcome = await hub.publish(model());
      assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
      assert.equal(outcome.failure.kind, 'unknownOutcome');
      assert.match(outcome.failure.message, /not known.*To see whether it is there/);
      assert.equal(commitCalls(), 1);
    });
  }

  for (const habits of [
    {},
    { keepsMessages: false },
    { keepsMessages: false, listsFiles: false },
    { keepsMessages: false, listsFiles: false, names: () => 'main' },
  ] as const) {
    it(`that appears late is found: ${JSON.stringify(habits)}`, async () => {
      await start(
        {
          ...habits,
          ...('names' in habits && { names: () => 'main' }),
          shows: false,
          onCommit: (request) => {
            request.carryOut();
            lose(request);
          },
        },
        Array.from({ length: 200 }, () => 10),
      );
      const publish = hub.publish(model());
      await until(() => commitCalls() > 0, 'the commit was sent');
      const looks = hub.requests.length;
      await until(() => hub.requests.length > looks + 2, 'it was looked for more than once');
      hub.habits.shows = true;
      const outcome = await publish;
      assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
      assert.ok(outcome.created);
      assert.equal(outcome.commit, hub.commits()[0]?.name);
      assert.deepEqual([commitCalls(), hub.commits().length], [1, 1]);
    });
  }

  it('that someone else was faster than is not taken for ours', async () => {
    const theirs = { 'theirs.txt': blob('theirs') };
    await start({ keepsMessages: false });
    const plan = await hub.plan(model());
    await hub.publish(memorySnapshot(theirs));
    hub.habits.onCommit = lose;
    const outcome = await hub.publisher.publish(plan, {
      onEvent: () => undefined,
      signal: new AbortController().signal,
    });
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'conflict');
    assert.deepEqual(hub.paths(), ['theirs.txt']);
  });

  it('that is turned away for a time is sent again after it', async () => {
    await start({
      onCommit: ({ number, carryOut, response }) => {
        if (number > 2) json(response, 200, { commitOid: carryOut() });
        else response.writeHead(503, { 'retry-after': '0' }).end();
      },
    });
    const outcome = await hub.publish(model());
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    assert.deepEqual([commitCalls(), hub.commits().length], [3, 1]);
  });

  it('that a gateway turns away while it is carried out is not sent again once it has appeared', async () => {
    await start({
      shows: false,
      onCommit: ({ carryOut, response }) => {
        carryOut();
        response.writeHead(503, { 'retry-after': '1' }).end();
      },
    });
    const publish = hub.publish(model());
    const isLookedFor = () => commitCalls() > 0 && (hub.requests.at(-1) ?? '').includes('/revision/');
    await until(isLookedFor, 'the commit was sent and looked for');
    hub.habits.shows = true;
    const outcome = await publish;
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    assert.deepEqual([commitCalls(), hub.commits().length], [1, 1]);
  });

  it('is waited for where the server thinks for longer than others may', async () => {
    const waits = { grace: 200, pauses: [1], looks: [1], idle: 60_000 };
    const onCommit = ({ carryOut, response }: CommitRequest): void =>
      void setTimeout(() => json(response, 200, { commitOid: carryOut() }), 1_000);
    hub = await startOddHub({ onCommit }, waits, 300);
    const outcome = await hub.publish(model());
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    assert.equal(commitCalls(), 1);
  });

  it('that a cancel ends while it is looked for may still appear', async () => {
    await start(
      { shows: false, onCommit: lose },
      Array.from({ length: 200 }, () => 10),
    );
    const cancel = new AbortController();
    const publish = hub.publish(model(), undefined, { signal: cancel.signal });
    await until(() => commitCalls() > 0, 'the commit was sent');
    const looks = hub.requests.length;
    await until(() => hub.requests.length > looks + 2, 'it was looked for');
    cancel.abort();
    const outcome = await publish;
    assert.equal(outcome.kind, 'cancelled');
    assert.ok(outcome.unsettled);
  });
});

describe('a commit on top of a version', () => {
  let hub: OddHub;
  afterEach(() => hub.stop());

  it('is sent again with the same parent where the version is still the head', async () => {
    hub = await startOddHub();
    await hub.publish(model());
    const [first] = hub.commits();
    let lost = 0;
    hub.habits.onCommit = (request) => {
      lost += 1;
      if (lost === 1) lose(request);
      else json(request.response, 200, { commitOid: request.carryOut() });
    };
    const outcome = await hub.publish(model());
    assert.equal(outcome.kind, 'published');
    assert.equal(lost, 2);
    assert.equal(hub.commits().length, 2);
    assert.equal(hub.commits()[1]?.parent, first?.name);
  });

  it('is sent once where no name tells one version from another', async () => {
    hub = await startOddHub({ names: () => 'main', keepsMessages: false, listsFiles: false });
    assert.equal((await hub.publish(model())).kind, 'published');
    let calls = 0;
    hub.habits.onCommit = (request) => {
      calls += 1;
      request.carryOut();
      lose(request);
    };
    const outcome = await hub.publish(model());
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'unknownOutcome');
    assert.deepEqual([calls, hub.commits().length], [1, 2]);
    assert.equal(hub.commits()[1]?.parent, undefined, 'a name of any head protects nothing');
  });

  it('is published in spite of a cancel that comes with an answer that names nothing', async () => {
    hub = await startOddHub({ commitOid: () => '' });
    await hub.publish(model());
    const cancel = new AbortController();
    const snapshot = model();
    hub.habits.onCommit = ({ carryOut, response }) => {
      carryOut();
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ commitOid: '' }), () => setImmediate(() => cancel.abort()));
    };
    const outcome = await hub.publish(snapshot, undefined, { ...eventLog(), signal: cancel.signal });
    assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    assert.equal(outcome.commit, hub.commits()[1]?.name);
  });
});
