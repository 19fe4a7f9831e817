import { isUtf8 } from 'node:buffer';
import { lstat, realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import { firstFew } from '../snapshot/files/firstFew.ts';
import { isReadable } from '../snapshot/files/regularFile.ts';
import { isGone, isSystemError, refused } from '../snapshot/files/systemErrors.ts';
import type { GitConfig } from '../snapshot/git/config.ts';
import { LISTED } from '../snapshot/git/exits.ts';
import { parseAttributes } from '../snapshot/git/filtered.ts';
import type { Git } from '../snapshot/git/git.ts';
import { workTreeFile } from '../snapshot/git/workTree.ts';
import { isRefusedPath } from '../snapshot/refusedPath.ts';
import { fed, zeroEnded } from './gitInput.ts';
import type { LeftOut } from './plans.ts';

const LOOKS_AT_ONCE = 32;

/** A file of the work tree that can be committed. */
export interface WorkFile {
  /** From the top, forward slashes. */
  readonly path: string;
  /** Absolute path. */
  readonly file: string;
  readonly kind: 'file' | 'link';
  /** Bytes; of a link, of its text. */
  readonly size: number;
}

/** What `git ls-files` lists, sorted. */
interface Listed {
  readonly paths: readonly string[];
  /** Repositories in the folder, without the slash at the end. */
  readonly nested: readonly string[];
  /** What of the index is ignored by the lines that were given. */
  readonly staged: readonly string[];
}

/**
 * What Git does not ignore in `folder` (from the top): files that it does not know, and with `cached` those of the
 * index, too, but for what `ignored` says, lines of `.gitignore` that count before all others. Throws an
 * `unpublishable` failure for names that no registry takes.
 */
export async function listed(
  git: Git,
  folder: string,
  { cached = false, ignored = [] }: { readonly cached?: boolean; readonly ignored?: readonly string[] } = {},
): Promise<Listed> {
  const lines = ignored.map((line) => `--exclude=${line}`);
  const within = folder === '' ? [] : [folder];
  const inIndex = cached ? ['--cached'] : [];
  const asked = ['ls-files', '-z', '--others', ...inIndex, ...lines, '--exclude-standard', '--'];
  const output = await git.bytes(LISTED, ...asked, ...within);
  // Of the index Git lists what is ignored, too.
  const unwanted =
    cached && ignored.length > 0
      ? await git.bytes(LISTED, 'ls-files', '-z', '--cached', '--ignored', ...lines, '--', ...within)
      : Buffer.alloc(0);
  const staged = new Set(namesIn(unwanted));
  const names = namesIn(output).filter((name) => !staged.has(name));
  const bytes = names.map((name) => Buffer.from(name, 'latin1'));
  refuseNames(
    bytes.filter((name) => !isUtf8(name)).map((name) => name.toString('utf8')),
    (paths) =>
      l10n.t(
        'Model registries take file names in UTF-8 only, and these are not: {0}. Rename them and try again.',
        paths,
      ),
  );
  const all = [...new Set(bytes.map((name) => name.toString('utf8')))].sort(byCodeUnit);
  const paths = all.filter((path) => !path.endsWith('/'));
  refuseNames(
    paths.filter((path) => isRefusedPath(path)),
    (refusedPaths) =>
      l10n.t(
        'Model registries refuse files in folders named “.git” or “.cache”: {0}. Rename or remove them, or add them to .gitignore, and try again.',
        refusedPaths,
      ),
  );
  return {
    paths,
    nested: all.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1)),
    staged: [...staged].map((name) => Buffer.from(name, 'latin1').toString('utf8')),
  };
}

/** One character a byte. */
function namesIn(output: Buffer): string[] {
  return output.toString('latin1').split('\0').slice(0, -1);
}

export function byCodeUnit(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function refuseNames(paths: readonly string[], sentence: (paths: string) => string): void {
  if (paths.length > 0) throw new Failure('unpublishable', sentence(firstFew(paths)), { paths });
}

/**
 * What is at `paths` below `top`; of those that went away, nothing. Throws a `disk` failure for a file that may not be
 * read: a model without it would not be the one that was meant.
 */
export async function workFiles(
  top: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly WorkFile[]> {
  const found = await allOf(paths, LOOKS_AT_ONCE, signal, async (path): Promise<WorkFile | undefined> => {
    const file = workTreeFile(top, path, process.platform);
    if (file === undefined) return undefined;
    try {
      const stats = await lstat(file);
      const kind = stats.isSymbolicLink() ? 'link' : stats.isFile() ? 'file' : undefined;
      if (kind === undefined) return undefined;
      if (kind === 'file' && !(await isReadable(file, stats.size))) return undefined;
      return { path, file, kind, size: stats.size };
    } catch (error) {
      if (isGone(error)) return undefined;
      throw isSystemError(error) ? refused(error, file, [path]) : error;
    }
  });
  return found.filter((file) => file !== undefined);
}

/** What attributes say of `filter` for each of `paths`. */
export async function filtersOf(git: Git, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map();
  return parseAttributes(await fed(git, zeroEnded(paths), 'check-attr', '-z', '--stdin', 'filter'));
}

/**
 * Throws where attributes give a file a filter that a configuration names, other than Git LFS's: it is not run here, and
 * without it another content would be committed than the person means, such as what is to be encrypted.
 */
export function refuseFiltered(
  filters: ReadonlyMap<string, string>,
  config: Pick<GitConfig, 'filters'>,
): void {
  const configured = config.filters();
  const found = [...filters].find(([, filter]) => configured.has(filter));
  if (found === undefined) return;
  throw new Failure(
    'git',
    l10n.t(
      '“{0}” passes through the filter “{1}” of your Git configuration, which is not run here. Commit it with Git itself, then publish.',
      ...found,
    ),
    { paths: [found[0]] },
  );
}

/** The links among `files` that lead to nothing that the commit holds. */
export async function strayLinks(
  top: string,
  files: readonly WorkFile[],
  signal: AbortSignal,
): Promise<readonly LeftOut[]> {
  const links = files.filter(({ kind }) => kind === 'link');
  if (links.length === 0) return [];
  const committed = new Set<string>();
  for (const { path, kind } of files) {
    if (kind !== 'file') continue;
    const names = path.split('/');
    for (const depth of names.keys()) committed.add(names.slice(0, depth + 1).join('/'));
  }
  const looked = await allOf(links, LOOKS_AT_ONCE, signal, async ({ path, file }) => {
    const target = await realpath(file).catch(() => undefined);
    const inTop = target === undefined ? undefined : relative(top, target).split(sep).join('/');
    return inTop !== undefined && committed.has(inTop) ? [] : [{ path, why: 'link' } as const];
  });
  return looked.flat();
}
