import assert from 'node:assert/strict';
import { createProgress, type Progress } from '../../../src/core/publish/progress.ts';

describe('progress of a publish', () => {
  let told: number[];
  let news: () => void;
  let progress: Progress;
  const next = () => new Promise<void>((resolve) => (news = resolve));

  beforeEach(() => {
    told = [];
    news = () => undefined;
    progress = createProgress((event) => {
      if (event.kind === 'progress') told.push(event.sentBytes);
      news();
    });
  });

  it('tells that nothing travels, so that a rate falls', async () => {
    progress.sent(5);
    await next();
    progress.end();
    assert.deepEqual(told, [5, 5, 5]);
  });

  it('tells of a burst the beginning at once and the end a moment later, though nothing follows', async () => {
    progress.expect(100, 1);
    progress.sent(1);
    progress.sent(30);
    assert.deepEqual(told, [0]);
    await next();
    progress.sent(9);
    progress.end();
    assert.deepEqual(told, [0, 31, 40]);
  });
});
