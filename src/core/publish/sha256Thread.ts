import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** Resolves when bytes have been taken in, and their memory may be used again. Rejects where the hashing has ended. */
export type TakenIn = () => Promise<void>;

/** A SHA-256 of bytes that come one after another. */
export interface RunningSha256 {
  /**
   * More bytes. What it gives is to be waited for before their memory is used again, and before more are given; nothing
   * where that is so already. The later it is asked, the less it costs: mostly they have been taken in by then.
   */
  update(bytes: Uint8Array): TakenIn | undefined;
  /** Lower-case hex. Nothing can be added any more. */
  digest(): Promise<string> | string;
}

/** Computes SHA-256s beside the thread that reads and sends, so that a fast link does not wait for them. */
export interface Sha256Thread {
  /** @param bytes How many will come: few are hashed at once, where they are. */
  begin(bytes: number): RunningSha256;
  /** Ends the thread; a hash that is still running is given up. */
  close(): Promise<void>;
}

/** Below this a hash takes less time than a thread to start. */
const LARGE_BYTES = 16 * 1024 * 1024;

/** The thread is started by the first large content. */
export function createSha256Thread(): Sha256Thread {
  const thread = new HashingThread();
  let lastId = 0;
  return {
    begin(bytes) {
      if (bytes >= LARGE_BYTES) return new ThreadSha256(thread, (lastId += 1));
      const hash = createHash('sha256');
      return {
        update(piece) {
          hash.update(piece);
          return undefined;
        },
        digest: () => hash.digest('hex'),
      };
    },
    close: () => thread.close(),
  };
}

/** Where each number is in what both threads see of a hash. */
const DONE = 0;
const IS_AWAITED = 1;

/**
 * The thread's program: `[id, bytes]` is added and `[id]` ends the hash, which is answered by `[id, digest]`. The first
 * message brings the hash's numbers along. To wake another thread takes longer than to hash a small piece, so what has
 * been added is only counted there, and told, by `[id]`, to who says that he waits. A text, because a bundle has no file
 * for a thread of its own.
 */
const PROGRAM = `
const { createHash } = require('node:crypto');
const { parentPort } = require('node:worker_threads');
const hashes = new Map();
parentPort.on('message', ([id, bytes, numbers]) => {
  if (numbers) hashes.set(id, { hash: createHash('sha256'), numbers });
  const known = hashes.get(id);
  if (bytes) {
    known.hash.update(bytes);
    Atomics.add(known.numbers, ${DONE}, 1);
    if (Atomics.exchange(known.numbers, ${IS_AWAITED}, 0)) parentPort.postMessage([id]);
  } else {
    parentPort.postMessage([id, known.hash.digest('hex')]);
    hashes.delete(id);
  }
});
`;

type Message = readonly [id: number, bytes?: Uint8Array, numbers?: Int32Array];
type Reply = readonly [id: number, digest?: string];

/** The first reply of a kind that comes after it was asked for. */
class Awaited<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => Object.assign(this, { resolve, reject }));
    // Who was stopped meanwhile does not look at it any more.
    this.promise.catch(() => undefined);
  }
}

class HashingThread {
  #worker: Worker | undefined;
  #broken: Error | undefined;
  /** By the hash. */
  readonly #steps = new Map<number, Awaited<void>>();
  readonly #digests = new Map<number, Awaited<string>>();

  post(message: Message): void {
    this.throwIfBroken();
    this.#worker ??= this.#started();
    this.#worker.postMessage(message);
  }

