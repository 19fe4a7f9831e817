import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Ages, type IsAged } from '../../../src/editor/ages.ts';
import { until } from '../../setup/until.ts';

const MINUTE_MS = 60_000;

describe('ages', () => {
  let now = 0;
  let isUsed = false;
  let show = () => undefined as unknown;
  const seen: boolean[][] = [];
  const view = {
    visible: false,
    onDidChangeVisibility: (listener: (event: { visible: boolean }) => unknown) => {
      show = () => listener({ visible: true });
      return { dispose: () => undefined };
    },
  };
  let ages: Ages | undefined;

  beforeEach(() => {
    now = Date.parse('2026-11-23T12:00:00Z');
    isUsed = false;
    view.visible = false;
    seen.length = 0;
    const [fresh, old] = [new Date(now - MINUTE_MS), new Date(now - 90 * MINUTE_MS)];
    ages = new Ages(view, {
      locale: 'en',
      isUsed: () => isUsed,
      onAged: (isAged: IsAged) => seen.push([isAged(fresh), isAged(old)]),
      everyMs: 5,
      now: () => new Date(now),
    });
  });
  afterEach(() => ages?.dispose());

  it('are told anew while the view is visible, of what is older by a word', async () => {
    now += 5 * MINUTE_MS;
    await pause(20);
    assert.equal(seen.length, 0, 'nobody looks');
    view.visible = true;
    show();
    assert.deepEqual(seen[0], [true, false]);
    await until(() => seen.length > 1, 'it looks by itself');
    assert.deepEqual(seen[1], [false, false]);
    now += 30 * MINUTE_MS;
    await until(() => seen.some(([isFreshAged, isOldAged]) => isFreshAged && isOldAged), 'both are older');
  });

  it('wait for a pause of who uses the window, and not for ever', async () => {
    view.visible = true;
    isUsed = true;
    now += 2 * MINUTE_MS;
    await pause(20);
    assert.equal(seen.length, 0, 'they are at it');
    isUsed = false;
    await until(() => seen.length > 0, 'there was a pause');
    isUsed = true;
    seen.length = 0;
    now += 6 * MINUTE_MS;
    await until(() => seen.length > 0, 'there was none for long');
    assert.deepEqual(seen[0], [true, false]);
  });
});
