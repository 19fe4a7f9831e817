import { randomUUID } from 'node:crypto';
import { normalize, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { asGitObjectId, type GitObjectId } from '../../objectIds.ts';
import { ALWAYS_SET, CONFIG_WANTED, parseConfig, type GitConfig } from './config.ts';
import { isWithin } from '../files/within.ts';
import { unlessBroken } from './brokenBranch.ts';
import { explainGit, filesElsewhere, looksBare, noWorkTree } from './explain.ts';
import type { GitQuestions } from './git.ts';
import { GitExit, LISTED, SAID, SAID_OR_NONE } from './exits.ts';
import { refusePassedOver } from './unreadable.ts';
import { isGitFolderOf } from './gitFolders.ts';

/** Where a folder's repository is. */
export interface Repository {
  /** Git in the top folder of the work tree. */
  readonly git: GitQuestions;
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

/** The repository that Git finds from its folder. Throws a {@link Failure} where none can be published from. */
export async function findRepository(git: GitQuestions): Promise<Repository> {
  // Side by side, for each takes a process; what the first one says comes first all the same.
  const configured = git.bytes(SAID, 'config', '--null', '--get-regexp', CONFIG_WANTED).then(parseConfig);
  configured.catch(() => undefined);
  const [inside = '', ...paths] = await revParse(git, [
    ['--is-inside-work-tree', '--show-prefix'],
    ['--show-toplevel'],
    ['--absolute-git-dir'],
    ['--git-common-dir'],
  ]);
  // On Windows too, Git writes paths with slashes; those of this machine's programs, and its people, have backslashes.
  const [top = '', gitFolder = '', commonFolder = ''] = paths.map((path) => normalize(path));
  const [isInside, prefix] = insideAndPrefix(inside);
  if (!isInside) throw noWorkTree(git.folder);
  if (prefix !== '') await refusePassedOver(git.folder, top);
  if (!(await isGitFolderOf(top, gitFolder))) {
    throw isWithin(git.folder, gitFolder) ? looksBare(gitFolder) : filesElsewhere(gitFolder, top);
  }
  const config = await configured;
  if (config.get(ALWAYS_SET) === undefined) throw explainGit(new GitExit('config', 0, ''), git.folder);
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
    top,
    folder: prefix.replace(/\/$/, ''),
    gitFolder,
    commonFolder: resolve(git.folder, commonFolder),
    config,
  };
}

/**
 * The answers of one `git rev-parse` to several questions. Paths may hold line ends, so a mark that nobody can foresee
 * stands between: an option that it does not know, rev-parse repeats (https://git-scm.com/docs/git-rev-parse).
 */
async function revParse(git: GitQuestions, questions: readonly (readonly string[])[]): Promise<string[]> {
  const mark = `--${randomUUID()}`;
  const output = await git.text(SAID, 'rev-parse', ...questions.flatMap((question) => [...question, mark]));
  const answers = output.split(new RegExp(`${mark}\r?\n`)).map(line);
  // Behind the last mark there is nothing.
  if (answers.length !== questions.length + 1) throw explainGit(new GitExit('rev-parse', 0, ''), git.folder);
  return answers;
}

function insideAndPrefix(output: string): readonly [isInside: boolean, prefix: string] {
  const [isInside = '', ...prefix] = output.split('\n');
  return [isInside.trim() === 'true', prefix.join('\n')];
}

/** A path that Git printed: it may hold anything, line ends too, but for the one at its end. */
function line(output: string): string {
  return output.replace(/\r?\n$/, '');
}

/** Where HEAD is. */
interface RepositoryHead {
  /** undefined where nothing was committed yet. The commit itself is not read. */
  readonly commit: GitObjectId | undefined;
  /** undefined where HEAD is on no branch. */
  readonly branch: string | undefined;
}

/** HEAD, of one process of Git where something was committed. */
export async function headOf(repository: Repository): Promise<RepositoryHead> {
  const { git } = repository;
  // Says nothing where HEAD names no commit yet: https://git-scm.com/docs/git-rev-parse
  const asked = ['--revs-only', 'HEAD', '--symbolic-full-name', 'HEAD'];
  const [oid = '', name = ''] = (await git.text(LISTED, 'rev-parse', ...asked)).split(/\r?\n/);
  const commit = asGitObjectId(oid);
  if (commit !== undefined) return { commit, branch: branchOf(name) };
  // Nor where it came to nothing: whether there is a commit, it has to say.
  const said = await Promise.all([
    git.text(SAID_OR_NONE, 'rev-parse', '--verify', '--quiet', 'HEAD'),
    git.text(SAID_OR_NONE, 'symbolic-ref', '--quiet', 'HEAD'),
  ]).catch(async (error: unknown) => {
    throw await unlessBroken(error, repository);
  });
  return { commit: asGitObjectId(said[0].trim()), branch: branchOf(said[1].trim()) };
}

const branchOf = (ref: string) => /^refs\/heads\/(.+)$/.exec(ref)?.[1];
