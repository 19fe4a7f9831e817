import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pathOnly } from '../../../src/core/hub/remoteFile.ts';
import { visibleLine } from '../../../src/core/visibleText.ts';
import { weightLines } from '../../../src/core/weights/changesText.ts';
import type { SetComparison } from '../../../src/core/weights/compareWeights.ts';
import { pairSets } from '../../../src/core/weights/setPairs.ts';
import { elements, shares } from '../../../src/core/weights/summary.ts';
import { weightChanges } from '../../../src/core/weights/weightChanges.ts';
import { weightSets, type WeightSet } from '../../../src/core/weights/weightSets.ts';
import type { MetadataValue, WeightTable } from '../../../src/core/weights/weightTable.ts';

type Forms = ReadonlyMap<string, { readonly dtype: string; readonly shape: readonly number[] }>;

/** A set of weights in so many files, each tensor in some of them. */
function table(
  forms: Forms,
  files = 1,
  metadata: ReadonlyMap<string, MetadataValue> = new Map(),
): WeightTable {
  const paths =
    files === 1
      ? ['model.safetensors']
      : Array.from({ length: files }, (_, at) => `model-${at + 1}-of-${files}.safetensors`);
  const [set] = weightSets(paths.map(pathOnly));
  assert(set);
  const tensors = [...forms].map(([name, form], at) => ({
    name,
    ...form,
    file: paths[at % files]!,
    begin: at * 8,
    end: at * 8 + 8,
  }));
  const dtypes = shares(tensors.map(({ dtype, shape }) => [dtype, elements(shape)]));
  const parameters = dtypes.reduce((sum, share) => sum + share.parameters, 0);
  return { set, files: set.files, tensors, metadata, parameters, dtypes };
}

const form = fc
  .tuple(fc.constantFrom('F32', 'BF16', 'U8'), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }))
  .map(([dtype, shape]) => ({ dtype, shape }));
const forms = fc
  .uniqueArray(
    fc.tuple(fc.oneof(fc.constantFrom('__proto__', 'h.0.w', 'h.1.w', 'h.10.w'), fc.string()), form),
    {
      selector: ([name]) => name,
      maxLength: 12,
    },
  )
  .map((entries) => new Map(entries));

