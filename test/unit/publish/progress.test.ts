import assert from 'node:assert/strict';
import { createProgress } from '../../../src/core/publish/progress.ts';

describe('progress of a publish', () => {
  it('tells that nothing travels, so that a rate falls', async () => {
    const told: number[] = [];
    let news = (): void => undefined;
    const next = () => new Promise<void>((resolve) => (news = resolve));
    const progress = createProgress((event) => {
      if (event.kind === 'progress') told.push(event.sentBytes);
      news();
    });
    progress.sent(5);
    await next();
    await next();
    progress.end();
    assert.deepEqual(told, [5, 5, 5, 5]);
  });

  it('tells of a burst the beginning at once and the end a moment later, though nothing follows', async () => {
    const told: number[] = [];
    let news = (): void => undefined;
    const next = () => new Promise<void>((resolve) => (news = resolve));
    const progress = createProgress((event) => {
      if (event.kind === 'progress') told.push(event.sentBytes);
      news();
    });
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
