import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** A SHA-256 of bytes that come one after another. */
export interface RunningSha256 {
  /** Resolves when the bytes have been taken in, and their memory may be used again. */
  update(bytes: Uint8Array): Promise<unknown> | undefined;
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

/**
 * The thread's program: `[id, bytes]` is added and `[id]` ends the hash, each answered, in order, by `[id]` and
 * `[id, digest]`. A text, because a bundle has no file for a thread of its own.
 */
const PROGRAM = `
const { createHash } = require('node:crypto');
const { parentPort } = require('node:worker_threads');
const hashes = new Map();
parentPort.on('message', ([id, bytes]) => {
  if (!hashes.has(id)) hashes.set(id, createHash('sha256'));
  if (bytes) {
    hashes.get(id).update(bytes);
    parentPort.postMessage([id]);
  } else {
    parentPort.postMessage([id, hashes.get(id).digest('hex')]);
    hashes.delete(id);
  }
});
`;

type Reply = readonly [id: number, digest?: string];

interface Waiting {
  readonly resolve: (digest: string) => void;
  readonly reject: (error: unknown) => void;
}

/** The thread is started by the first large content. */
export function createSha256Thread(): Sha256Thread {
  let worker: Worker | undefined;
  let broken: Error | undefined;
  let lastId = 0;
  /** In the order of what was asked. */
  const waiting = new Map<number, Waiting[]>();

  const fail = (error: Error): void => {
    broken ??= error;
    for (const { reject } of [...waiting.values()].flat()) reject(error);
    waiting.clear();
  };
  const start = (): Worker => {
    const started = new Worker(PROGRAM, { eval: true, name: 'SHA-256' });
    started.on('message', ([id, digest = '']: Reply) => waiting.get(id)?.shift()?.resolve(digest));
    started.on('error', fail);
    started.on('exit', () => fail(new Error('The thread that hashes has ended.')));
    return started;
  };
  const ask = (id: number, bytes?: Uint8Array): Promise<string> => {
    const answer = new Promise<string>((resolve, reject) => {
      if (broken !== undefined) {
        reject(broken);
        return;
      }
      const before = waiting.get(id);
      if (before === undefined) waiting.set(id, [{ resolve, reject }]);
      else before.push({ resolve, reject });
      worker ??= start();
      worker.postMessage([id, bytes]);
    });
    // Who was stopped meanwhile does not look at it any more.
    answer.catch(() => undefined);
    return answer;
  };

  return {
    begin(bytes) {
      if (bytes < LARGE_BYTES) {
        const hash = createHash('sha256');
        return {
          update(piece) {
            hash.update(piece);
            return undefined;
          },
          digest: () => hash.digest('hex'),
        };
      }
      const id = (lastId += 1);
      return {
        update: (piece) => ask(id, shared(piece)),
        digest: () => ask(id),
      };
    },
    async close() {
      fail(new Error('The hashing has ended.'));
      await worker?.terminate();
    },
  };
}

/** Bytes in memory that both threads see; others are copied there, as memory of one thread travels by copy only. */
function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) {
    // A Buffer would arrive as its whole pool.
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  copy.set(bytes);
  return copy;
}
