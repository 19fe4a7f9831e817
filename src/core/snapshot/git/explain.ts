import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { redact } from '../../log.ts';
import { commandForAnyShell } from '../../shells/anyShell.ts';

/** Git ended in a way that says it failed. */
export class GitExit extends Error {
  override readonly name = 'GitExit';
  readonly stderr: string;

  constructor(command: string, exitCode: number | null, stderr: string) {
    super(`git ${command} ended with ${String(exitCode)}: ${stderr}`);
    this.stderr = stderr;
  }
}

/** What Git's words (in the C locale) mean for someone who wants to publish `folder`. */
export function explainGit(stderr: string, folder: string, cause?: unknown): Failure {
  if (/dubious ownership|unsafe repository/.test(stderr)) {
    return new Failure(
      'git',
      l10n.t(
        'Git does not read “{0}” because another user owns it. {1}',
        folder,
        trustSentence(ownedFolder(stderr) ?? folder),
      ),
      { cause },
    );
  }
  if (stderr.includes('not a git repository')) {
    return new Failure(
      'notARepository',
      l10n.t(
        '“{0}” is in no Git repository. Run “git init” there, commit the model’s files and try again.',
        folder,
      ),
      { cause },
    );
  }
  const bare = /cannot use bare repository '(.*)' \(safe\.bareRepository/s.exec(stderr)?.[1];
  // No commit can hold a folder of that name.
  const isOwn = bare !== undefined && /[\\/]\.git([\\/]|$)/.test(bare);
  if (bare !== undefined && !isOwn) return looksBare(bare, cause);
  if (/cannot use bare repository|must be run in a work tree/.test(stderr)) {
    return noWorkTree(folder);
  }
  if (
    /could not get object info|unable to read|bad object|not a tree object|lazy fetching disabled|promisor|transport '.*' not allowed/.test(
      stderr,
    )
  ) {
    return objectMissing(folder, [], cause);
  }
  return new Failure(
    'git',
    l10n.t('Git could not read the repository of “{0}”: {1}', folder, firstWords(stderr)),
    { cause },
  );
}

/**
 * The folder that Git wants to be told of, in the command at the end of its words, in its own quoting
 * (`sq_quote_buf_pretty` of its quote.c). A folder's name may look like a command, too, but never stands at the end
 * without its quotes.
 */
function ownedFolder(stderr: string): string | undefined {
  const [, quoted, plain] =
    /\n\s*git config --global --add safe\.directory (?:'((?:[^']|'\\['!]')*)'|([^\s'"]+))\s*$/.exec(stderr) ??
    [];
  return quoted?.replace(/'\\(['!])'/g, '$1') ?? plain;
}

function trustSentence(folder: string): string {
  const command = commandForAnyShell(['git', 'config', '--global', '--add', 'safe.directory', folder]);
  return command === undefined
    ? l10n.t('If you trust it, add it to safe.directory in Git’s global configuration.')
    : l10n.t('If you trust it, run: {0}', command);
}

export function objectMissing(folder: string, paths: readonly string[] = [], cause?: unknown): Failure {
  return new Failure(
    'git',
    l10n.t(
      'The repository of “{0}” lacks a part of its last commit: it is a partial clone, or damaged. Run “git fetch --refetch --no-filter” there and try again.',
      folder,
    ),
    { paths, cause },
  );
}

export function noWorkTree(folder: string): Failure {
  return new Failure(
    'notARepository',
    l10n.t(
      '“{0}” is a bare Git repository or lies outside the work tree of its repository. Open a folder of a checkout instead.',
      folder,
    ),
  );
}

/** A folder, met on the way up, with all that makes a bare repository: anybody can commit one, and its settings would count. */
export function looksBare(folder: string, cause?: unknown): Failure {
  return new Failure(
    'notARepository',
    l10n.t(
      '“{0}” is a bare Git repository, or a folder that was made to look like one (it holds HEAD, objects and refs). Anybody can put such a folder, with settings that run programs, into a repository, so it is not read. Open a folder outside it, or the checkout of a clone.',
      folder,
    ),
    { cause },
  );
}

/** The settings of a repository send Git to the files of another folder. */
export function filesElsewhere(gitFolder: string, top: string): Failure {
  return new Failure(
    'git',
    l10n.t(
      'The Git folder “{0}” says that its files are in “{1}” (core.worktree), but nothing there says that they belong to it, so they are not read. Remove that setting, or clone the repository anew.',
      gitFolder,
      top,
    ),
  );
}

/** Git is still waiting for a file that ought to be there at once. */
export function noAnswer(folder: string, cause: unknown): Failure {
  return new Failure(
    'git',
    l10n.t(
      'Git does not answer in “{0}”, and was ended. One of the files that it reads there, or that its configuration includes, may be a pipe or a device, or on a drive that does not respond. Run “git status” there to learn more.',
      folder,
    ),
    { cause },
  );
}

/** The line in which Git says what failed, fit to be shown. */
function firstWords(stderr: string): string {
  const lines = stderr.split(/\r?\n/).filter((line) => line.trim() !== '');
  const line = lines.find((line) => /^(fatal|error):/.test(line)) ?? lines[0] ?? l10n.t('no reason given');
  return redact(line.replace(/^(fatal|error):\s*/, ''))
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, 300);
}
