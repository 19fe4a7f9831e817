import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { redact } from '../../log.ts';
import { sizeText } from '../../sizeText.ts';
import { GitExit } from './exits.ts';
import { GitMissing } from './program.ts';
import { trustSentence } from './trust.ts';

/** Git does not read what another user owns. */
const DUBIOUS = /dubious ownership|unsafe repository/;
const NO_REPOSITORY = 'not a git repository';

/**
 * What it means for someone who wants to publish `folder` that Git failed.
 *
 * @param cause a {@link GitExit}, whose words (in the C locale) tell; or whatever else went wrong.
 */
export function explainGit(cause: unknown, folder: string): Failure {
  if (cause instanceof GitExit && !cause.isExplained) return diedSilently(cause, folder);
  const stderr =
    cause instanceof GitExit ? cause.stderr : cause instanceof Error ? cause.message : String(cause);
  return explained(stderr, folder, cause);
}

/** There is something of a repository, and Git does not take it for one. */
export class Unrecognized extends Error {
  override readonly name = 'Unrecognized';

  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}

/**
 * Whether Git cannot tell if a commit holds the folder: there is no Git, it may not read the repository, or does not
 * recognize it.
 */
export function isOutOfReach({ cause }: Failure): boolean {
  return (
    cause instanceof GitMissing ||
    cause instanceof Unrecognized ||
    (cause instanceof GitExit && DUBIOUS.test(cause.stderr))
  );
}

/** Whether no repository holds the folder, and it is one that could become a repository. */
export function isInNoRepository({ kind, cause }: Failure): boolean {
  return kind === 'notARepository' && cause instanceof GitExit && cause.stderr.includes(NO_REPOSITORY);
}

/** There is a repository, and no commit of the folder in it. */
export class NotCommitted extends Error {
  override readonly name = 'NotCommitted';
  /** `repository`: it has no commit at all. */
  readonly where: 'repository' | 'folder';

  constructor(where: NotCommitted['where']) {
    super(`nothing is committed in the ${where}`);
    this.where = where;
  }
}

function explained(stderr: string, folder: string, cause: unknown): Failure {
  if (DUBIOUS.test(stderr)) {
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
  if (stderr.includes(NO_REPOSITORY)) {
    return new Failure(
      'notARepository',
      l10n.t(
        '“{0}” is not in a Git repository. Run “git init” there, commit the model’s files and try again.',
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
    /could not get object info|unable to read|[Cc]ould not read [0-9a-f]{40}|bad object|not a tree object|lazy fetching disabled|promisor|transport '.*' not allowed/.test(
      stderr,
    )
  ) {
    return objectMissing(folder, [], cause);
  }
  const format = unknownFormat(stderr);
  return new Failure(
    'git',
    format === undefined
      ? l10n.t('Git could not read the repository of “{0}”: {1}', folder, firstWords(stderr))
      : l10n.t(
          'The repository of “{0}” was made for a newer Git than the one on this machine: it needs {1}. Update Git and try again.',
          folder,
          format,
        ),
    { cause },
  );
}

/** What a repository needs that Git does not know, in Git's own words (`verify_repository_format` of its setup.c). */
function unknownFormat(stderr: string): string | undefined {
  const version = /Expected git repo version <= \d+, found (\d+)/.exec(stderr)?.[1];
  if (version !== undefined) return `core.repositoryFormatVersion ${version}`;
  const listed = /fatal: unknown repository extensions? found:((?:\s*\n\t.+)+)/;
  const names = listed.exec(stderr)?.[1]?.match(/[\w-]+/g);
  return names?.map((name) => `extensions.${name}`).join(', ');
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

/** Objects that Git does not find, by name. */
export class ObjectsMissing extends Error {
  override readonly name = 'ObjectsMissing';
  readonly oids: readonly string[];

  constructor(oids: readonly string[], options?: ErrorOptions) {
    super(`missing: ${oids.slice(0, 5).join(', ')}`, options);
    this.oids = oids;
  }
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

/** An object that is read at once, such as a commit, is larger than what is kept in memory for it. */
export function tooLargeToRead(folder: string, oid: string, bytes: number): Failure {
  return new Failure(
    'git',
    l10n.t(
      'The object {0} in the repository of “{1}” has {2}, too much to be read at once. If it is the last commit, its message is that long: shorten it with “git commit --amend” and try again.',
      oid,
      folder,
      sizeText(bytes),
    ),
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

/** A folder on the way up with all that makes a bare repository: anybody can commit one with settings. */
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

/** Git waits for `pipe`, which never ends, in place of a file that it reads. */
export function waitsFor(pipe: string, folder: string): Failure {
  return new Failure(
    'git',
    l10n.t(
      'Git does not answer in “{0}”, and was ended: “{1}”, which it reads there, is a pipe or a device. Remove it and try again.',
      folder,
      pipe,
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

/** Git was ended by others, or for a reason that it did not tell. */
function diedSilently(exit: GitExit, folder: string): Failure {
  const { command, exitCode } = exit;
  return new Failure(
    'git',
    exitCode === undefined
      ? l10n.t(
          'Git was killed while it read the repository of “{0}” (git {1}): by somebody, or because memory ran out. Try again; “git fsck” there tells whether Git can read it.',
          folder,
          command,
        )
      : l10n.t(
          'Git ended in the middle of reading the repository of “{0}” (git {1}, exit code {2}) and did not say why. Try again; “git fsck” there tells whether Git can read it.',
          folder,
          command,
          exitCode,
        ),
    { cause: exit },
  );
}

/** The system did not start Git. */
export function unstartable(folder: string, cause: NodeJS.ErrnoException): Failure {
  return new Failure(
    'git',
    cause.code === 'EMFILE' || cause.code === 'ENFILE'
      ? l10n.t(
          'Git could not be started in “{0}”, because too many files are open ({1}). Close other programs, or allow more open files (“ulimit -n” tells how many there may be), and try again.',
          folder,
          cause.code,
        )
      : l10n.t('Git could not be started in “{0}”: {1}. Try again.', folder, cause.message),
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
