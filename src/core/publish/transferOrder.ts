import { MAX_PER_CALL } from '../hub/connection.ts';
import { CALLS_AT_ONCE } from './perCall.ts';

/**
 * Objects on their way to a registry, as far as they have not begun to travel. A value: what happens makes another one
 * of it. The largest travels first, and the registry is asked about an object shortly before it does.
 */
export interface TransferOrder<T> {
  /** Smallest first: the next one to be asked about is the last. */
  readonly unasked: readonly T[];
  /** Calls that ask about objects, and that are under way. */
  readonly calls: number;
  /** What the registry lacks, in the order in which it is to be sent. */
  readonly ready: readonly T[];
  /** Objects asked about that have not begun to travel. */
  readonly ahead: Amount;
  /** Whether no more will come. */
  readonly isClosed: boolean;
}

interface Amount {
  readonly objects: number;
  readonly bytes: number;
}

interface Sized {
  readonly size: number;
}

/** What the way to the registry is like now. */
export interface Link {
  /** Connections that nobody uses. */
  readonly free: number;
  /** Bytes a second of late; 0 before anything is known. */
  readonly rate: number;
}

/** It is asked so many seconds ahead at the speed of late, or so many bytes if more; and so many objects at most. */
const AHEAD_SECONDS = 10;
const AHEAD_BYTES = 64 * 1024 * 1024;
const AHEAD_OBJECTS = 2 * MAX_PER_CALL;

export const NOTHING_TO_SEND: TransferOrder<never> = {
  unasked: [],
  calls: 0,
  ready: [],
  ahead: { objects: 0, bytes: 0 },
  isClosed: false,
};

export function withObjects<T extends Sized>(
  order: TransferOrder<T>,
  objects: readonly T[],
): TransferOrder<T> {
  return { ...order, unasked: [...order.unasked, ...objects].sort((a, b) => a.size - b.size) };
}

export function closed<T>(order: TransferOrder<T>): TransferOrder<T> {
  return { ...order, isClosed: true };
}

/** The objects to ask about in one call now; empty where it is too early. When answered, {@link withAnswer} is owed. */
export function nextCall<T extends Sized>(
  order: TransferOrder<T>,
  link: Link,
): readonly [TransferOrder<T>, readonly T[]] {
  if (order.calls >= CALLS_AT_ONCE) return [order, []];
  const objects: T[] = [];
  let ahead = order.ahead;
  for (let at = order.unasked.length - 1; at >= 0; at--) {
    const object = order.unasked[at];
    if (object === undefined || objects.length === MAX_PER_CALL || isEnough(ahead, link)) break;
    ahead = { objects: ahead.objects + 1, bytes: ahead.bytes + object.size };
    objects.push(object);
  }
  if (objects.length === 0) return [order, objects];
  const unasked = order.unasked.slice(0, order.unasked.length - objects.length);
  return [{ ...order, unasked, ahead, calls: order.calls + 1 }, objects];
}

function isEnough({ objects, bytes }: Amount, { free, rate }: Link): boolean {
  if (objects >= AHEAD_OBJECTS) return true;
  return objects >= Math.max(1, free) && bytes >= Math.max(AHEAD_BYTES, rate * AHEAD_SECONDS);
}

/** @param objects What a call asked about; the registry lacks those of them that `isLacking` says. */
export function withAnswer<T extends Sized>(
  order: TransferOrder<T>,
  objects: readonly T[],
  isLacking: (object: T) => boolean,
): TransferOrder<T> {
  const ahead = objects.filter((object) => !isLacking(object)).reduce(without, order.ahead);
  return { ...order, calls: order.calls - 1, ready: [...order.ready, ...objects.filter(isLacking)], ahead };
}

/** What to do with a free connection: send an object, wait until something changes, or give it back for good. */
export function nextTransfer<T extends Sized>(
  order: TransferOrder<T>,
): readonly [TransferOrder<T>, T] | 'wait' | 'end' {
  const [object] = order.ready;
  if (object !== undefined) {
    return [{ ...order, ready: order.ready.slice(1), ahead: without(order.ahead, object) }, object];
  }
  return order.isClosed && order.calls === 0 && order.unasked.length === 0 ? 'end' : 'wait';
}

function without({ objects, bytes }: Amount, { size }: Sized): Amount {
  return { objects: objects - 1, bytes: bytes - size };
}
