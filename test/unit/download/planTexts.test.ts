import assert from 'node:assert/strict';
import { amountLines } from '../../../src/core/download/planTexts.ts';

describe('The summary of a download', () => {
  const none = { missing: 0, present: 0, differing: 0, bytes: 0, totalBytes: 0 };

  it('counts only what is not zero', () => {
    assert.deepEqual(amountLines({ ...none, missing: 4, bytes: 2000, totalBytes: 2000 }), [
      'Files: 4 to download',
      'To download: 2 kB',
    ]);
    assert.deepEqual(amountLines({ missing: 1, present: 2, differing: 3, bytes: 10, totalBytes: 3000 }), [
      'Files: 1 to download, 2 already there, 3 there with different content',
      'To download: 10 B of 3 kB',
    ]);
    assert.deepEqual(amountLines(none), ['To download: nothing']);
  });
});
