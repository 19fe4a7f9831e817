import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { inspect } from '../../../src/core/publish/inspection.ts';
import { warningSentence } from '../../../src/core/publish/warningTexts.ts';
import type { Fault } from '../../registry/registry.ts';
import { blob, lfs, memorySnapshot, missing } from './memorySnapshot.ts';
import { type Publishing, startPublishing } from './publishing.ts';

describe('The inspection of a plan', () => {
  let publishing: Publishing;
  before(async () => {
    publishing = await startPublishing();
  });
  afterEach(() => publishing.registry.clearFaults());
  after(() => publishing.stop());

  const never = new AbortController().signal;
  const look = async (files: Parameters<typeof memorySnapshot>[0], model: string, ahead?: number) =>
    inspect(await publishing.plan(memorySnapshot(files), model), publishing, ahead, never);
  const publish = async (files: Parameters<typeof memorySnapshot>[0], model: string) => {
    const plan = await publishing.plan(memorySnapshot(files), model);
    const outcome = await publishing.publisher.publish(plan, { onEvent: () => undefined, signal: never });
    assert.equal(outcome.kind, 'published');
  };
  const weights = Buffer.alloc(50_000, 'weights of the inspection');

  it('finds the token in a text, and neither shows nor logs it', async () => {
    const token = `hf_${'AbCdEfGhIj'.repeat(4)}`;
    const { warnings } = await look(
      {
        'README.md': blob('---\nlicense: mit\n---\n'),
        'train.py': blob(`login("${token}")\n`),
        'weights.bin': blob(Buffer.concat([Buffer.from([0x80, 2]), Buffer.alloc(10), Buffer.from(token)])),
      },
      'acme/inspected-secret',
      3,
    );
    assert.deepEqual(warnings, [
      { kind: 'secret', paths: ['train.py'] },
      { kind: 'unpushed', commits: 3 },
      { kind: 'pickle', paths: ['weights.bin'], safe: false },
      { kind: 'python', paths: ['train.py'] },
    ]);
    assert(![JSON.stringify(warnings), ...publishing.logged].some((text) => text.includes(token)));
  });

  it('knows a pickle by how it begins where its name says nothing', async () => {
    const pickle = Buffer.concat([Buffer.from([0x80, 2]), weights]);
    const { warnings } = await look(
      {
        'README.md': blob('---\nlicense: mit\n---\n'),
        'group1-shard1of1.bin': lfs(weights),
        'archive.bin': lfs(Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), weights])),
        'old.bin': blob(pickle),
        'elsewhere.bin': missing(pickle),
        'empty.bin': blob(''),
      },
      'acme/inspected-pickles',
    );
    assert.deepEqual(warnings, [
      { kind: 'pickle', paths: ['archive.bin', 'elsewhere.bin', 'old.bin'], safe: false },
    ]);
  });

  it('knows a card that says something to machines from one that does not', async () => {
    const cards = {
      plain: '---\nlicense: mit\ntags:\n- vision\n- a/b\n---\n# A',
      rich: '---\nlicense: "mit" # free\nmetrics: [{name: x}]\n---\n# A',
      long: `---\nmodel-index:\n${'- results:\n  - type: x\n'.repeat(4000)}---\n# A`,
      spaced: '\n ---\nlicense: mit # free\n---\n# A',
      broken: '---\nlicense: *x\n---\n# A',
      empty: '---\n---\n# A',
      none: '# A\n---\nlicense: mit\n---\n',
    };
    const described = await Promise.all(
      Object.entries(cards).map(async ([name, card]) => {
        const { warnings } = await look({ 'README.md': blob(card) }, `acme/card-${name}`);
        return [name, warnings.length === 0];
      }),
    );
    assert.deepEqual(Object.fromEntries(described), {
      ...{ plain: true, rich: true, long: true, spaced: true, broken: false, empty: false, none: false },
    });
  });

  it('tells all bytes of a model that is not there yet, and asks nothing about it', async () => {
    publishing.arrived();
    const { bytes, precision } = await look({ 'model.safetensors': lfs(weights) }, 'acme/inspected-new');
    assert.deepEqual({ bytes, precision }, { bytes: weights.length, precision: 'atMost' });
    assert.deepEqual(
      publishing.arrived().filter(({ method }) => method !== 'GET'),
      [],
    );
  });

  it('does not count objects that the registry has, and makes nothing visible by asking', async () => {
    const model = 'acme/inspected-again';
    await publish({ 'model.safetensors': lfs(weights) }, model);
    const config = Buffer.from('{"model_type":"test"}');
    const files = { 'moved/model.safetensors': lfs(weights), 'config.json': blob(config) };
    const { bytes, precision } = await look(files, model);
    assert.deepEqual({ bytes, precision }, { bytes: config.length, precision: 'exact' });
    const plan = await publishing.plan(memorySnapshot(files), model);
    assert.deepEqual([...plan.remote.keys()].sort(), ['.gitattributes', 'model.safetensors']);
  });

  it('says "at most" where the registry cannot be asked, and fails nothing', async () => {
    const model = 'acme/inspected-broken';
    await publish({ 'README.md': blob('# A model') }, model);
    publishing.registry.inject({
      path: /objects\/batch/,
      fault: { kind: 'status', status: 422 },
      times: Infinity,
    });
    const { precision } = await look({ 'model.safetensors': lfs(weights) }, model);
    assert.equal(precision, 'atMost');
  });

  const wantsXet: Fault = {
    kind: 'status',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      transfer: 'xet',
      objects: [
        {
          oid: createHash('sha256').update(weights).digest('hex'),
          size: weights.length,
          actions: { upload: { href: 'https://cas.example/x', header: {} } },
        },
      ],
    }),
  };
  const refusals: readonly (readonly [string, Fault, RegExp])[] = [
    ['wants uploads by another way than Git LFS', wantsXet, /“xet”/],
    ['has no room', { kind: 'status', status: 507 }, /no room/],
  ];
  for (const [what, fault, words] of refusals) {
    it(`tells before anything travels that the registry ${what}`, async () => {
      const model = `acme/inspected-${String(what.length)}`;
      await publish({ 'README.md': blob('---\nlicense: mit\n---\n') }, model);
      publishing.registry.inject({ path: /objects\/batch/, fault, times: Infinity });
      const card = blob('---\nlicense: mit\n---\n');
      const { warnings } = await look({ 'README.md': card, 'model.safetensors': lfs(weights) }, model);
      const [only, ...others] = warnings;
      assert.deepEqual(others, []);
      assert.equal(only?.kind, 'notTaken');
      assert.match(warningSentence(only), words);
    });
  }

  it('keeps to itself that the registry failed to answer', async () => {
    const model = 'acme/inspected-silent';
    await publish({ 'README.md': blob('---\nlicense: mit\n---\n') }, model);
    const fault = { kind: 'status', status: 500 } as const;
    publishing.registry.inject({ path: /objects\/batch/, fault, times: Infinity });
    const card = blob('---\nlicense: mit\n---\n');
    const { warnings } = await look({ 'README.md': card, 'model.safetensors': lfs(weights) }, model);
    assert.deepEqual(warnings, []);
  });
});
