import assert from 'node:assert/strict';
import fc from 'fast-check';
import { groupedNames, rangeNames } from '../../../src/core/weights/nameRanges.ts';

const texts = (names: readonly string[]): readonly string[] =>
  groupedNames(
    names,
    (name) => name,
    () => '',
  ).flatMap((group) => rangeNames(group).map(({ text }) => text));

/** The names that a text with ranges stands for; its names have numbers between dots only. */
function meant(text: string): readonly string[] {
  return text.split('.').reduce<readonly string[]>(
    (names, part) => {
      const numbers = /^[\d,–]+$/.test(part)
        ? part.split(',').flatMap((range) => {
            const [first = 0, last = first] = range.split('–').map(Number);
            return Array.from({ length: last - first + 1 }, (_, at) => String(first + at));
          })
        : [part];
      return names.flatMap((name) => numbers.map((number) => `${name}.${number}`));
    },
    [''],
  );
}

describe('names of tensors in short', () => {
  it('has ranges for the numbers of layers and experts, and no others', () => {
    const layers = [...Array(32).keys()];
    assert.deepEqual(texts(layers.map((layer) => `model.layers.${layer}.self_attn.q_proj.weight`)), [
      'model.layers.0–31.self_attn.q_proj.weight',
    ]);
    assert.deepEqual(
      texts([0, 1, 3, 4, 5, 8].flatMap((layer) => [1, 2].map((expert) => `h.${layer}.experts.${expert}.up`))),
      ['h.0,1,3–5,8.experts.1,2.up'],
    );
    assert.deepEqual(
      texts(['blk.0.a', 'blk.1.a', 'blk.1.b', 'embed', 'conv1.weight', 'conv2.weight', 'v.007']),
      ['blk.0,1.a', 'blk.1.b', 'embed', 'conv1.weight', 'conv2.weight', 'v.007'],
    );
  });

  it('says where not every number goes with every other', () => {
    assert.deepEqual(texts(['a.0.b.0', 'a.0.b.1', 'a.1.b.0', 'a.1.b.1', 'a.2.b.0']), [
      'a.0,1.b.0,1',
      'a.2.b.0',
    ]);
  });

  it('stands for exactly the names that there are, each counted', () => {
    const number = fc.nat(5).map(String);
    const name = fc
      .tuple(fc.constantFrom('h', 'layers'), number, fc.constantFrom('attn', 'mlp'), number)
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 60 }), (names) => {
        const groups = groupedNames(
          names,
          (one) => one,
          () => '',
        );
        const found = groups.flatMap(rangeNames);
        for (const { text, count } of found) assert.equal(meant(text).length, count, text);
        assert.deepEqual(
          found.flatMap(({ text }) => meant(text)).sort(),
          names.map((one) => `.${one}`).sort(),
        );
      }),
    );
  });

  it('is made of whatever a stranger calls tensors', () => {
    const long = '1.'.repeat(500_000);
    assert.deepEqual(texts([long]), [long]);
    assert.deepEqual(texts(['9'.repeat(40), '1.2.3.4.5', '']), ['9'.repeat(40), '1.2.3.4.5', '']);
    const many = Array.from({ length: 1000 }, (_, at) => `h.${at * 2}`);
    assert.deepEqual(texts(many), ['h.0,2,4,6,8,10,12,14,…']);
  });
});
