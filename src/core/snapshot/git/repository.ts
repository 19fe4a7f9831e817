import { randomUUID } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { normalize, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { CONFIG_WANTED, parseConfig, type GitConfig } from './config.ts';
import { noWorkTree } from './explain.ts';
import type { Git } from './git.ts';

/** Where a folder's repository is. */
export interface Repository {
  /** Git in the top folder of the work tree. */
  readonly git: Git;
  /** Absolute path of that folder, symbolic links resolved. */
  readonly top: string;
  /** The wanted folder from `top`, forward slashes; empty for the top itself. */
  readonly folder: string;
  /** Absolute path of this work tree's own `.git` folder: it holds HEAD and the index. */
  readonly gitFolder: string;
  /** Absolute path of the `.git` folder that all work trees of the repository share. */
  readonly commonFolder: string;
  readonly config: GitConfig;
}

/** Finds the repository that Git finds in the folder of `git`. Throws a {@link Failure} where there is none, or none to publish from. */
export async function findRepository(git: Git): Promise<Repository> {
  // Side by side, for each takes a process; what the first one says comes first all the same.
  const configured = git.text('config', '--null', '--get-regexp', CONFIG_WANTED).then(parseConfig);
  configured.catch(() => undefined);
  const [inside = '', top = '', gitFolder = '', commonFolder = ''] = await revParse(git, [
    ['--is-inside-work-tree', '--show-prefix'],
    ['--show-toplevel'],
    ['--absolute-git-dir'],
    ['--git-common-dir'],
  ]);
  const [isInside, prefix] = insideAndPrefix(inside);
  if (!isInside) throw noWorkTree(git.folder);
  const config = await configured;
  const objectFormat = config.get('extensions.objectformat') ?? 'sha1';
  if (objectFormat.toLowerCase() !== 'sha1') {
    throw new Failure(
      'unpublishable',
      l10n.t(
        'The repository of “{0}” names its objects by {1}, but model registries take Git repositories with SHA-1 only.',
        git.folder,
        objectFormat,
      ),
    );
  }
  return {
    git: git.within(top),
    top: normalize(top),
    folder: prefix.replace(/\/$/, ''),
    gitFolder: normalize(gitFolder),
    commonFolder: resolve(git.folder, commonFolder),
    config,
  };
}

/**
 * The answers of one `git rev-parse` to several questions. Paths may hold line ends, so a mark that nobody can foresee stands between:
 * an option that it does not know, rev-parse repeats (https://git-scm.com/docs/git-rev-parse).
 */
async function revParse(git: Git, questions: readonly (readonly string[])[]): Promise<string[]> {
  const mark = `--${randomUUID()}`;
  const output = await git.text('rev-parse', ...questions.flatMap((question) => [...question, mark]));
  return output.split(new RegExp(`${mark}\r?\n`)).map(line);
}

function insideAndPrefix(output: string): readonly [isInside: boolean, prefix: string] {
  const [isInside = '', ...prefix] = output.split('\n');
  return [isInside.trim() === 'true', prefix.join('\n')];
}

/** A path that Git printed: it may hold anything, line ends too, but for the one at its end. */
function line(output: string): string {
  return output.replace(/\r?\n$/, '');
}

/** The folder as the file system spells it, so that Git compares like with like. Throws a {@link Failure} where it is no folder. */
export async function existingFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if ((await stat(real)).isDirectory()) {
      return real;
    }
  } catch (error) {
    throw new Failure(
      'notARepository',
      l10n.t('The folder “{0}” does not exist or cannot be read.', folder),
      {
        cause: error,
      },
    );
  }
  throw new Failure('notARepository', l10n.t('“{0}” is not a folder.', folder));
}
