import assert from 'node:assert/strict';
import type { DownloadProgress } from '../../../src/core/download/downloading.ts';
import { createProgress } from '../../../src/core/download/progress.ts';

describe('progress of a download', () => {
  it('tells of a burst the beginning at once and the end a moment later, though nothing follows', async () => {
    const told: DownloadProgress[] = [];
    const begun = { receivedBytes: 10, totalBytes: 100, totalFiles: 2 };
    let news = (): void => undefined;
    const next = () => new Promise<void>((resolve) => (news = resolve));
    const progress = createProgress(begun, (one) => {
      told.push(one);
      news();
    });
    progress.received(1);
    progress.received(30);
    progress.filesDone(1);
    assert.deepEqual(
      told.map(({ receivedBytes, doneFiles }) => [receivedBytes, doneFiles]),
      [[11, 0]],
    );
    await next();
    progress.received(9);
    progress.end();
    assert.deepEqual(
      told.map(({ receivedBytes, doneFiles }) => [receivedBytes, doneFiles]),
      [
        [11, 0],
        [41, 1],
        [50, 1],
      ],
    );
  });
});
