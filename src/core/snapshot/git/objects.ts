import { Readable, Transform } from 'node:stream';
import type { Failure } from '../../failure.ts';
import type { GitObjectId } from '../../objectIds.ts';
import { GitExit } from './exits.ts';
import { explainGit, objectMissing, ObjectsMissing, tooLargeToRead } from './explain.ts';
import type { Git, GitProcess } from './git.ts';

/** The objects of a repository. */
export interface GitObjects {
  /** A whole object, at most {@link LARGEST_HELD} bytes. */
  read(oid: GitObjectId): Promise<Buffer>;
  /** Hands each of `oids`, in their order, to `visit`, which must not keep the buffer: the way to read very many. */
  readEach(oids: readonly GitObjectId[], visit: (oid: GitObjectId, content: Buffer) => void): Promise<void>;
  /** A blob of `size` bytes from byte `start`. Small ones come at once, large ones through a process of their own. */
  open(oid: GitObjectId, size: number, start: number): Promise<Readable>;
}

/** Whether an object of `size` bytes is better read whole: a process of its own costs more than it does. */
export function isSmall(size: number): boolean {
  return size <= LARGEST_SMALL;
}

/** The largest object that is held whole, in bytes. */
const LARGEST_HELD = 16 * 1024 * 1024;

/** Bytes. */
const LARGEST_SMALL = 256 * 1024;

/** Objects that are read like single ones: a process that need not tell each at once is worth starting for more. */
const FEW = 64;

/**
 * Objects through one long-lived `git cat-file --batch`, started when first needed, and again after it failed.
 * It ends with the signal that `git` was made with.
 */
export function gitObjects(git: Git): GitObjects {
  let batch: Batch | undefined;

  // Whoever asks for several things at once has to learn of a cancel from the promise.
  async function read(oid: GitObjectId): Promise<Buffer> {
    if (batch === undefined) {
      const started = startBatch(git, () => {
        if (batch === started) {
          batch = undefined;
        }
      });
      batch = started;
    }
    return batch.read(oid);
  }

  return {
    read,
    readEach: async (oids, visit) => {
      if (oids.length > FEW) return readEach(git, oids, visit);
      const contents = await Promise.all(oids.map(async (oid) => [oid, await read(oid)] as const));
      for (const [oid, content] of contents) visit(oid, content);
    },
    open: async (oid, size, start) =>
      isSmall(size) ? readableOf((await read(oid)).subarray(start)) : openLarge(git, oid, size, start),
  };
}

function readableOf(content: Buffer): Readable {
  return new Readable({
    read() {
      this.push(content);
      this.push(null);
    },
  });
}

interface Batch {
  read(oid: GitObjectId): Promise<Buffer>;
}