  throwIfBroken(): void {
    if (this.#broken !== undefined) throw this.#broken;
  }

  /** Resolves when the thread tells next that it has added to that hash. */
  nextStep(id: number): Promise<void> {
    return awaitedIn(this.#steps, id).promise;
  }

  digest(id: number): Promise<string> {
    const digest = awaitedIn(this.#digests, id);
    this.post([id]);
    return digest.promise;
  }

  async close(): Promise<void> {
    this.#fail(new Error('The hashing has ended.'));
    await this.#worker?.terminate();
  }

  #started(): Worker {
    const worker = new Worker(PROGRAM, { eval: true, name: 'SHA-256' });
    worker.on('message', ([id, digest]: Reply) => {
      if (digest !== undefined) this.#digests.get(id)?.resolve(digest);
      else this.#steps.get(id)?.resolve();
      (digest === undefined ? this.#steps : this.#digests).delete(id);
    });
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new Error('The thread that hashes has ended.')));
    return worker;
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    for (const { reject } of [...this.#steps.values(), ...this.#digests.values()]) reject(error);
    this.#steps.clear();
    this.#digests.clear();
  }
}

function awaitedIn<T>(all: Map<number, Awaited<T>>, id: number): Awaited<T> {
  const known = all.get(id) ?? new Awaited<T>();
  all.set(id, known);
  return known;
}

/** What small pieces are gathered in, so that the thread is not woken for each. Bytes. */
const GATHERED = 512 * 1024;
/** Gathered pieces that the thread may be behind. */
const MOST_BEHIND = 2;

/**
 * A hash on the thread. Bytes in memory that both threads see are read where they are. Others, such as a socket's, are
 * copied, as memory of one thread travels by copy only: into a few pieces of memory that are used again and again,
 * because fresh memory is freed too late for it to stay little.
 */
class ThreadSha256 implements RunningSha256 {
  readonly #thread: HashingThread;
  readonly #id: number;
  readonly #numbers = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  #posted = 0;
  #gathering: Uint8Array | undefined;
  #gathered = 0;
  /** Gathered pieces on their way, and how many are done when one of them is. */
  readonly #behind: { readonly memory: Uint8Array; readonly count: number }[] = [];

  constructor(thread: HashingThread, id: number) {
    this.#thread = thread;
    this.#id = id;
  }

  update(bytes: Uint8Array): TakenIn {
    if (bytes.buffer instanceof SharedArrayBuffer) {
      this.#postGathered();
      // A Buffer would arrive as its whole pool.
      this.#post(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      const count = this.#posted;
      return () => this.#taken(count);
    }
    for (let at = 0; at < bytes.byteLength;) {
      const memory = (this.#gathering ??= this.#freeMemory());
      const piece = bytes.subarray(at, at + memory.byteLength - this.#gathered);
      memory.set(piece, this.#gathered);
      this.#gathered += piece.byteLength;
      at += piece.byteLength;
      if (this.#gathered === memory.byteLength) this.#postGathered();
    }
    const count = this.#behind.at(-1 - MOST_BEHIND)?.count ?? 0;
    return () => this.#taken(count);
  }

  async digest(): Promise<string> {
    this.#postGathered();
    if (this.#posted === 0) this.#post(new Uint8Array());
    return this.#thread.digest(this.#id);
  }

  #post(bytes: Uint8Array): void {
    this.#thread.post(this.#posted === 0 ? [this.#id, bytes, this.#numbers] : [this.#id, bytes]);
    this.#posted += 1;
  }

  #postGathered(): void {
    const memory = this.#gathering;
    if (memory === undefined) return;
    this.#post(memory.subarray(0, this.#gathered));
    this.#behind.push({ memory, count: this.#posted });
    this.#gathering = undefined;
    this.#gathered = 0;
  }

  #freeMemory(): Uint8Array {
    const [first] = this.#behind;
    if (first === undefined || first.count > Atomics.load(this.#numbers, DONE)) {
      return new Uint8Array(new SharedArrayBuffer(GATHERED));
    }
    this.#behind.shift();
    return first.memory;
  }

  /** Resolves when so many pieces have been added. */
  async #taken(count: number): Promise<void> {
    for (;;) {
      this.#thread.throwIfBroken();
      if (Atomics.load(this.#numbers, DONE) >= count) return;
      const step = this.#thread.nextStep(this.#id);
      Atomics.store(this.#numbers, IS_AWAITED, 1);
      // It may have been added before the thread could see that somebody waits.
      if (Atomics.load(this.#numbers, DONE) >= count) return;
      await step;
    }
  }
}
