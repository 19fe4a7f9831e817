import { isUtf8 } from 'node:buffer';
import type { BigIntStats } from 'node:fs';
import { copyFile, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { asGitObjectId, type GitObjectId } from '../../objectIds.ts';
import { isGone } from '../files/systemErrors.ts';
import { GitExit, LISTED } from './exits.ts';
import type { Git } from './git.ts';
import { unwritable, type OwnRepository } from './ownRepository.ts';
import { copyPatternFiles } from './patternFiles.ts';
import type { Repository } from './repository.ts';

/** A file whose metadata are not those in the index. */
export interface TouchedFile {
  /** From the repository's top. */
  readonly path: string;
  /** Blob in the index. */
  readonly oid: GitObjectId;
  /** Whether it is a regular file, in the index and in the work tree. */
  readonly isRegular: boolean;
  /** Whether the work tree's mode, such as `100644`, is another one. */
  readonly otherMode: boolean;
}

/** A copy of a repository's index, for marks that are not the repository's business. */
export interface IndexCopy {
  /** Git that looks at the copy. */
  readonly git: Git;
  /** When the index was last written, in nanoseconds of the Unix epoch; undefined where there is none. */
  readonly writtenAt: bigint | undefined;
  /**
   * Files in `folder` (from the top) whose metadata are not those in the index; neither conflicts nor what is gone. No
   * content is read, and so one that was written together with the index or later may be missing.
   */
  touched(folder: string): Promise<readonly TouchedFile[]>;
  /** The index in `folder`: blobs by path from the top, but for conflicts. */
  blobs(folder: string): Promise<ReadonlyMap<string, GitObjectId>>;
  /** Has Git take the files at `paths`, which have to be in the index, for unchanged from now on, unseen. */
  spare(paths: readonly string[]): Promise<void>;
}

/**
 * Copies the index of `repository`, and what else decides what Git takes for a change, into `own`, whose HEAD has to be
 * the repository's, for as long as `use` runs, which must leave no process of the copy's Git.
 */
export async function withIndexCopy<T>(
  repository: Repository,
  own: OwnRepository,
  use: (copy: IndexCopy) => Promise<T>,
): Promise<T> {
  const file = join(own.gitFolder, 'index');
  try {
    const index = join(repository.gitFolder, 'index');
    const [writtenAt] = await Promise.all([copyIndex(index, file), copyPatternFiles(repository, own)]);
    return await use(indexCopy(own.git, file, writtenAt)).catch((error: unknown) => {
      throw isAboutIndex(error) ? damagedIndex(index, error) : error;
    });
  } finally {
    await rm(file, { force: true, maxRetries: 5 });
  }
}

function indexCopy(git: Git, file: string, writtenAt: bigint | undefined): IndexCopy {
  /**
   * Git reads every file that was written when the index was, or later, because its metadata prove nothing
   * (https://git-scm.com/docs/racy-git). It goes by the time of the index's file, and 0 stands for no such time.
   */
  const dated = async (seconds: number): Promise<void> => {
    if (writtenAt !== undefined) await utimes(file, seconds, seconds);
  };
  const datedAsWritten = () => dated(secondsOf(writtenAt ?? 0n));

  return {
    git,
    writtenAt,
    async touched(folder) {
      await dated(0);
      const output = await git.bytes(
        LISTED,
        'diff-files',
        '--raw',
        '-z',
        '--no-renames',
        '--ignore-submodules=all',
        '--',
        ...pathsOf(folder),
      );
      await datedAsWritten();
      return parseTouched(output);
    },
    async blobs(folder) {
      return parseStages(await git.bytes(LISTED, 'ls-files', '--stage', '-z', '--', ...pathsOf(folder)));
    },
    async spare(paths) {
      if (paths.length === 0) return;
      // What it writes, it compares with the files that were written together with the index.
      await dated(0);
      const update = git.start('update-index', '--assume-unchanged', '-z', '--stdin');
      update.stdout.resume();
      update.stdin.end(paths.map((path) => `${path}\0`).join(''));
      await update.ended.catch((error: unknown) => {
        throw isUnwritten(error) ? unwritable(dirname(file), error) : error;
      });
      await datedAsWritten();
    },
  };
}

/** Copies the file of the index, and says when it was written, as {@link IndexCopy.writtenAt}. */
async function copyIndex(index: string, file: string): Promise<bigint | undefined> {
  const stats = await statOrGone(index);
  // Without an index, all files count as deleted.
  if (stats === undefined) return undefined;
  if (!stats.isFile()) throw noIndex(index);
  await copyFile(index, file);
  const seconds = secondsOf(stats.mtimeNs);
  await utimes(file, seconds, seconds);
  await copySharedIndexes(dirname(index), file);
  return stats.mtimeNs;
}

/** Of nanoseconds; rather a bit too early: then Git reads more. */
function secondsOf(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n) / 1000;
}

