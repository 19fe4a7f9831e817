import assert from 'node:assert/strict';
import fc from 'fast-check';
import prettyBytes from 'pretty-bytes';
import { sizeText } from '../../../src/core/sizeText.ts';

describe('the size of content in words', () => {
  it('is in English what Intl would write', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        assert.equal(sizeText(bytes), prettyBytes(bytes, { locale: 'en' }));
      }),
      { examples: [[0], [999], [1000], [999_499], [999_500], [1_234_567]] },
    );
  });

  it('has the digits of another language', () => {
    assert.equal(sizeText(1_234_567, 'de'), '1,23 MB');
  });
});
