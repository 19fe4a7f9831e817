import type { BigIntStats } from 'node:fs';
import { appendFile, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import { asGitObjectId, asSha256, type GitObjectId, type Sha256 } from '../objectIds.ts';
import { replaceWith } from './files/replaceFile.ts';
import { makeFolder } from './files/makeFolder.ts';
import { hasCode } from './files/systemErrors.ts';

declare const brand: unique symbol;

/** What a hash is remembered by: it names other content as soon as the content changes. */
export type HashKey = string & { readonly [brand]: 'hashKey' };

/** The key of a file as `stats` found it. Of use only once the file {@link isSettled}. */
export function fileKey({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): HashKey {
  return `file:${[dev, ino, size, mtimeNs, ctimeNs].join(':')}` as HashKey;
}

/** The key of a Git blob, whose content never changes. */
export function blobKey(gitSha1: GitObjectId): HashKey {
  return `git:${gitSha1}` as HashKey;
}

/** Coarsest step of a clock that file systems write times with: FAT's. Milliseconds. */
const CLOCK_STEP_MS = 2000;

/**
 * Whether a file's times are old enough at `now` (milliseconds of the Unix epoch) that a later write has to change
 * them: two writes within one step of the file system's clock look the same (https://git-scm.com/docs/racy-git).
 */
export function isSettled({ ino, mtimeMs, ctimeMs }: BigIntStats, now: number): boolean {
  // Where a file system numbers no files, two of one size and time look the same, too.
  return ino !== 0n && Math.max(Number(mtimeMs), Number(ctimeMs)) + CLOCK_STEP_MS < now;
}

/** The names that one content goes by. */
export interface ContentHashes {
  readonly sha256: Sha256;
  /** Git object id of the content as a blob, where it was computed. */
  readonly gitSha1?: GitObjectId;
}

/** Hashes computed earlier, by this process or another one. Never fails: what cannot be kept is computed again. */
export interface HashMemory {
  sha256Of(key: HashKey): Promise<Sha256 | undefined>;
  gitSha1Of(key: HashKey): Promise<GitObjectId | undefined>;
  /** Resolves when it is on disk, or cannot be. */
  remember(key: HashKey, hashes: ContentHashes): Promise<void>;
}

interface HashMemoryOptions {
  /** Absolute path of the folder that holds the memory's one file; made when there is something to keep. */
  readonly folder: string;
  readonly log: Log;
  /** How many of the newest entries are kept. */
  readonly mostEntries?: number;
}

const FILE_NAME = 'hashes.v1';
const MOST_ENTRIES = 50_000;
/** The file may grow by this factor before it is written anew without what is too old. */
const SLACK = 1.5;
/** An entry's line is shorter than this. Bytes. */
const LONGEST_LINE = 256;

export function createHashMemory({ folder, log, mostEntries = MOST_ENTRIES }: HashMemoryOptions): HashMemory {
  const file = new HashFile(folder, log, mostEntries);
  return {
    sha256Of: async (key) => (await file.entries()).get(key)?.sha256,
    gitSha1Of: async (key) => (await file.entries()).get(key)?.gitSha1,
    remember: (key, hashes) => file.remember(key, hashes),
  };
}

/**
 * One line an entry, newest last, added by appending: processes that share the folder do not disturb each other, and
 * one that is killed loses at most the line it was writing.
 */
class HashFile {
  readonly #folder: string;
  readonly #file: string;
  readonly #log: Log;
  readonly #mostEntries: number;
  readonly #mostLines: number;
  readonly #complaints = new Set<string>();
  #loaded: Promise<Map<string, ContentHashes>> | undefined;
  #lines = 0;
  #unwritten: string[] = [];
  #writing: Promise<void> | undefined;

  constructor(folder: string, log: Log, mostEntries: number) {
    this.#folder = folder;
    this.#file = join(folder, FILE_NAME);
    this.#log = log;
    this.#mostEntries = mostEntries;
    this.#mostLines = Math.ceil(mostEntries * SLACK);
  }

  async remember(key: HashKey, hashes: ContentHashes): Promise<void> {
    this.#keep(await this.entries(), key, hashes);
    this.#unwritten.push(hashLine(key, hashes));
    await (this.#writing ??= this.#write());
  }

  entries(): Promise<Map<string, ContentHashes>> {
    return (this.#loaded ??= this.#load());
  }

  async #load(): Promise<Map<string, ContentHashes>> {
    const known = new Map<string, ContentHashes>();
    let text: string | undefined;
    try {
      text = await readBounded(this.#file, this.#mostLines * LONGEST_LINE * 2);
    } catch (error) {
      if (!hasCode(error, 'ENOENT'))
        this.#complain(`Earlier hashes in ${this.#file} cannot be read and are computed again.`, error);
      return known;
    }
    const written = text?.split('\n').filter((line) => line !== '') ?? [];
    const parsed = written.map(parseHashLine);
    for (const entry of parsed) {
      if (entry !== undefined) this.#keep(known, ...entry);
    }
    this.#lines = written.length;
    if (text === undefined || parsed.includes(undefined)) {
      this.#complain(
        `A part of ${this.#file} is no list of hashes; it is left out, and those hashes are computed again.`,
      );
      this.#lines = Infinity;
    }
    return known;
  }

  #keep(known: Map<string, ContentHashes>, key: string, hashes: ContentHashes): void {
    // To the end, among the newest.
    known.delete(key);
    known.set(key, hashes);
    for (const oldest of known.keys()) {
      if (known.size <= this.#mostEntries) break;
      known.delete(oldest);
    }
  }

  async #write(): Promise<void> {
    while (this.#unwritten.length > 0) {
      const added = this.#unwritten;
      this.#unwritten = [];
      try {
        await makeFolder(this.#folder);
        this.#lines += added.length;
        if (this.#lines > this.#mostLines) await this.#rewrite();
        else await appendFile(this.#file, added.join(''), { mode: 0o600 });
      } catch (error) {
        this.#complain(`Hashes cannot be kept in ${this.#file} and will be computed again.`, error);
      }
    }
    this.#writing = undefined;
  }

  /** Takes in what other processes have added since; what they add during the rename is computed again one day. */
  async #rewrite(): Promise<void> {
    const mine = await this.entries();
    const theirs = await this.#load();
    for (const [key, hashes] of mine) this.#keep(theirs, key, hashes);
    const text = [...theirs].map(([key, hashes]) => hashLine(key, hashes)).join('');
    await replaceWith(this.#file, (temporary) => writeFile(temporary, text, { mode: 0o600 }));
    this.#loaded = Promise.resolve(theirs);
    this.#lines = theirs.size;
  }

  #complain(what: string, error?: unknown): void {
    if (this.#complaints.has(what)) return;
    this.#complaints.add(what);
    this.#log.warn(error instanceof Error ? `${what} ${error.message}` : what);
  }
}

/** The file's text; undefined where it is longer than `most` bytes. */
async function readBounded(file: string, most: number): Promise<string | undefined> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    return size > most ? undefined : await handle.readFile('latin1');
  } finally {
    await handle.close();
  }
}

export function hashLine(key: string, { sha256, gitSha1 }: ContentHashes): string {
  return `${key} ${sha256} ${gitSha1 ?? '-'}\n`;
}

/** Undefined for anything but a whole line: one that was cut short, and grew together with the next, names nothing. */
export function parseHashLine(line: string): [key: string, hashes: ContentHashes] | undefined {
  const [, key, first, second] =
    /^(file(?::-?\d{1,20}){5}|git:[0-9a-f]{40}) ([0-9a-f]{64}) ([0-9a-f]{40}|-)$/.exec(line) ?? [];
  const sha256 = first === undefined ? undefined : asSha256(first);
  const gitSha1 = second === undefined ? undefined : asGitObjectId(second);
  if (key === undefined || sha256 === undefined) return undefined;
  return [key, gitSha1 === undefined ? { sha256 } : { sha256, gitSha1 }];
}
