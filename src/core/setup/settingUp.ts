import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';

/**
 * Where a repository is made before it is whole, in the folder that it will be of. The dot keeps it out of models; as
 * long as it is there, nobody else sets the folder up.
 */
export const SETTING_UP = '.git.setting-up';

/** The folder, or a part of it, was changed since the plan of it was made. */
export function changedSince(path: string): Failure {
  return new Failure(
    'conflict',
    l10n.t('“{0}” was changed after it was looked at, and nothing was committed. Try again.', path),
    { paths: [path] },
  );
}
