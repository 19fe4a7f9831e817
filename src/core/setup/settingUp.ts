import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { firstProgram, programCandidates } from '../programs/programPath.ts';

/**
 * Where a repository is made before it is whole, in the folder that it will be of. The dot keeps it out of models; as
 * long as it is there, nobody else sets the folder up.
 */
export const SETTING_UP = '.git.setting-up';

/** Absolute path of Git LFS's program; undefined where it is not installed. */
export function findGitLfs(): Promise<string | undefined> {
  return firstProgram(programCandidates('git-lfs', process.env, process.platform));
}

/** The folder, or a part of it, was changed since the plan of it was made. */
export function changedSince(path: string): Failure {
  return new Failure(
    'conflict',
    l10n.t('“{0}” was changed after it was looked at, and nothing was committed. Try again.', path),
    { paths: [path] },
  );
}
