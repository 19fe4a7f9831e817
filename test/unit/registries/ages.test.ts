import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Ages, type IsAged } from '../../../src/editor/ages.ts';
import { until } from '../../setup/until.ts';

const MINUTE_MS = 60_000;

describe('ages', () => {
  it('are told anew while the view is visible, of what is older by a word', async () => {
    let now = Date.parse('2026-11-23T12:00:00Z');
    const [fresh, old] = [new Date(now - MINUTE_MS), new Date(now - 90 * MINUTE_MS)];
    const seen: boolean[][] = [];
    let shown = () => undefined as unknown;
    const view = {
      visible: false,
      onDidChangeVisibility: (listener: (event: { visible: boolean }) => unknown) => {
        shown = () => listener({ visible: true });
        return { dispose: () => undefined };
      },
    };
    const onAged = (isAged: IsAged) => seen.push([isAged(fresh), isAged(old)]);
    const ages = new Ages(view, 'en', onAged, { everyMs: 5, now: () => new Date(now) });
    try {
      now += 5 * MINUTE_MS;
      await pause(20);
      assert.equal(seen.length, 0, 'nobody looks');
      view.visible = true;
      shown();
      assert.deepEqual(seen[0], [true, false]);
      await until(() => seen.length > 1, 'it looks by itself');
      assert.deepEqual(seen[1], [false, false]);
      now += 30 * MINUTE_MS;
      await until(() => seen.some(([isFreshAged, isOldAged]) => isFreshAged && isOldAged), 'both are older');
    } finally {
      ages.dispose();
    }
  });
});
