import assert from 'node:assert/strict';
import { type Amounts, TransferMeter } from '../../../src/core/progress/meter.ts';

describe('The meter of a transfer', () => {
  let reported: Amounts[];
  let news: () => void;
  const next = () => new Promise<void>((resolve) => (news = resolve));
  const meterFrom = (begun?: Partial<Amounts>): TransferMeter =>
    new TransferMeter((amounts) => {
      reported.push(amounts);
      news();
    }, begun);

  beforeEach(() => {
    reported = [];
    news = () => undefined;
  });

  it('reports that nothing travels, so that a rate falls', async () => {
    const meter = meterFrom();
    meter.moved(5);
    await next();
    meter.end();
    assert.deepEqual(
      reported.map(({ doneBytes }) => doneBytes),
      [5, 5, 5],
    );
  });

  it('reports of a burst the beginning at once and the end a moment later, though nothing follows', async () => {
    const meter = meterFrom();
    meter.expect(100, 1);
    meter.moved(1);
    meter.moved(30);
    assert.deepEqual(
      reported.map(({ doneBytes }) => doneBytes),
      [0],
    );
    await next();
    meter.moved(9);
    meter.end();
    assert.deepEqual(
      reported.map(({ doneBytes }) => doneBytes),
      [0, 31, 40],
    );
  });

  it('goes on from what is there already, and counts files', async () => {
    const meter = meterFrom({ doneBytes: 10, totalBytes: 100, totalFiles: 2 });
    meter.moved(1);
    meter.moved(30);
    meter.filesDone(1);
    assert.deepEqual(reported, [{ doneBytes: 11, totalBytes: 100, doneFiles: 0, totalFiles: 2 }]);
    await next();
    meter.moved(9);
    meter.end();
    assert.deepEqual(
      reported.map(({ doneBytes, doneFiles }) => [doneBytes, doneFiles]),
      [
        [11, 0],
        [41, 1],
        [50, 1],
      ],
    );
  });
});