/**
 * A split index keeps most of it in a file `sharedindex.<SHA-1>` beside it, and says which one
 * (https://git-scm.com/docs/index-format, split index).
 */
async function copySharedIndexes(from: string, index: string): Promise<void> {
  const names = (await readdir(from)).filter((name) => /^sharedindex\.[0-9a-f]{40}$/.test(name));
  if (names.length === 0) return;
  const content = await readFile(index);
  for (const name of names) {
    const needed = content.includes(Buffer.from(name.slice('sharedindex.'.length), 'hex'));
    const isFile = (await statOrGone(join(from, name)))?.isFile() === true;
    if (needed && isFile) await copyFile(join(from, name), join(dirname(index), name));
  }
}

async function statOrGone(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Git has no room for a copy with marks in it, which is nothing that is wrong with the repository. */
function isUnwritten(error: unknown): boolean {
  return /no space left|quota exceeded|unable to (?:write|create)/i.test(exitOf(error)?.stderr ?? '');
}

/** Words of Git's `read-cache.c` and `cache-tree.c`. */
const ABOUT_INDEX =
  /(?<!unable to )index file|bad index|the index\b|index (?:uses|entry|extension)|cache[- ]tree|stage entries/i;

/** Git read the copy, whose path is nothing that anybody knows. */
function isAboutIndex(error: unknown): boolean {
  const exit = exitOf(error);
  return exit?.isExplained === true && ABOUT_INDEX.test(exit.stderr);
}

/** How Git ended, where that is what failed. */
function exitOf(error: unknown): GitExit | undefined {
  return error instanceof Failure && error.cause instanceof GitExit ? error.cause : undefined;
}

function damagedIndex(index: string, cause: unknown): Failure {
  return new Failure(
    'git',
    l10n.t(
      'The index of the repository, “{0}”, is damaged. Remove it, run “git reset” and try again.',
      index,
    ),
    { cause },
  );
}

function noIndex(index: string): Failure {
  return new Failure(
    'git',
    l10n.t(
      'The index of the repository, “{0}”, is no file. Remove it, run “git reset” and try again.',
      index,
    ),
  );
}

function pathsOf(folder: string): string[] {
  return folder === '' ? [] : [folder];
}

/** Parses `git diff-files --raw -z` (https://git-scm.com/docs/git-diff-files#_raw_output_format). */
export function parseTouched(output: Buffer): TouchedFile[] {
  const fields = output.toString('latin1').split('\0');
  const touched: TouchedFile[] = [];
  const conflicts = new Set<string>();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [mode = '', workTreeMode = '', id = '', , status] = (fields[at] ?? '').slice(1).split(' ');
    const path = utf8(fields[at + 1] ?? '');
    const oid = asGitObjectId(id);
    if (path === undefined || oid === undefined) continue;
    if (status === 'U') conflicts.add(path);
    if (status !== 'M') continue;
    const isRegular = [mode, workTreeMode].every((each) => each.startsWith('100'));
    touched.push({ path, oid, isRegular, otherMode: mode !== workTreeMode });
  }
  return touched.filter(({ path }) => !conflicts.has(path));
}

/** Parses `git ls-files --stage -z` (https://git-scm.com/docs/git-ls-files#_output). */
export function parseStages(output: Buffer): Map<string, GitObjectId> {
  const blobs = new Map<string, GitObjectId>();
  for (const record of output.toString('latin1').split('\0')) {
    const tab = record.indexOf('\t');
    const [, id = '', stage] = record.slice(0, tab).split(' ');
    const oid = asGitObjectId(id);
    const path = utf8(record.slice(tab + 1));
    if (stage === '0' && oid !== undefined && path !== undefined) blobs.set(path, oid);
  }
  return blobs;
}

/** No path of a commit that can be published is anything but UTF-8. */
function utf8(latin1: string): string | undefined {
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
