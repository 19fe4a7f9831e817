import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Log } from '../log.ts';
import { type GitObjectId, asGitObjectId } from '../objectIds.ts';
import { readSmallFile } from '../snapshot/files/regularFile.ts';
import { replaceWith } from '../snapshot/files/replaceFile.ts';
import { makeFolder } from '../snapshot/files/makeFolder.ts';
import { hasCode } from '../snapshot/files/systemErrors.ts';
import { hubSource, type HubSource } from './hubSource.ts';

/** A publish as it began. Holds no token. */
export interface PublishRecord {
  /** What `HF_ENDPOINT` would hold. */
  readonly endpoint: string;
  /** `namespace/name`. */
  readonly model: string;
  readonly revision: string;
  /** Absolute path of the repository or snapshot folder; of a model of another hub its address. */
  readonly repository: string;
  /** The published folder in it, forward slashes; empty for all of it. */
  readonly folder: string;
  readonly commit: GitObjectId;
  /** Where the commit is, where it is one of another hub. Absent: it is in the repository. */
  readonly source?: HubSource;
  /** The registry that the endpoint is of, by slugs; absent where whoever published did not tell. */
  readonly registry?: RecordedRegistry;
  /** The commit message that was given; undefined where it is the subject of the commit. */
  readonly message?: string | undefined;
  /** Milliseconds of the Unix epoch. */
  readonly startedAt: number;
}

/** A registry by its slugs. */
export interface RecordedRegistry {
  readonly organization: string;
  readonly slug: string;
}

/** A publish that began and neither succeeded nor was cancelled. */
export interface UnfinishedPublish extends PublishRecord {
  /** For {@link JournalStore.dismiss}. */
  readonly id: string;
  /**
   * `failed`: it came to its end, and whoever began it was told why. `interrupted`: the process that was at it went
   * before, so nobody knows how far it came.
   */
  readonly ending: 'failed' | 'interrupted';
}

/**
 * Remembers publishes on disk until they end, so that after a crash they can be offered again. What was sent by then is
 * not written down: the registry is asked for that, and knows it best. Never fails: what cannot be kept is not offered
 * again.
 */
export interface JournalStore {
  /**
   * Before anything is sent. The answer ends it: with `done`, nothing of it is left; otherwise it stays to be offered
   * again. It takes the place of what was left of earlier publishes to the same model, but for those that other
   * processes are at.
   */
  begin(record: PublishRecord): Promise<(end: 'done' | 'unfinished') => Promise<void>>;
  /** Publishes that no living process is at, the oldest first. */
  unfinished(): Promise<readonly UnfinishedPublish[]>;
  /** Forgets one. */
  dismiss(id: string): Promise<void>;
}

const EXTENSION = '.publish.json';
/** A journal is some hundred bytes. */
const MOST_BYTES = 64 * 1024;
/** The two clocks that tell when the system started drift apart by less. */
const START_TOLERANCE_MS = 60_000;

const record = z.object({
  endpoint: z.url({ protocol: /^https?$/ }),
  model: z.string(),
  revision: z.string(),
  repository: z.string(),
  folder: z.string(),
  commit: z.string(),
  source: z.optional(hubSource),
  registry: z.optional(z.object({ organization: z.string(), slug: z.string() })),
  message: z.optional(z.string()),
  startedAt: z.number(),
});
const journal = z.extend(record, {
  /** Who is at it: process ids begin anew with the system. Absent when nobody is. */
  process: z.optional(z.object({ id: z.int().check(z.positive()), systemStartedAt: z.number() })),
});
type Journal = z.infer<typeof journal>;

/** A journal on disk. */
interface Kept {
  readonly id: string;
  readonly content: Journal;
}

/** @param options `folder`: absolute path of the folder that holds a file for each publish; made when needed. */
export function createJournalStore(options: { readonly folder: string; readonly log: Log }): JournalStore {
  return new JournalFolder(options.folder, options.log);
}

class JournalFolder implements JournalStore {
  readonly #folder: string;
  readonly #log: Log;
  /** What this process is at. */
  readonly #own = new Set<string>();

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  async begin(begun: PublishRecord): Promise<(end: 'done' | 'unfinished') => Promise<void>> {
    // Of its own: another window may publish to the same model, and end before this one does, or after.
    const id = createHash('sha256')
      .update(`${placeOf(begun)} ${randomUUID()}`)
      .digest('hex');
    this.#own.add(id);
    await this.#removeLeft(placeOf(begun));
    await this.#write(id, { ...begun, process: { id: process.pid, systemStartedAt: systemStartedAt() } });
    return async (end) => {
      if (end === 'done') await this.#remove(id);
      else await this.#write(id, begun);
      this.#own.delete(id);
    };
  }

