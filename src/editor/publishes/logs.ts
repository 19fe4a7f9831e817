import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Log, redactedLog } from '../../core/log.ts';

/** Bytes of one log; what comes after is left out. */
const MOST_BYTES = 1024 * 1024;
const EXTENSION = '.log';

/** The log of one publish while it is written. Redacts. */
export interface PublishLog extends Log {
  /** Resolves once all that was logged is on disk. */
  written(): Promise<void>;
}

/** The logs of publishes, a file each. What cannot be written is noted in the extension's log, and fails nothing. */
export interface PublishLogs {
  begin(id: string): PublishLog;
  /** The text of a publish's log so far; undefined where there is none. */
  read(id: string): Promise<string | undefined>;
  remove(ids: readonly string[]): Promise<void>;
  /** Removes the logs that nobody knows any more. */
  keepOnly(ids: ReadonlySet<string>): Promise<void>;
}

/** @param folder absolute path of a folder of its own; made when needed. */
export function createPublishLogs({
  folder,
  log,
}: {
  readonly folder: string;
  readonly log: Log;
}): PublishLogs {
  const underWay = new Map<string, PublishLog>();
  const fileOf = (id: string): string => path.join(folder, `${safe(id)}${EXTENSION}`);
  const carefully = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.warn(`${what}: ${String(error)}`);
    }
  };
  return {
    begin(id) {
      const file = fileOf(id);
      let bytes = 0;
      let waiting: string[] = [];
      let writing: Promise<void> | undefined;
      const flush = async (): Promise<void> => {
        while (waiting.length > 0) {
          const lines = waiting.join('');
          waiting = [];
          await carefully('A line of a publish log is lost', async () => {
            await mkdir(folder, { recursive: true });
            await appendFile(file, lines, { mode: 0o600 });
          });
        }
        writing = undefined;
      };
      const write = (level: string, message: string): void => {
        if (bytes > MOST_BYTES) return;
        const line = `${new Date().toISOString()} [${level}] ${message}\n`;
        bytes += Buffer.byteLength(line);
        waiting.push(bytes > MOST_BYTES ? '…\n' : line);
        writing ??= flush();
      };
      const redacting = redactedLog({
        trace: (message) => write('trace', message),
        debug: (message) => write('debug', message),
        info: (message) => write('info', message),
        warn: (message) => write('warning', message),
        error: (message) => write('error', message),
      });
      const begun: PublishLog = {
        ...redacting,
        written: async () => {
          while (writing) await writing;
        },
      };
      underWay.set(id, begun);
      return begun;
    },
    async read(id) {
      await underWay.get(id)?.written();
      return readFile(fileOf(id), 'utf8').catch(() => undefined);
    },
    async remove(ids) {
      for (const id of ids) {
        await underWay.get(id)?.written();
        underWay.delete(id);
        await carefully('The log of a publish could not be removed', () => rm(fileOf(id), { force: true }));
      }
    },
    async keepOnly(ids) {
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(EXTENSION));
      const known = new Set([...ids, ...underWay.keys()].map((id) => `${safe(id)}${EXTENSION}`));
      for (const name of names.filter((one) => !known.has(one))) {
        await carefully('An old log could not be removed', () =>
          rm(path.join(folder, name), { force: true }),
        );
      }
    },
  };
}

/** An id must not name a file elsewhere. */
function safe(id: string): string {
  return id.replace(/[^\w-]/g, '_').slice(0, 100);
}
