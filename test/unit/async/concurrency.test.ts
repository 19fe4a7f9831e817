import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConcurrencyControl } from '../../../src/core/async/concurrency.ts';
import { TransferBudget } from '../../../src/core/async/transferBudget.ts';

const MIB = 1024 * 1024;

/** Feeds samples of a link that gives `rate(connections)` bytes a second, and returns the limits on the way. */
const run = (control: ConcurrencyControl, samples: number, rate: (connections: number) => number): number[] =>
  Array.from({ length: samples }, () => {
    control.sample({ elapsedMs: 500, bytes: rate(control.limit) / 2, ended: 0, saturated: true });
    return control.limit;
  });

describe('how many connections are used', () => {
  it('grows to the cap where each is held to a speed of its own', () => {
    const limits = run(new ConcurrencyControl(16), 20, (connections) => connections * 20 * MIB);
    assert.deepEqual([limits[0], limits.at(-1)], [6, 16]);
  });

  it('stays near what fills the link', () => {
    const limits = run(new ConcurrencyControl(16), 60, (connections) => Math.min(connections, 6) * MIB);
    assert.ok(limits.at(-1)! >= 4 && Math.max(...limits) <= 9, limits.join(' '));
  });

  it('is tried again after a while where more brought nothing, since links change', () => {
    const control = new ConcurrencyControl(16);
    run(control, 20, () => MIB);
    assert.equal(control.limit <= 6, true);
    run(control, 40, (connections) => connections * MIB);
    assert.equal(control.limit, 16);
  });

  it('counts small transfers that carry next to nothing', () => {
    const control = new ConcurrencyControl(16);
    for (let count = 0; count < 20; count++) {
      control.sample({ elapsedMs: 500, bytes: 10, ended: control.limit * 10, saturated: true });
    }
    assert.equal(control.limit, 16);
  });

  it('does not change by samples in which connections were to spare', () => {
    const control = new ConcurrencyControl(16);
    control.sample({ elapsedMs: 500, bytes: MIB, ended: 0, saturated: false });
    assert.equal(control.limit, 4);
  });

  it('halves at congestion, once a sample, and waits before it grows', () => {
    const control = new ConcurrencyControl(16);
    run(control, 20, (connections) => connections * MIB);
    for (let count = 0; count < 16; count++) control.congested();
    assert.equal(control.limit, 8);
    run(control, 4, (connections) => connections * MIB);
    assert.equal(control.limit, 8);
    run(control, 20, (connections) => connections * MIB);
    assert.equal(control.limit, 16);
  });

  it('is at least one and at most the cap, whatever happens', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 16 }),
        fc.array(
          fc.option(
            fc.record({
              elapsedMs: fc.integer({ min: 0, max: 5000 }),
              bytes: fc.integer({ min: -MIB, max: 1000 * MIB }),
              ended: fc.nat(1000),
              saturated: fc.boolean(),
            }),
          ),
        ),
        (cap, events) => {
          const control = new ConcurrencyControl(cap);
          for (const event of events) {
            if (event) control.sample(event);
            else control.congested();
            assert.ok(control.limit >= 1 && control.limit <= cap);
          }
        },
      ),
    );
  });
});

describe('the budget of connections', () => {
  const never = new AbortController().signal;

  it('is given first come, first served, and never beyond the limit', async () => {
    const budget = new TransferBudget(2, () => 0);
    const order: number[] = [];
    const take = async (index: number) => {
      const release = await budget.take(never);
      order.push(index);
      return release;
    };
    const [first, second, third, fourth] = [take(1), take(2), take(3), take(4)];
    (await second)();
    (await third)();
    assert.deepEqual(order, [1, 2, 3]);
    (await first)();
    (await fourth)();
    assert.deepEqual([order, budget.free], [[1, 2, 3, 4], 2]);
  });

  it('forgets who is waiting when that is cancelled', async () => {
    const budget = new TransferBudget(1, () => 0);
    const release = await budget.take(never);
    const cancel = new AbortController();
    const waiting = budget.take(cancel.signal);
    cancel.abort(new Error('never mind'));
    await assert.rejects(waiting, /never mind/);
    release();
    assert.equal(budget.free, 1);
    await assert.rejects(budget.take(cancel.signal), /never mind/);
    assert.equal(budget.free, 1);
  });

  it('grows while bytes leave faster', async () => {
    let now = 0;
    const budget = new TransferBudget(16, () => now);
    let held = 0;
    for (let count = 0; count < 16; count++) void budget.take(never).then(() => (held += 1));
    for (let count = 0; count < 40; count++) {
      await new Promise(setImmediate);
      now += 600;
      budget.moved(held * MIB);
    }
    assert.equal(held, 16);
    assert.ok(budget.rate > 0);
  });
});
