import assert from 'node:assert/strict';
import { progressReports, type DownloadReport } from '../../../src/core/download/progressReports.ts';

describe('reports of a download', () => {
  it('tell rate, time left and percent; what was there already is no rate', () => {
    let at = 0;
    const reports: (DownloadReport & { readonly increment: number })[] = [];
    const onProgress = progressReports(
      (report, increment) => reports.push({ ...report, increment }),
      () => at,
    );
    const step = (ms: number, receivedBytes: number): void => {
      at += ms;
      onProgress({ receivedBytes, totalBytes: 1000, doneFiles: 0, totalFiles: 1 });
    };
    step(0, 500);
    step(1000, 600);
    step(1000, 700);
    // A content is fetched anew.
    step(1000, 500);
    step(1000, 1000);
    assert.deepEqual(
      reports.map(({ bytesPerSecond, secondsLeft, increment }) => [bytesPerSecond, secondsLeft, increment]),
      [
        [undefined, undefined, 50],
        [100, 4, 10],
        [100, 3, 10],
        [0, undefined, 0],
        [125, 0, 30],
      ],
    );
  });
});