interface Pending {
  readonly resolve: (content: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

function startBatch(git: Git, onEnd: () => void): Batch {
  const process = git.start('cat-file', '--batch');
  const pending = new Set<Pending>();
  let asked = '';

  function send(): void {
    process.stdin.write(asked);
    asked = '';
  }

  function next(): Pending | undefined {
    const [first] = pending;
    if (first !== undefined) {
      pending.delete(first);
    }
    return first;
  }

  function fail(error: unknown): void {
    onEnd();
    process.kill();
    for (const request of pending) {
      request.reject(error);
    }
    pending.clear();
  }

  readAnswers(process, {
    found: (content) => next()?.resolve(Buffer.from(content)),
    missing: (header) => next()?.reject(missing(git, header)),
    tooLarge: (header) => fail(tooLarge(git, header)),
  });
  process.ended.then(() => fail(unanswered(git)), fail);

  return {
    read: (oid) =>
      new Promise((resolve, reject) => {
        pending.add({ resolve, reject });
        // Those asked for together go in one write.
        if (asked === '') queueMicrotask(send);
        asked += `${oid}\n`;
      }),
  };
}

async function readEach(
  git: Git,
  oids: readonly GitObjectId[],
  visit: (oid: GitObjectId, content: Buffer) => void,
): Promise<void> {
  const process = git.start('cat-file', '--batch', '--buffer');
  let failure: Error | undefined;
  let visited = 0;
  const fail = (error: Error) => {
    failure ??= error;
    process.kill();
  };
  readAnswers(process, {
    found: (content) => {
      const oid = oids[visited];
      visited += 1;
      if (oid !== undefined) {
        visit(oid, content);
      }
    },
    missing: (header) => fail(missing(git, header)),
    tooLarge: (header) => fail(tooLarge(git, header)),
  });
  process.stdin.end(oids.map((oid) => `${oid}\n`).join(''));
  await process.ended.catch((error: unknown) => {
    throw failure ?? error;
  });
  if (visited !== oids.length) {
    throw failure ?? unanswered(git);
  }
}

/** @param header of an answer, as in `<oid> missing`. */
function missing(git: Git, header: string): Failure {
  return objectMissing(git.folder, [], new ObjectsMissing(header.split(' ', 1), { cause: header }));
}

/** @param header of an answer, as in `<oid> <type> <size>`. */
function tooLarge({ folder }: Pick<Git, 'folder'>, header: string): Failure {
  const [oid = '', , bytes] = header.split(' ');
  return tooLargeToRead(folder, oid, Number(bytes));
}

/** Git ended well, and had not answered yet. */
function unanswered({ folder }: Pick<Git, 'folder'>): Failure {
  return explainGit(new GitExit('cat-file', 0, ''), folder);
}

/** One call for each object asked for, in that order. */
interface Answers {
  /** The buffer is good for the time of the call only. */
  found(content: Buffer): void;
  missing(header: string): void;
  tooLarge(header: string): void;
}

/** Parses git-cat-file's batch output: `<oid> <type> <size>\n<content>\n`, or a line that names no size. */
function readAnswers(process: GitProcess, answers: Answers): void {
  let unread: Buffer[] = [];
  let unreadBytes = 0;
  /** Bytes of content and its line end still to come; undefined while a header is. */
  let expected: number | undefined;

  process.stdout.on('data', (chunk: Buffer) => {
    unread.push(chunk);
    unreadBytes += chunk.length;
    // An object of many chunks is put together once, not at every chunk.
    if (expected !== undefined && unreadBytes < expected) {
      return;
    }
    const buffer = unread.length === 1 ? chunk : Buffer.concat(unread);
    let at = 0;
    for (;;) {
      if (expected === undefined) {
        const newline = buffer.indexOf(0x0a, at);
        if (newline < 0) {
          break;
        }
        const header = buffer.toString('latin1', at, newline);
        at = newline + 1;
        const size = Number(/ (\d+)$/.exec(header)?.[1] ?? NaN);
        if (Number.isNaN(size)) {
          answers.missing(header);
          continue;
        }
        if (size > LARGEST_HELD) {
          process.stdout.removeAllListeners('data').resume();
          answers.tooLarge(header);
          return;
        }
        expected = size + 1;
      }
      if (buffer.length - at < expected) {
        break;
      }
      answers.found(buffer.subarray(at, at + expected - 1));
      at += expected;
      expected = undefined;
    }
    unread = at < buffer.length ? [buffer.subarray(at)] : [];
    unreadBytes = buffer.length - at;
  });
}

function openLarge(git: Git, oid: GitObjectId, size: number, start: number): Readable {
  const process = git.start('cat-file', 'blob', oid);
  process.stdin.end();
  return checked(git.folder, process, size, start);
}

/** The output from byte `start`; an error where it is not `size` bytes or Git fails. Destroying it ends the process. */
function checked(folder: string, process: GitProcess, size: number, start: number): Readable {
  let seen = 0;
  const content = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const skip = Math.min(Math.max(start - seen, 0), chunk.length);
      seen += chunk.length;
      done(null, skip === chunk.length ? undefined : chunk.subarray(skip));
    },
    flush(done) {
      process.ended.then(
        () => done(seen === size ? null : explainGit(new GitExit('cat-file', 0, ''), folder)),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  content.on('close', () => process.kill());
  process.stdout.on('error', (error) => content.destroy(error));
  process.stdout.pipe(content);
  return content;
}