describe('what changed in weights', () => {
  it('is each tensor that came, went, or has another type or shape, whatever file holds it', () => {
    fc.assert(
      fc.property(forms, forms, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (...args) => {
        const [before, after, filesBefore, filesAfter] = args;
        const expected = [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
          const [ours, theirs] = [before.get(name), after.get(name)];
          if (!ours || !theirs) return [`${ours ? 'deleted' : 'new'} ${name}`];
          const type = ours.dtype !== theirs.dtype;
          const shape = ours.shape.join() !== theirs.shape.join();
          if (!type && !shape) return [];
          return [`${type ? (shape ? 'typeAndShape' : 'type') : 'shape'} ${name}`];
        });
        const changes = weightChanges(table(before, filesBefore), table(after, filesAfter));
        assert.deepEqual(changes.tensors.map(({ kind, name }) => `${kind} ${name}`).sort(), expected.sort());
        for (const change of changes.tensors) {
          if (change.kind !== 'new') assert.deepEqual(change.before, before.get(change.name));
          if (change.kind !== 'deleted') assert.deepEqual(change.after, after.get(change.name));
        }
        const [ours, theirs] = [before.size, after.size];
        assert.equal(changes.before.tensors, ours);
        assert.equal(changes.after.tensors, theirs);
        const other = changes.tensors.filter(({ kind }) => kind !== 'new' && kind !== 'deleted').length;
        const deleted = changes.tensors.filter(({ kind }) => kind === 'deleted').length;
        assert.equal(changes.alike.length, ours - deleted - other);
      }),
    );
  });

  it('are the notes beside the tensors, too, but not into how many files they are split', () => {
    const digest = (letter: string) => ({ length: 3, digest: letter.repeat(64) });
    const before = new Map<string, MetadataValue>([
      ...Object.entries({ name: 'GPT', count: 5, gone: true, tokens: digest('a'), same: digest('c') }),
      ...Object.entries({ 'split.count': 2, ratio: NaN }),
    ]);
    const after = new Map<string, MetadataValue>([
      ...Object.entries({ name: 'GPT-2', count: 5n, tokens: digest('b'), same: digest('c'), came: 0.5 }),
      ...Object.entries({ 'split.count': 3, ratio: NaN }),
    ]);
    const { metadata } = weightChanges(table(new Map(), 1, before), table(new Map(), 1, after));
    assert.deepEqual(
      metadata.map(({ key }) => key),
      ['came', 'gone', 'name', 'tokens'],
    );
  });

  it('pairs weights by their names, in however many files they are, and the only ones left', () => {
    const named = (sets: readonly WeightSet[], other: readonly WeightSet[]) =>
      pairSets(sets, other).map((pair) => [pair.before?.entry, pair.after?.entry]);
    const sets = (...paths: readonly string[]) => weightSets(paths.map(pathOnly));
    const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    assert.deepEqual(named(sets('model.safetensors'), sets(...shards)), [['model.safetensors', shards[0]]]);
    assert.deepEqual(named(sets('model.safetensors'), sets(...shards, 'model.safetensors.index.json')), [
      ['model.safetensors', 'model.safetensors.index.json'],
    ]);
    assert.deepEqual(
      named(
        sets('model.safetensors', 'vae/a.safetensors', 'x-Q4_K.gguf'),
        sets('model.safetensors', 'vae/b.safetensors', 'x-Q5_K.gguf', 'x-Q8_0.gguf'),
      ),
      [
        ['model.safetensors', 'model.safetensors'],
        ['vae/a.safetensors', 'vae/b.safetensors'],
        ['x-Q4_K.gguf', undefined],
        [undefined, 'x-Q5_K.gguf'],
        [undefined, 'x-Q8_0.gguf'],
      ],
    );
    assert.deepEqual(named(sets('old.safetensors'), sets('new.safetensors', 'x.gguf')), [
      ['old.safetensors', 'new.safetensors'],
      [undefined, 'x.gguf'],
    ]);
  });

  describe('for people', () => {
    const layers = [...Array(12).keys()];
    const compared = (before: WeightTable, after: WeightTable): SetComparison => ({
      kind: 'changed',
      before: before.set,
      after: after.set,
      changes: weightChanges(before, after),
      isByBytes: false,
    });

    it('is short, though a model has many layers', () => {
      const model = (dtype: string, words: number): Forms =>
        new Map<string, { readonly dtype: string; readonly shape: readonly number[] }>([
          ['wte.weight', { dtype: 'F32', shape: [words, 8] }],
          ...layers.map((layer) => [`h.${layer}.attn.weight`, { dtype, shape: [8, 8] }] as const),
        ]);
      const before = table(new Map([...model('F32', 50), ['old', { dtype: 'F32', shape: [] }]]));
      const after = table(
        new Map([...model('BF16', 60), ['new.weight', { dtype: 'F32', shape: [2] }]]),
        2,
        new Map([['format', 'pt']]),
      );
      assert.deepEqual(weightLines([compared(before, after)]), [
        'model.safetensors → model-1-of-2.safetensors (2 files)',
        'Parameters: 1,169 → 1,250 (+81)',
        'Tensors: 14',
        'Types: F32 1,169 → BF16 768 + F32 482',
        'Changed: 1 new, 1 deleted, 12 of another type, 1 of another shape',
        'Of the same type and shape: 0. Whether their values differ, headers do not tell.',
        '',
        'Tensors',
        '~ h.0–11.attn.weight  F32 → BF16 [8, 8]  (12 tensors)',
        '+ new.weight  F32 [2]',
        '- old  F32 []',
        '~ wte.weight  F32 [50, 8] → [60, 8]',
        '',
        'Metadata',
        '+ format: “pt”',
      ]);
    });

    it('shows where long notes begin to differ', () => {
      const template = (end: string) =>
        table(
          new Map(),
          1,
          new Map([['chat_template', `${'{% for message in messages %}'.repeat(9)}${end}`]]),
        );
      const line = weightLines([compared(template('user'), template('system'))]).at(-1);
      assert.match(line ?? '', /^~ chat_template: “….*user” → “….*system”$/);
      assert.ok((line ?? '').length < 250);
    });

    it('shows what strangers wrote as marks, and cuts it', () => {
      const name = `\u202e\n\u001b[2J${'x'.repeat(100_000)}`;
      const lines = weightLines([
        compared(table(new Map()), table(new Map([[name, { dtype: name, shape: [] }]]))),
      ]);
      assert.ok(lines.every((line) => line.length < 2000 && line === visibleLine(line)));
      assert.ok(lines.some((line) => line.includes('<U+202E>␊␛[2J')));
    });

    it('is bounded where nothing is alike', () => {
      const shuffled = new Map(
        [...Array(5000).keys()].map((at) => [`t${at}`, { dtype: 'F32', shape: [at] }]),
      );
      const lines = weightLines([compared(table(new Map()), table(shuffled))]);
      assert.equal(lines.at(-1), '… and 3,000 more lines');
    });
  });
});
