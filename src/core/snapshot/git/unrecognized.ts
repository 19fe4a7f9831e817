import { realpathSync } from 'node:fs';
import { lstat, readlink, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { readSmallFile } from '../files/regularFile.ts';
import { isWithin } from '../files/within.ts';
import { GitExit } from './exits.ts';
import { isInNoRepository, Unrecognized } from './explain.ts';
import { upwards } from './gitFolders.ts';

/** A path, or the name of a commit or branch, is shorter. Bytes. */
const LONGEST = 64 * 1024;

/**
 * Git says in the same words that there is no repository, and that there is one which it does not take for one: then to
 * make another is no remedy.
 *
 * @param error of Git in `folder` (absolute path).
 * @returns the failure that names what is wrong with the `.git` there or above; `error` where there is none.
 */
export async function unlessUnrecognized(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof Failure && isInNoRepository(error))) return error;
  for (const top of upwards(folder)) {
    const sentence = await flawOf(join(top, '.git'), top === folder, error).catch(() => undefined);
    if (sentence !== undefined) return unrecognized(sentence, error);
  }
  return isPointedAt(folder, process.env) ? unrecognized(elsewhereOnly(folder), error) : error;
}

function unrecognized(sentence: string, error: Failure): Failure {
  return new Failure('git', sentence, { cause: new Unrecognized(sentence, error) });
}

/** Whether variables have Git take `folder` for a part of a work tree (https://git-scm.com/docs/git#_environment_variables). */
function isPointedAt(folder: string, { GIT_DIR = '', GIT_WORK_TREE = '' }: NodeJS.ProcessEnv): boolean {
  if (GIT_DIR === '') return false;
  try {
    return isWithin(folder, realpathSync(GIT_WORK_TREE === '' ? '.' : GIT_WORK_TREE));
  } catch {
    return false;
  }
}

/** What is wrong with a `.git`, as a sentence that says what to do; undefined where there is none of Git's. */
async function flawOf(dotGit: string, isInFolder: boolean, error: Failure): Promise<string | undefined> {
  if ((await kindOf(dotGit, lstat)) === undefined) return undefined;
  const leadsTo = await targetOf(dotGit);
  if (leadsTo !== undefined) return leadsNowhere(dotGit, leadsTo);
  const [head, objects, refs] = await Promise.all([
    headIn(dotGit),
    kindOf(join(dotGit, 'objects'), stat),
    kindOf(join(dotGit, 'refs'), stat),
  ]);
  if (head === undefined && objects === undefined) return isInFolder ? noGitFolder(dotGit) : undefined;
  if (head === undefined || !isHead(head)) return noHead(join(dotGit, 'HEAD'));
  if (objects !== 'folder') return noObjects(dotGit);
  if (refs !== 'folder') return noRefs(join(dotGit, 'refs'));
  return isInFolder ? undefined : outOfSight(dirname(dotGit), error);
}

/** The text of HEAD, which in repositories of old is a link to a branch. */
async function headIn(gitFolder: string): Promise<string | undefined> {
  const file = join(gitFolder, 'HEAD');
  const target = await readlink(file).catch(() => undefined);
  if (target !== undefined) return `ref: ${target}`;
  return readSmallFile(file, LONGEST).then(
    (text) => text?.toString('latin1'),
    () => undefined,
  );
}

async function kindOf(
  path: string,
  look: typeof stat | typeof lstat,
): Promise<'folder' | 'other' | undefined> {
  return look(path).then(
    (stats) => (stats.isDirectory() ? 'folder' : 'other'),
    () => undefined,
  );
}

/** Where a `.git` that is a link, or a file, leads to: what is there is no repository. Undefined for a folder. */
async function targetOf(dotGit: string): Promise<string | undefined> {
  const top = dirname(dotGit);
  const kind = await kindOf(dotGit, stat);
  if (kind === 'folder') return undefined;
  if (kind === undefined) return resolve(top, await readlink(dotGit));
  const text = (await readSmallFile(dotGit, LONGEST))?.toString('utf8').replace(/[\r\n]+$/, '') ?? '';
  const named = /^gitdir: (.+)$/s.exec(text)?.[1];
  return named === undefined ? undefined : resolve(top, named);
}

/** As Git has it (`validate_headref` of its path.c). */
function isHead(text: string): boolean {
  return /^ref:\s*refs\//.test(text) || /^(?:[0-9a-f]{40}|[0-9a-f]{64})\s*$/i.test(text);
}

function leadsNowhere(dotGit: string, gitFolder: string): string {
  return /[\\/]worktrees[\\/][^\\/]+$/.test(gitFolder)
    ? l10n.t(
        '“{0}” says that the repository of this work tree is at “{1}”, and Git finds none there. In a container, have that repository at the same place, too. Where it was moved, run “git worktree repair” in it. Then try again.',
        dotGit,
        gitFolder,
      )
    : l10n.t(
        '“{0}” says that its repository is at “{1}”, and Git finds none there. In a container, have that folder at the same place, too. Where it is gone, clone the repository anew. Then try again.',
        dotGit,
        gitFolder,
      );
}

function noGitFolder(dotGit: string): string {
  return l10n.t(
    'There is a “{0}” that Git does not recognize as a repository. Repair it, or remove it and try again.',
    dotGit,
  );
}

function noHead(head: string): string {
  return l10n.t(
    'Git does not recognize the repository, because “{0}” is missing or names no branch, as after a crash. Write “ref: refs/heads/” and the name of your branch into it, and try again.',
    head,
  );
}

function noObjects(gitFolder: string): string {
  return l10n.t(
    'Git does not recognize the repository, because “{0}” holds no commits any more: its folder “objects” is missing. Clone the repository anew, and try again.',
    gitFolder,
  );
}

function noRefs(refs: string): string {
  return l10n.t(
    'Git does not recognize the repository, because the folder “{0}” is missing, as where it was copied without empty folders. Make that folder, and try again.',
    refs,
  );
}

/** Such variables are not obeyed, so that nobody publishes another repository than they mean. */
function elsewhereOnly(folder: string): string {
  return l10n.t(
    '“{0}” is in no repository by itself, and the variable {1}, which names one elsewhere, is not obeyed. Write “gitdir: ” and the path of that repository into a file “.git” at the top of its files, and try again.',
    folder,
    'GIT_DIR',
  );
}

/** Git does not look for repositories everywhere (https://git-scm.com/docs/git#_environment_variables). */
function outOfSight(top: string, { cause }: Failure): string | undefined {
  if (cause instanceof GitExit && cause.stderr.includes('GIT_DISCOVERY_ACROSS_FILESYSTEM')) {
    return l10n.t(
      'Git does not look for a repository above this folder, because that is on another drive or mount. Set the variable {0} to have it find the one at “{1}”, and try again.',
      'GIT_DISCOVERY_ACROSS_FILESYSTEM=1',
      top,
    );
  }
  return (process.env.GIT_CEILING_DIRECTORIES ?? '') === ''
    ? undefined
    : l10n.t(
        'Git does not look for the repository at “{1}”, because the variable {0} forbids it. Unset that variable, and try again.',
        'GIT_CEILING_DIRECTORIES',
        top,
      );
}
