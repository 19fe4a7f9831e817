import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type RateSamples,
  bytesPerSecond,
  percentBeyond,
  withSample,
} from '../../../src/core/progress/transferRate.ts';

const after = (samples: readonly (readonly [at: number, bytes: number])[]): RateSamples =>
  samples.reduce<RateSamples>((all, [at, bytes]) => withSample(all, { at, bytes }), []);

describe('The rate of a transfer', () => {
  it('is unknown before the second sample', () => {
    assert.equal(bytesPerSecond([]), undefined);
    assert.equal(bytesPerSecond(after([[0, 100]])), undefined);
    assert.equal(
      bytesPerSecond(
        after([
          [5, 0],
          [5, 100],
        ]),
      ),
      undefined,
    );
  });

  it('is bytes over seconds', () => {
    assert.equal(
      bytesPerSecond(
        after([
          [0, 0],
          [500, 1_000_000],
        ]),
      ),
      2_000_000,
    );
  });

  it('forgets what was fast long ago', () => {
    const samples = after([
      [0, 0],
      [1000, 9_000_000],
      [6000, 9_000_000],
      [11_000, 9_005_000],
    ]);
    assert.equal(bytesPerSecond(samples), 1000);
  });

  it('falls to nothing while nothing moves, and is never negative when a file starts over', () => {
    assert.equal(
      bytesPerSecond(
        after([
          [0, 500],
          [1000, 500],
        ]),
      ),
      0,
    );
    assert.equal(
      bytesPerSecond(
        after([
          [0, 500],
          [1000, 100],
        ]),
      ),
      0,
    );
  });

  it('remembers a bounded number of samples of a steady transfer', () => {
    const samples = after(Array.from({ length: 10_000 }, (_, index) => [index * 100, index * 1000] as const));
    assert.ok(samples.length <= 52, String(samples.length));
    assert.equal(bytesPerSecond(samples), 10_000);
  });
});

describe('The percent of a transfer', () => {
  it('adds up to where the transfer came, never backwards, never beyond the whole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e12 }),
        fc.array(fc.integer({ min: 0, max: 1e12 })),
        (total, sent) => {
          let reported = 0;
          for (const bytes of sent) {
            const increment = percentBeyond(reported, bytes, total);
            assert.ok(increment >= 0);
            reported += increment;
          }
          const furthest = total === 0 ? 0 : Math.min(1, Math.max(0, ...sent) / total) * 100;
          assert.ok(Math.abs(reported - furthest) < 1e-6, `${reported} and not ${furthest}`);
        },
      ),
    );
  });
});
