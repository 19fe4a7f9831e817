import assert from 'node:assert/strict';
import type { PublishEvent, PublishStep } from '../../../src/core/publish/publishing.ts';
import { type PublishProgress, progressReports } from '../../../src/core/publish/progressReports.ts';

describe('Reports of a publish', () => {
  let clock = 0;
  let reports: (PublishProgress & { readonly increment: number })[] = [];
  let onEvent: (event: PublishEvent) => void;

  beforeEach(() => {
    clock = 0;
    reports = [];
    onEvent = progressReports(
      (progress, increment) => reports.push({ ...progress, increment }),
      () => clock,
    );
  });

  const sent = (at: number, sentBytes: number, totalBytes = 1000): void => {
    clock = at;
    onEvent({ kind: 'progress', sentBytes, totalBytes, sentFiles: 0, totalFiles: 1 });
  };

  it('tell every step at once', () => {
    for (const step of ['create', 'preupload', 'upload', 'commit'] as const) {
      onEvent({ kind: 'stepStarted', step });
    }
    assert.deepEqual(
      reports.map(({ step }) => step),
      ['create', 'preupload', 'upload', 'commit'],
    );
  });

  it('tell bytes at most every 200 ms', () => {
    onEvent({ kind: 'stepStarted', step: 'upload' });
    for (let at = 10; at <= 1000; at += 10) sent(at, at);
    assert.deepEqual(
      reports.map(({ sentBytes }) => sentBytes),
      [0, 200, 400, 600, 800, 1000],
    );
    assert.equal(reports.at(-1)?.bytesPerSecond, 1000);
  });

  it('tell the last bytes however soon they come', () => {
    onEvent({ kind: 'stepStarted', step: 'upload' });
    sent(200, 500);
    sent(210, 1000);
    onEvent({ kind: 'stepFinished', step: 'upload' });
    assert.equal(reports.at(-1)?.sentBytes, 1000);
    assert.equal(
      reports.reduce((sum, { increment }) => sum + increment, 0),
      100,
    );
    onEvent({ kind: 'stepFinished', step: 'upload' });
    assert.equal(reports.length, 3);
  });

  it('keep the totals when the step changes', () => {
    onEvent({ kind: 'stepStarted', step: 'upload' });
    sent(200, 1000);
    onEvent({ kind: 'stepStarted', step: 'commit' });
    assert.deepEqual(
      reports.map(({ step, sentBytes, increment }) => [step, sentBytes, increment]),
      [
        ['upload', 0, 0],
        ['upload', 1000, 100],
        ['commit', 1000, 0],
      ],
    );
  });

  it('show the furthest of the steps that run side by side', () => {
    const kinds = ['preupload', 'upload', 'hash', '-hash', '-upload', '-preupload', 'commit'] as const;
    for (const kind of kinds) {
      const step = kind.replace('-', '') as PublishStep;
      onEvent({ kind: kind.startsWith('-') ? 'stepFinished' : 'stepStarted', step });
    }
    assert.deepEqual(
      reports.map(({ step }) => step),
      ['preupload', 'upload', 'preupload', 'commit'],
    );
  });
});
