import assert from 'node:assert/strict';
import fc from 'fast-check';
import type * as vscode from 'vscode';
import type { BuildState } from '../../../src/core/hosts/pipelines.ts';
import {
  createRestedBuilds,
  KEPT_RESTED,
  type RestedBuild,
} from '../../../src/editor/pipelineBuilds/restedBuilds.ts';
import { watchedKey } from '../../../src/editor/pipelineBuilds/watchedBuilds.ts';

/** A workspace's memory, which holds JSON. */
function memoryOf(content?: unknown): vscode.Memento {
  let text = JSON.stringify(content) as string | undefined;
  return {
    keys: () => [],
    get: (_key: string, otherwise?: unknown): unknown => (text === undefined ? otherwise : JSON.parse(text)),
    update: (_key: string, value: unknown) => {
      text = JSON.stringify(value) as string | undefined;
      return Promise.resolve();
    },
  };
}

function restedIn(memory: vscode.Memento) {
  const ignore = () => undefined;
  const fail = (message: string) => assert.fail(message);
  return createRestedBuilds(memory, { trace: ignore, debug: ignore, info: ignore, warn: fail, error: fail });
}

const rested = (number: number, state: BuildState = { kind: 'ended', result: 'failed' }): RestedBuild => ({
  accountId: 'https://api.buildkite.com#one',
  since: number,
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
    state,
    commit: 'a'.repeat(40),
    branch: 'main',
    cancelReason: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    webUrl: new URL(`https://buildkite.com/acme/train/builds/${number}`),
  },
});

describe('Builds that came to rest', () => {
  it('are kept as they ended, newest first, each once, until they are removed', () => {
    const memory = memoryOf();
    const states: readonly BuildState[] = [
      { kind: 'ended', result: 'passed' },
      { kind: 'ended', result: 'canceled' },
      { kind: 'blocked', last: undefined },
      { kind: 'other', word: 'odd', over: true },
    ];
    for (const [index, state] of states.entries()) restedIn(memory).add(rested(index + 1, state));
    restedIn(memory).add(rested(1, { kind: 'ended', result: 'failed' }));
    assert.deepEqual(restedIn(memory).all, [
      rested(4, states[3]),
      rested(3, states[2]),
      rested(2, states[1]),
      rested(1),
    ]);
    restedIn(memory).remove(watchedKey(rested(2)));
    assert.deepEqual(
      restedIn(memory).all.map(({ build }) => build.number),
      [4, 3, 1],
    );
  });

  it('are as many as there is room for, and none that still runs', () => {
    const memory = memoryOf();
    for (let number = 1; number <= KEPT_RESTED + 1; number += 1) restedIn(memory).add(rested(number));
    restedIn(memory).add(rested(99, { kind: 'running', failing: false }));
    const numbers = restedIn(memory).all.map(({ build }) => build.number);
    assert.equal(numbers.length, KEPT_RESTED);
    assert(!numbers.includes(1) && !numbers.includes(99));
  });

  it('are those that make sense, whatever the memory holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())), (content) => {
        const memory = memoryOf(content);
        assert.deepEqual(restedIn(memory).all, []);
        restedIn(memory).add(rested(1));
        assert.deepEqual(restedIn(memory).all, [rested(1)]);
      }),
    );
  });
});
