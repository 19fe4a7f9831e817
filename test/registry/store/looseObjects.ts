import * as fs from 'node:fs';
import * as path from 'node:path';
import { constants, inflateSync } from 'node:zlib';

// Git keeps what comes in small commits in a file for each object, and those need no process to be read:
// https://git-scm.com/book/en/v2/Git-Internals-Git-Objects. All here is undefined for what is in a pack or not there.

/** Enough for the header of any object, behind the longest tables of a deflated block (RFC 1951, section 3.2.7). */
const HEADER_BYTES = 1024;

export interface LooseObject {
  /** `commit`, `tree`, `blob` or `tag`. */
  readonly type: string;
  readonly content: Buffer;
}

/** A commit, as far as lists show it. */
export interface LooseCommit {
  readonly sha: string;
  readonly tree: string;
  readonly author: string;
  readonly date: Date;
  readonly message: string;
}

/** What a tree holds. */
export interface TreeEntry {
  /** As Git writes it in the tree: `100644`, and `40000` for a folder. */
  readonly mode: string;
  readonly name: string;
  readonly oid: string;
}

export function looseObject(gitDirectory: string, oid: string): LooseObject | undefined {
  const deflated = unlessAbsent(() => fs.readFileSync(fileOf(gitDirectory, oid)));
  if (deflated === undefined) return undefined;
  const bytes = inflateSync(deflated);
  const end = bytes.indexOf(0);
  return { type: bytes.toString('latin1', 0, bytes.indexOf(' ')), content: bytes.subarray(end + 1) };
}

/** Bytes of an object, of which no more than the header is read. */
export function looseSize(gitDirectory: string, oid: string): number | undefined {
  const file = unlessAbsent(() => fs.openSync(fileOf(gitDirectory, oid), 'r'));
  if (file === undefined) return undefined;
  try {
    const beginning = Buffer.alloc(HEADER_BYTES);
    const read = fs.readSync(file, beginning);
    const bytes = inflateSync(beginning.subarray(0, read), { finishFlush: constants.Z_SYNC_FLUSH });
    const [, size] = /^\w+ (\d+)\0/.exec(bytes.toString('latin1')) ?? [];
    if (size === undefined) throw new Error(`${gitDirectory} has no object ${oid} that can be read.`);
    return Number(size);
  } finally {
    fs.closeSync(file);
  }
}

/** The entries of a tree, in Git's order. */
export function looseTree(gitDirectory: string, oid: string): TreeEntry[] | undefined {
  const content = looseObject(gitDirectory, oid)?.content;
  if (content === undefined) return undefined;
  const entries: TreeEntry[] = [];
  for (let start = 0; start < content.length;) {
    const space = content.indexOf(0x20, start);
    const end = content.indexOf(0, space);
    entries.push({
      mode: content.toString('latin1', start, space),
      name: content.toString('utf8', space + 1, end),
      oid: content.toString('hex', end + 1, end + 21),
    });
    start = end + 21;
  }
  return entries;
}

export function looseCommit(gitDirectory: string, sha: string): LooseCommit | undefined {
  return commitAndParents(gitDirectory, sha)?.commit;
}

/**
 * A commit and those before it, the newest first, `most` of them at most. Undefined where one has several parents, too: their order is
 * for Git to tell.
 */
export function looseHistory(gitDirectory: string, sha: string, most: number): LooseCommit[] | undefined {
  const history: LooseCommit[] = [];
  for (let next: string | undefined = sha; next !== undefined && history.length < most;) {
    const found = commitAndParents(gitDirectory, next);
    if (found === undefined || found.parents.length > 1) return undefined;
    history.push(found.commit);
    next = found.parents[0];
  }
  return history;
}

function commitAndParents(
  gitDirectory: string,
  sha: string,
): { readonly commit: LooseCommit; readonly parents: readonly string[] } | undefined {
  const object = looseObject(gitDirectory, sha);
  if (object?.type !== 'commit') return undefined;
  const text = object.content.toString('utf8');
  const end = text.indexOf('\n\n');
  const header = text.slice(0, end);
  const [, author = '', seconds = ''] = /^author (.*?) ?<[^>]*> (\d+)/m.exec(header) ?? [];
  return {
    commit: {
      sha,
      tree: /^tree (\w+)/.exec(header)![1]!,
      author,
      date: new Date(Number(seconds) * 1000),
      message: text.slice(end + 2),
    },
    parents: [...header.matchAll(/^parent (\w+)/gm)].map(([, parent]) => parent!),
  };
}

function fileOf(gitDirectory: string, oid: string): string {
  return path.join(gitDirectory, 'objects', oid.slice(0, 2), oid.slice(2));
}

function unlessAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
