import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { commandForAnyShell } from '../../shells/anyShell.ts';
import { readSmallFile } from '../files/regularFile.ts';
import { asGitObjectId, type GitObjectId } from '../../objectIds.ts';
import { GitExit } from './exits.ts';

/** A ref, or many lines of a log of one. Bytes. */
const LONGEST_REF = 4096;
const LONGEST_LOG = 16 * 1024 * 1024;

/** Where HEAD and the branches of a repository are; absolute paths. */
interface Place {
  readonly top: string;
  readonly gitFolder: string;
  readonly commonFolder: string;
}

/**
 * Git says of a branch whose file names no commit, as after a crash, only that there is no HEAD.
 *
 * @returns the failure that names that file, and how the branch is made to lead to the commit that it was on last;
 *   `error` of another kind as it is.
 */
export async function unlessBroken(
  error: unknown,
  { top, gitFolder, commonFolder }: Place,
): Promise<unknown> {
  const isAsked = error instanceof Failure && error.cause instanceof GitExit;
  if (!isAsked || !/No such ref: HEAD|reference broken/.test((error.cause as GitExit).stderr)) return error;
  const head = await textOf(join(gitFolder, 'HEAD'), LONGEST_REF);
  const [, ref, branch] = /^ref:\s*(refs\/heads\/([^\s\\:]+))\s*$/.exec(head ?? '') ?? [];
  if (ref === undefined || branch === undefined || ref.split('/').includes('..')) return error;
  const file = join(commonFolder, ref);
  const named = await textOf(file, LONGEST_REF);
  if (named === undefined || asGitObjectId(named.trim()) !== undefined || named.startsWith('ref:'))
    return error;
  const commit = lastOf(await textOf(join(commonFolder, 'logs', ref), LONGEST_LOG));
  const command = commit && commandForAnyShell(['git', 'update-ref', ref, commit]);
  return new Failure(
    'git',
    command === undefined
      ? l10n.t(
          'The branch “{0}” of “{1}” is damaged, as after a crash: “{2}” names no commit. Clone the repository anew, or write into that file the commit that the branch was on, and try again.',
          ...[branch, top, file],
        )
      : l10n.t(
          'The branch “{0}” of “{1}” is damaged, as after a crash: “{2}” names no commit. Remove that file, run “{3}”, which leads back to the last commit that is noted, and try again.',
          ...[branch, top, file, command],
        ),
    { cause: error.cause },
  );
}

async function textOf(file: string, most: number): Promise<string | undefined> {
  return readSmallFile(file, most).then(
    (bytes) => bytes?.toString('latin1'),
    () => undefined,
  );
}

/** The commit of the last whole line of a log (https://git-scm.com/docs/git-reflog): a crash leaves others behind. */
function lastOf(log: string | undefined): GitObjectId | undefined {
  const lines = log?.matchAll(/^\0*[0-9a-f]{40} ([0-9a-f]{40}) .*\n/gm) ?? [];
  return asGitObjectId([...lines].at(-1)?.[1] ?? '');
}