  async unfinished(): Promise<readonly UnfinishedPublish[]> {
    const all = await this.#readAll();
    const underWay = new Set(
      all.filter((kept) => this.#isBeingDone(kept)).map(({ content }) => placeOf(content)),
    );
    const newest = new Map<string, UnfinishedPublish>();
    for (const { id, content } of all) {
      const place = placeOf(content);
      const commit = asGitObjectId(content.commit);
      if (commit === undefined || underWay.has(place)) continue;
      const isOlder = content.startedAt < (newest.get(place)?.startedAt ?? -Infinity);
      if (isOlder) continue;
      const { source: from, registry, ...rest } = record.parse(content);
      const ending = content.process === undefined ? 'failed' : 'interrupted';
      const known = { ...(from && { source: from }), ...(registry && { registry }) };
      newest.set(place, { ...rest, ...known, commit, id, ending });
    }
    return [...newest.values()].sort((a, b) => a.startedAt - b.startedAt);
  }

  async dismiss(id: string): Promise<void> {
    // An id from elsewhere must not name another file.
    if (!/^[0-9a-f]{64}$/.test(id)) return;
    const dismissed = (await this.#readAll()).find((kept) => kept.id === id);
    if (dismissed === undefined || this.#isBeingDone(dismissed)) return;
    await this.#removeLeft(placeOf(dismissed.content));
  }

  #fileOf(id: string): string {
    return join(this.#folder, id + EXTENSION);
  }

  async #write(id: string, content: Journal): Promise<void> {
    try {
      await makeFolder(this.#folder);
      await replaceWith(this.#fileOf(id), (temporary) =>
        writeFile(temporary, JSON.stringify(content), { mode: 0o600 }),
      );
    } catch (error) {
      this.#log.warn(`This publish could not be written down and cannot be offered again: ${String(error)}`);
    }
  }

  async #remove(id: string): Promise<void> {
    await rm(this.#fileOf(id), { force: true }).catch((error: unknown) => {
      this.#log.warn(`A publish that ended may be offered again: ${String(error)}`);
    });
  }

  #isBeingDone({ id, content: { process: at } }: Kept): boolean {
    if (this.#own.has(id)) return true;
    if (at === undefined || at.id === process.pid) return false;
    return Math.abs(at.systemStartedAt - systemStartedAt()) < START_TOLERANCE_MS && isAlive(at.id);
  }

  async #readAll(): Promise<readonly Kept[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const found = await Promise.all(
      names.filter((name) => name.endsWith(EXTENSION)).map((name) => this.#read(name)),
    );
    return found.flat();
  }

  async #read(name: string): Promise<readonly Kept[]> {
    const id = name.slice(0, -EXTENSION.length);
    try {
      return [{ id, content: await read(this.#fileOf(id)) }];
    } catch (error) {
      // Another process may have come to its end meanwhile.
      if (!hasCode(error, 'ENOENT'))
        this.#log.warn(`${name} is no journal of a publish and is passed over: ${String(error)}`);
      return [];
    }
  }

  /** Removes what nobody is at of the publishes to a place. */
  async #removeLeft(place: string): Promise<void> {
    const left = (await this.#readAll()).filter(
      (kept) => placeOf(kept.content) === place && !this.#isBeingDone(kept),
    );
    await Promise.all(left.map(({ id }) => this.#remove(id)));
  }
}

function systemStartedAt(): number {
  return Date.now() - uptime() * 1000;
}

/** What a publish is to; two of the same are about the same model. */
function placeOf({
  endpoint,
  model,
  revision,
}: Pick<PublishRecord, 'endpoint' | 'model' | 'revision'>): string {
  return JSON.stringify([endpoint, model, revision]);
}

async function read(file: string): Promise<Journal> {
  const bytes = await readSmallFile(file, MOST_BYTES);
  if (bytes === undefined) throw new Error('It is too long.');
  return journal.parse(JSON.parse(bytes.toString('utf8')));
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // Another person's process may be looked at no closer, but it is there.
    return hasCode(error, 'EPERM');
  }
}
