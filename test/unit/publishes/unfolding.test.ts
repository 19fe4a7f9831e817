import assert from 'node:assert/strict';
import { Unfolding, type Neighbor } from '../../../src/editor/publishes/unfolding.ts';

describe('the Publishes view, for a publish that begins', () => {
  function surroundings() {
    const listeners = new Set<() => void>();
    const neighbor = {
      visible: false,
      onDidChangeVisibility: (listener: () => void) => {
        listeners.add(listener);
        return { dispose: () => listeners.delete(listener) };
      },
    };
    const view = { visible: false };
    const revealed: string[] = [];
    const unfolding = new Unfolding<string>({
      view,
      neighbors: [neighbor as unknown as Neighbor],
      reveal: (row) => revealed.push(row),
    });
    const look = (visible: boolean) => {
      neighbor.visible = visible;
      for (const listener of listeners) listener();
    };
    return { view, revealed, unfolding, look, listeners };
  }

  it('unfolds where a person looks at its container, once for each', () => {
    const { revealed, unfolding, look } = surroundings();
    look(true);
    unfolding.began('first');
    look(true);
    assert.deepEqual(revealed, ['first']);
    unfolding.began('second');
    assert.deepEqual(revealed, ['first', 'second']);
  });

  it('takes the side bar from nobody, and unfolds when they come, as long as it is under way', () => {
    const { revealed, unfolding, look, listeners } = surroundings();
    unfolding.began('gone');
    unfolding.ended();
    unfolding.began('awaited');
    assert.deepEqual(revealed, []);
    look(true);
    assert.deepEqual(revealed, ['awaited']);
    unfolding.began('later');
    unfolding.dispose();
    assert.equal(listeners.size, 0);
  });

  it('does nothing where it is unfolded already', () => {
    const { view, revealed, unfolding, look } = surroundings();
    view.visible = true;
    unfolding.began('seen');
    view.visible = false;
    look(true);
    assert.deepEqual(revealed, []);
  });
});
