import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MAX_PER_CALL } from '../../../src/core/hub/connection.ts';
import { CALLS_AT_ONCE } from '../../../src/core/publish/perCall.ts';
import {
  closed,
  nextCall,
  nextTransfer,
  NOTHING_TO_SEND,
  withAnswer,
  withObjects,
  type Link,
  type TransferOrder,
} from '../../../src/core/publish/transferOrder.ts';

interface Sized {
  readonly name: string;
  readonly size: number;
}
type Order = TransferOrder<Sized>;

const MIB = 1024 * 1024;
const LINK: Link = { free: 4, rate: 0 };
const objects = (...sizes: number[]): Sized[] => sizes.map((size, index) => ({ name: `o${index}`, size }));
const sizesOf = (all: readonly Sized[]): number[] => all.map(({ size }) => size);
const orderOf = (...sizes: number[]): Order => withObjects(NOTHING_TO_SEND, objects(...sizes));
const ask = (order: Order, link = LINK) => nextCall(order, link);
/** All calls that are due now. */
const askAll = (order: Order, link = LINK): readonly [Order, readonly (readonly Sized[])[]] => {
  const [next, asked] = nextCall(order, link);
  if (asked.length === 0) return [next, []];
  const [last, more] = askAll(next, link);
  return [last, [asked, ...more]];
};

describe('The order of transfers', () => {
  it('asks about the largest first, and sends in the order of the question', () => {
    const [asking, asked] = ask(orderOf(1, 5, 3));
    assert.deepEqual(sizesOf(asked), [5, 3, 1]);
    const answered = withAnswer(asking, asked, ({ size }) => size !== 3);
    const first = nextTransfer(answered);
    assert(typeof first !== 'string');
    assert.equal(first[1].size, 5);
    const second = nextTransfer(first[0]);
    assert(typeof second !== 'string');
    assert.equal(second[1].size, 1);
    assert.deepEqual(second[0].ahead, { objects: 0, bytes: 0 });
    assert.equal(nextTransfer(second[0]), 'wait');
    assert.equal(nextTransfer(closed(second[0])), 'end');
  });

  it('takes later, larger objects first', () => {
    const [, asked] = ask(withObjects(orderOf(1, 5), [{ name: 'late', size: 9 }]));
    assert.deepEqual(sizesOf(asked), [9, 5, 1]);
  });

  it('does not end while a call is under way, or something is not asked about', () => {
    assert.equal(nextTransfer(closed(orderOf(1))), 'wait');
    const [asking, asked] = ask(closed(orderOf(1)));
    assert.equal(nextTransfer(asking), 'wait');
    assert.equal(nextTransfer(withAnswer(asking, asked, () => false)), 'end');
    assert.equal(nextTransfer(closed(NOTHING_TO_SEND)), 'end');
  });

  it('asks about no more in one call than a server takes, and ahead of two calls at most', () => {
    const [order, calls] = askAll(orderOf(...Array.from({ length: 1000 }, () => 1)), { free: 600, rate: 0 });
    assert.deepEqual(
      calls.map((call) => call.length),
      [MAX_PER_CALL, MAX_PER_CALL],
    );
    assert.equal(order.ahead.objects, 2 * MAX_PER_CALL);
  });

  it('asks no further ahead than some seconds at the speed of late, but for every free connection', () => {
    const large = orderOf(...Array.from({ length: 50 }, () => 40 * MIB));
    const ahead = (link: Link): number => askAll(large, link)[0].ahead.objects;
    assert.equal(ahead({ free: 1, rate: 0 }), 2);
    assert.equal(ahead({ free: 0, rate: 0 }), 2);
    assert.equal(ahead({ free: 7, rate: 0 }), 7);
    assert.equal(ahead({ free: 1, rate: 40 * MIB }), 10);
  });

  it('asks again when there is room, with so many calls at once', () => {
    let order = orderOf(...Array.from({ length: 50 }, () => 100 * MIB));
    for (let call = 1; call <= CALLS_AT_ONCE; call++) {
      const [next, asked] = ask(order, { free: call, rate: 0 });
      assert.equal(asked.length, 1);
      order = next;
    }
    assert.deepEqual(ask(order, { free: 50, rate: 0 }), [order, []]);
    const answered = withAnswer(order, objects(100 * MIB), () => false);
    assert.equal(ask(answered, { free: 50, rate: 0 })[1].length, 47);
  });

  it('sends every object once that is lacking, and keeps count, whatever comes when', () => {
    const event = fc.oneof(
      fc.record({
        kind: fc.constant('add' as const),
        sizes: fc.array(fc.nat(100 * MIB), { maxLength: 300 }),
      }),
      fc.record({ kind: fc.constant('answer' as const), lacking: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('send' as const) }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.nat(16), fc.nat(100 * MIB), (events, free, rate) => {
        let order: Order = NOTHING_TO_SEND;
        let count = 0;
        const calls: (readonly Sized[])[] = [];
        const lacking: string[] = [];
        const sent: string[] = [];
        const look = (): void => {
          const [next, asked] = askAll(order, { free, rate });
          order = next;
          calls.push(...asked);
          assert.ok(calls.length <= CALLS_AT_ONCE);
          const waiting = [...calls.flat(), ...order.ready];
          assert.deepEqual(order.ahead, {
            objects: waiting.length,
            bytes: waiting.reduce((sum, { size }) => sum + size, 0),
          });
        };
        const answer = (every: number): void => {
          const asked = calls.shift();
          if (asked === undefined) return;
          const isLacking = ({ name }: Sized): boolean => Number(name) % every === 0;
          lacking.push(...asked.filter(isLacking).map(({ name }) => name));
          order = withAnswer(order, asked, isLacking);
        };
        const send = (): boolean => {
          const next = nextTransfer(order);
          if (typeof next === 'string') return next === 'end';
          order = next[0];
          sent.push(next[1].name);
          return false;
        };
        for (const each of events) {
          if (each.kind === 'add') {
            order = withObjects(
              order,
              each.sizes.map((size) => ({ name: String(count++), size })),
            );
          } else if (each.kind === 'answer') answer(each.lacking);
          else send();
          look();
        }
        order = closed(order);
        for (let turns = 0; !send(); turns++) {
          assert.ok(turns < 10 * count + 10, 'it ends');
          answer(2);
          look();
        }
        assert.deepEqual(sent, lacking);
        assert.equal(order.unasked.length, 0);
      }),
    );
  });
});
