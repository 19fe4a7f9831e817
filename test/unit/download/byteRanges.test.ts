import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  bytesIn,
  gapsIn,
  nextPiece,
  prefixOf,
  withRange,
  type ByteRange,
  type ByteRanges,
} from '../../../src/core/download/byteRanges.ts';

const SIZE = 40;
const range = fc
  .tuple(fc.integer({ min: 0, max: SIZE }), fc.integer({ min: 0, max: SIZE }))
  .map(([a, b]): ByteRange => ({ start: Math.min(a, b), end: Math.max(a, b) }));

const bytesOf = (ranges: ByteRanges): number[] =>
  ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index));

describe('ranges of bytes', () => {
  it('hold the bytes of all that were added, each once, and lack the others', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (added) => {
        const all = added.reduce<ByteRanges>(withRange, []);
        const there = [...new Set(bytesOf(added))].sort((a, b) => a - b);
        assert.deepEqual(bytesOf(all), there);
        assert.equal(bytesIn(all), there.length);
        const every = [...bytesOf(all), ...bytesOf(gapsIn(all, SIZE))].sort((a, b) => a - b);
        assert.deepEqual(
          every,
          Array.from({ length: SIZE }, (_, index) => index),
        );
        const missing = every.find((byte) => !there.includes(byte)) ?? SIZE;
        assert.equal(prefixOf(all), missing);
        // As few as can be.
        assert.ok(all.every(({ start }, index) => index === 0 || (all[index - 1]?.end ?? 0) < start));
      }),
    );
  });

  it('are fetched in pieces of some size, without crumbs, and smaller ones at the end', () => {
    const sizes = { worthwhile: 0, least: 8, most: 64 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 24 }),
        (size, connections) => {
          let gap: ByteRange = { start: 0, end: size };
          let before = Infinity;
          while (gap.start < gap.end) {
            const piece = nextPiece(gap, gap.end - gap.start, connections, sizes);
            const length = piece.end - piece.start;
            assert.equal(piece.start, gap.start);
            assert.ok(length <= sizes.most + sizes.least);
            assert.ok(length >= sizes.least || size < sizes.least);
            assert.ok(length <= before + sizes.least);
            before = length;
            gap = { start: piece.end, end: gap.end };
          }
        },
      ),
    );
  });
});
