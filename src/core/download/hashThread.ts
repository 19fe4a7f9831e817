import { Worker } from 'node:worker_threads';
import type { ContentId } from '../snapshot/hfCache/contentId.ts';

/** The hash of an open file that grows, computed by a thread that reads behind whoever writes. */
export interface FileHash {
  /** The file holds its first `end` bytes: they may be read, and do not change any more. */
  reaches(end: number): void;
  /** The hash of all that was reached, in lower-case hex. Rejects where reading fails, or `end` is called before. */
  digest(): Promise<string>;
  /** Resolves when the file is not read any more, and may be closed. Has to be called, after `digest`, too. */
  end(): Promise<void>;
}

/**
 * The thread's program. It reads a block of each file in turn, so that what it is told meanwhile is heard soon. A text,
 * because a bundle has no file for a thread of its own.
 */
const PROGRAM = `
const { createHash } = require('node:crypto');
const { readSync } = require('node:fs');
const { parentPort } = require('node:worker_threads');
const files = new Map();
const block = Buffer.allocUnsafe(1024 * 1024);
let isReading = false;
const advance = (file) => {
  const count = readSync(file.fd, block, 0, Math.min(block.length, file.end - file.at), file.at);
  if (count === 0) throw new Error('It is shorter than what was written to it.');
  file.hash.update(block.subarray(0, count));
  file.at += count;
};
const read = () => {
  isReading = false;
  for (const [id, file] of files) {
    try {
      if (file.at < file.end) advance(file);
      if (file.at < file.end) isReading = true;
      else if (file.isAsked) {
        files.delete(id);
        parentPort.postMessage({ id, digest: file.hash.digest('hex') });
      }
    } catch (error) {
      files.delete(id);
      const { message, errno = -5, code = 'EIO', syscall = 'read' } = error;
      parentPort.postMessage({ id, problem: { message, errno, code, syscall } });
    }
  }
  if (isReading) setImmediate(read);
};
parentPort.on('message', ({ id, kind, fd, algorithm, header, end }) => {
  const file = files.get(id);
  if (kind === 'begin') {
    const hash = createHash(algorithm).update(header);
    files.set(id, { fd, hash, at: 0, end: 0, isAsked: false });
  } else if (kind === 'end') {
    files.delete(id);
    parentPort.postMessage({ id, ended: true });
  } else if (file && kind === 'reaches') file.end = end;
  else if (file && kind === 'digest') file.isAsked = true;
  if (!isReading) {
    isReading = true;
    setImmediate(read);
  }
});
`;

interface Reply {
  readonly id: number;
  readonly digest?: string;
  /** Of an error of the file system: an error itself would lose its code on the way. */
  readonly problem?: Readonly<Record<'message' | 'code' | 'syscall', string>> & { readonly errno: number };
  readonly ended?: boolean;
}

interface Waiting {
  readonly resolve: (digest: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Hashes files beside the thread that fetches: ranges arrive in any order, a hash wants them in their own, and what was
 * just written is read from memory. The thread starts with the first file.
 */
export class FileHashThread {
  #worker: Worker | undefined;
  #broken: Error | undefined;
  #lastId = 0;
  readonly #digests = new Map<number, Waiting>();
  readonly #ends = new Map<number, () => void>();
  readonly #failed = new Map<number, Error>();

  /** @param fd Stays open until {@link FileHash.end} has resolved. @param size Bytes of the whole content. */
  begin(fd: number, { id: content, size }: { readonly id: ContentId; readonly size: number }): FileHash {
    this.#lastId += 1;
    const id = this.#lastId;
    const kind = content.kind === 'lfs' ? 'sha256' : 'sha1';
    // As `blobHash` of objectIds.ts begins.
    this.#tell({ id, kind: 'begin', fd, algorithm: kind, header: kind === 'sha1' ? `blob ${size}\0` : '' });
    return {
      reaches: (end) => this.#tell({ id, kind: 'reaches', end }),
      digest: () => this.#digest(id),
      end: () => this.#end(id),
    };
  }

  /** Ends the thread; hashes that were not ended are given up. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#fail(new Error('The hashing has ended.'));
    await worker?.terminate();
  }

  #digest(id: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const failed = this.#broken ?? this.#failed.get(id);
      if (failed !== undefined) {
        reject(failed);
        return;
      }
      this.#digests.set(id, { resolve, reject });
      this.#tell({ id, kind: 'digest' });
    });
  }

  #end(id: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#broken !== undefined) {
        resolve();
        return;
      }
      this.#ends.set(id, resolve);
      this.#tell({ id, kind: 'end' });
    });
  }

  #tell(message: { readonly id: number; readonly kind: string } & Readonly<Record<string, unknown>>): void {
    if (this.#broken !== undefined) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(PROGRAM, { eval: true, name: 'hashes of downloads' });
    worker.on('message', (reply: Reply) => this.#hear(reply));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new Error('The thread that hashes has ended.')));
    return worker;
  }

  #hear({ id, digest, problem, ended }: Reply): void {
    if (ended === true) {
      this.#ends.get(id)?.();
      this.#ends.delete(id);
      this.#failed.delete(id);
      this.#digests.get(id)?.reject(new Error('The hash was given up.'));
    } else if (problem !== undefined) {
      const { message, ...rest } = problem;
      const error = Object.assign(new Error(message), rest);
      this.#failed.set(id, error);
      this.#digests.get(id)?.reject(error);
    } else this.#digests.get(id)?.resolve(digest ?? '');
    this.#digests.delete(id);
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    for (const { reject } of this.#digests.values()) reject(error);
    for (const resolve of this.#ends.values()) resolve();
    this.#digests.clear();
    this.#ends.clear();
  }
}
