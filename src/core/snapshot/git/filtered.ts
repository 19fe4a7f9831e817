import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { LISTED } from './exits.ts';
import type { Git } from './git.ts';
import { workTreeFile } from './workTree.ts';

/** What an index remembers of a file as Git last compared it, or checked it out. Nanoseconds of the Unix epoch. */
interface Remembered {
  readonly ctimeNs: bigint;
  readonly mtimeNs: bigint;
  /** The last 32 bits, as of `size`. */
  readonly ino: bigint;
  /** Bytes. */
  readonly size: bigint;
}

/** What can be told, without running it, of a file that a filter makes from the commit's content. */
type FilteredFile =
  /** It is the one that Git remembers. */
  | 'unchanged'
  /** Git does not run the filter for such a one either. */
  | 'modified'
  /** Only the filter could tell. */
  | 'unknown';

/** Of `paths` (from the top), those whose attributes give them one of the filters, by its name as latin1. */
export async function withFilter(
  git: Git,
  paths: readonly string[],
  filters: ReadonlySet<string>,
): Promise<string[]> {
  if (paths.length === 0 || filters.size === 0) return [];
  const asked = git.start('check-attr', '-z', '--stdin', 'filter');
  const chunks: Buffer[] = [];
  asked.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  asked.stdin.end(paths.map((path) => `${path}\0`).join(''));
  await asked.ended;
  const named = parseAttributes(Buffer.concat(chunks));
  return paths.filter((path) => filters.has(named.get(path) ?? ''));
}

/** Values by path, as latin1, of one attribute (https://git-scm.com/docs/git-check-attr#_output). */
export function parseAttributes(output: Buffer): ReadonlyMap<string, string> {
  const fields = output.toString('latin1').split('\0');
  const values = new Map<string, string>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    values.set(Buffer.from(fields[at] ?? '', 'latin1').toString('utf8'), fields[at + 2] ?? '');
  }
  return values;
}

/** What the index of `git` remembers of the files in `folder`, by path; nothing where Git's format is another one. */
export async function rememberedFiles(git: Git, folder: string): Promise<ReadonlyMap<string, Remembered>> {
  const paths = folder === '' ? [] : [folder];
  return parseRemembered(await git.bytes(LISTED, 'ls-files', '--debug', '-z', '--', ...paths));
}

/** Nobody promises this format (https://git-scm.com/docs/git-ls-files, --debug); Git 1.7 to 2.55 have it. */
const ENTRY =
  /([^\0]+)\0 {2}ctime: (\d+):(\d+)\n {2}mtime: (\d+):(\d+)\n {2}dev: \d+\tino: (\d+)\n {2}uid: \d+\tgid: \d+\n {2}size: (\d+)\tflags: [0-9a-f]+\n/gy;

const SECOND = 1_000_000_000n;
/** Of what an index keeps of numbers. */
const BITS = 32;

export function parseRemembered(output: Buffer): ReadonlyMap<string, Remembered> {
  const files = new Map<string, Remembered>();
  for (const [, path = '', ...fields] of output.toString('latin1').matchAll(ENTRY)) {
    const [ctime = 0n, ctimeRest = 0n, mtime = 0n, mtimeRest = 0n, ino = 0n, size = 0n] = fields.map(BigInt);
    files.set(Buffer.from(path, 'latin1').toString('utf8'), {
      ctimeNs: ctime * SECOND + ctimeRest,
      mtimeNs: mtime * SECOND + mtimeRest,
      ino,
      size,
    });
  }
  return files;
}

/** What can be told of the file at `path` below `top`. */
export async function filteredFile(
  top: string,
  path: string,
  remembered: Remembered | undefined,
): Promise<FilteredFile> {
  const file = workTreeFile(top, path, process.platform);
  if (file === undefined || remembered === undefined) return 'unknown';
  const stats = await lstat(file, { bigint: true }).catch(() => undefined);
  return stats === undefined ? 'unknown' : compared(stats, remembered);
}

function compared(stats: BigIntStats, remembered: Remembered): FilteredFile {
  // It was put into the index without a look at a file.
  if (remembered.mtimeNs === 0n) return 'unknown';
  // A size of none is Git's mark for a file that was found to differ, too (https://git-scm.com/docs/racy-git).
  if (BigInt.asUintN(BITS, stats.size) !== remembered.size) return 'modified';
  // A clock of whole seconds proves nothing of a file that was written within the second.
  const isFine = remembered.mtimeNs % SECOND !== 0n;
  const isSame =
    stats.mtimeNs === remembered.mtimeNs &&
    // Windows has no such time, and Git takes another one for it there.
    (process.platform === 'win32' || stats.ctimeNs === remembered.ctimeNs) &&
    (remembered.ino === 0n || BigInt.asUintN(BITS, stats.ino) === remembered.ino);
  return isFine && isSame ? 'unchanged' : 'unknown';
}
