import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { Log } from '../log.ts';
import type { GitObjectId } from '../objectIds.ts';
import { asGitObjectId } from '../objectIds.ts';
import { hasCode } from '../snapshot/files/systemErrors.ts';

/** A publish as it began. Holds no token. */
export interface PublishRecord {
  /** What `HF_ENDPOINT` would hold. */
  readonly endpoint: string;
  /** `namespace/name`. */
  readonly model: string;
  readonly revision: string;
  /** Absolute path of the repository or snapshot folder. */
  readonly repository: string;
  /** The published folder in it, forward slashes; empty for all of it. */
  readonly folder: string;
  readonly commit: GitObjectId;
  /** The commit message that was given; undefined where it is the subject of the commit. */
  readonly message?: string | undefined;
  /** Milliseconds of the Unix epoch. */
  readonly startedAt: number;
}

/** A publish that began and neither succeeded nor was cancelled. */
export interface UnfinishedPublish extends PublishRecord {
  /** For {@link JournalStore.dismiss}. */
  readonly id: string;
}

/**
 * Remembers publishes on disk until they end, so that after a crash they can be offered again. What was sent by then is not
 * written down: the registry is asked for that, and knows it best. Never fails: what cannot be kept is not offered again.
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
  message: z.string().optional(),
  startedAt: z.number(),
});
const journal = record.extend({
  /** Who is at it: process ids begin anew with the system. Absent when nobody is. */
  process: z.object({ id: z.number().int().positive(), systemStartedAt: z.number() }).optional(),
});
type Journal = z.infer<typeof journal>;

/** @param folder absolute path of the folder that holds a file for each publish; made when needed. */
export function createJournalStore({
  folder,
  log,
}: {
  readonly folder: string;
  readonly log: Log;
}): JournalStore {
  /** What this process is at. */
  const own = new Set<string>();
  const fileOf = (id: string): string => join(folder, id + EXTENSION);
  const systemStartedAt = (): number => Date.now() - uptime() * 1000;
  const carefully = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.warn(`${what}: ${String(error)}`);
    }
  };

  const write = (id: string, content: Journal): Promise<void> =>
    carefully('This publish could not be written down and cannot be offered again', async () => {
      await mkdir(folder, { recursive: true });
      const partial = join(folder, `${id}.${randomUUID()}.partial`);
      try {
        await writeFile(partial, JSON.stringify(content), { mode: 0o600 });
        await rename(partial, fileOf(id));
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    });
  const remove = (id: string): Promise<void> =>
    carefully('A publish that ended may be offered again', () => rm(fileOf(id), { force: true }));

  const isBeingDone = (id: string, { process: at }: Journal): boolean => {
    if (own.has(id)) return true;
    if (at === undefined || at.id === process.pid) return false;
    return Math.abs(at.systemStartedAt - systemStartedAt()) < START_TOLERANCE_MS && isAlive(at.id);
  };

  const readAll = async (): Promise<readonly Kept[]> => {
    const names = await readdir(folder).catch(() => []);
    const found = await Promise.all(
      names
        .filter((name) => name.endsWith(EXTENSION))
        .map(async (name): Promise<Kept[]> => {
          const content = await read(fileOf(idIn(name))).catch((error: unknown) => {
            // Another process may have come to its end meanwhile.
            if (!hasCode(error, 'ENOENT'))
              log.warn(`${name} is no journal of a publish and is passed over: ${String(error)}`);
            return undefined;
          });
          return content === undefined ? [] : [{ id: idIn(name), content }];
        }),
    );
    return found.flat();
  };
  /** Removes what nobody is at of the publishes to a place. */
  const removeLeft = async (place: string): Promise<void> => {
    const left = (await readAll()).filter(
      ({ id, content }) => placeOf(content) === place && !isBeingDone(id, content),
    );
    await Promise.all(left.map(({ id }) => remove(id)));
  };

  return {
    async begin(begun) {
      // Of its own: another window may publish to the same model, and end before this one does, or after.
      const id = createHash('sha256')
        .update(`${placeOf(begun)} ${randomUUID()}`)
        .digest('hex');
      own.add(id);
      await removeLeft(placeOf(begun));
      await write(id, { ...begun, process: { id: process.pid, systemStartedAt: systemStartedAt() } });
      return async (end) => {
        if (end === 'done') await remove(id);
        else await write(id, begun);
        own.delete(id);
      };
    },

    async unfinished() {
      const all = await readAll();
      const underWay = new Set(
        all.filter(({ id, content }) => isBeingDone(id, content)).map(({ content }) => placeOf(content)),
      );
      const newest = new Map<string, UnfinishedPublish>();
      for (const { id, content } of all) {
        const place = placeOf(content);
        const commit = asGitObjectId(content.commit);
        if (commit === undefined || underWay.has(place)) continue;
        const isOlder = content.startedAt < (newest.get(place)?.startedAt ?? -Infinity);
        if (!isOlder) newest.set(place, { ...record.parse(content), commit, id });
      }
      return [...newest.values()].sort((a, b) => a.startedAt - b.startedAt);
    },

    async dismiss(id) {
      // An id from elsewhere must not name another file.
      if (!/^[0-9a-f]{64}$/.test(id)) return;
      const dismissed = (await readAll()).find((kept) => kept.id === id);
      if (dismissed === undefined || isBeingDone(id, dismissed.content)) return;
      await removeLeft(placeOf(dismissed.content));
    },
  };
}

/** A journal on disk. */
interface Kept {
  readonly id: string;
  readonly content: Journal;
}

function idIn(name: string): string {
  return name.slice(0, -EXTENSION.length);
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
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > MOST_BYTES) throw new Error('It is too long.');
    return journal.parse(JSON.parse(await handle.readFile('utf8')));
  } finally {
    await handle.close();
  }
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
