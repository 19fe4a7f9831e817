import assert from 'node:assert/strict';
import fc from 'fast-check';
import type * as vscode from 'vscode';
import {
  createWatchedBuilds,
  KEPT_BUILDS,
  LONGEST_WATCH_MS,
  watchedKey,
  type WatchedBuild,
} from '../../../src/editor/pipelineBuilds/watchedBuilds.ts';

const KEY = 'pipelineBuilds.watched';

/** A workspace's memory, which holds JSON. */
function memoryOf(content?: unknown) {
  const kept = new Map<string, string>();
  const update = (key: string, value: unknown) => {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) kept.delete(key);
    else kept.set(key, text);
    return Promise.resolve();
  };
  const get = (key: string): unknown => JSON.parse(kept.get(key) ?? 'null') ?? undefined;
  const memory = { get, update, keys: () => [...kept.keys()] } as vscode.Memento;
  void update(KEY, content);
  return { memory, text: () => kept.get(KEY) };
}

function watching({ memory }: ReturnType<typeof memoryOf>) {
  const ignore = () => undefined;
  const fail = (message: string) => assert.fail(message);
  return createWatchedBuilds(memory, { trace: ignore, debug: ignore, info: ignore, warn: fail, error: fail });
}

/** That much later, in milliseconds: all in the memory is older by then. */
async function later({ memory }: ReturnType<typeof memoryOf>, ms: number) {
  const kept = memory.get<readonly { readonly since: number }[]>(KEY) ?? [];
  await memory.update(
    KEY,
    kept.map((one) => ({ ...one, since: one.since - ms })),
  );
}

const watched = (number: number, more: object = {}): WatchedBuild => ({
  accountId: 'https://api.buildkite.com#one',
  registry: {
    id: 'r',
    organization: 'acme',
    slug: 'models',
    name: 'Models',
    ecosystem: 'huggingface',
    holdsModels: true,
    description: undefined,
    emoji: undefined,
    public: undefined,
    webUrl: undefined,
  },
  model: 'acme/bert',
  build: {
    pipeline: { organization: 'acme', slug: 'train', name: 'Train' },
    number,
    state: { kind: 'unknown' },
    commit: 'a'.repeat(40),
    branch: 'main',
    cancelReason: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    webUrl: new URL(`https://buildkite.com/acme/train/builds/${number}`),
    ...more,
  },
});
const numbers = (all: readonly WatchedBuild[]) => all.map(({ build }) => build.number);

describe('Watched builds', () => {
  it('are kept until they are removed, each once and in a state that is not known', () => {
    const kept = memoryOf();
    watching(kept).add(watched(1, { state: { kind: 'running', failing: false }, startedAt: new Date() }));
    watching(kept).add(watched(1));
    watching(kept).add(watched(2));
    assert.deepEqual(watching(kept).all, [watched(2), watched(1)]);
    watching(kept).remove(watchedKey(watched(2)));
    assert.deepEqual(watching(kept).all, [watched(1)]);
    watching(kept).remove(watchedKey(watched(1)));
    assert.equal(kept.text(), undefined);
  });

  it('are kept without what else comes with a build, such as the address of its repository', () => {
    const kept = memoryOf();
    const pipeline = { ...watched(1).build.pipeline, repository: 'https://ada:secret@example.com/bert.git' };
    watching(kept).add(watched(1, { pipeline, env: { TOKEN: 'secret' } }));
    assert(!kept.text()?.includes('secret'), kept.text());
  });

  it('are as many as there is room for, and none that is too old', async () => {
    const kept = memoryOf();
    for (let number = 1; number <= KEPT_BUILDS; number += 1) watching(kept).add(watched(number));
    await later(kept, LONGEST_WATCH_MS / 2);
    watching(kept).add(watched(KEPT_BUILDS + 1));
    assert.equal(watching(kept).all.length, KEPT_BUILDS);
    assert(!numbers(watching(kept).all).includes(1));
    await later(kept, LONGEST_WATCH_MS / 2);
    assert.deepEqual(numbers(watching(kept).all), [KEPT_BUILDS + 1]);
    // Watched again, a build is no younger.
    watching(kept).add(watched(KEPT_BUILDS + 1));
    await later(kept, LONGEST_WATCH_MS / 2);
    assert.deepEqual(watching(kept).all, []);
  });

  it('are those that make sense, whatever the memory holds', () => {
    const kept = memoryOf();
    watching(kept).add(watched(1));
    const [good] = JSON.parse(kept.text() ?? '[]') as Record<string, unknown>[];
    for (const damage of [
      { since: 'long ago' },
      { registry: 'models' },
      { build: null },
      { build: { ...(good?.build as object), webUrl: 'javascript:alert(1)' } },
      { build: { ...(good?.build as object), number: 0 } },
    ]) {
      assert.deepEqual(watching(memoryOf([{ ...good, ...damage }, good])).all, [watched(1)]);
    }
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())), (content) => {
        const filled = memoryOf(content);
        assert.deepEqual(watching(filled).all, []);
        watching(filled).add(watched(1));
        assert.deepEqual(watching(filled).all, [watched(1)]);
      }),
    );
  });
});
