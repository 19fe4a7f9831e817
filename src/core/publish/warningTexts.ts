import * as l10n from '@vscode/l10n';
import { sizeText } from '../sizeText.ts';
import type { PublishWarning } from './warnings.ts';

/** How many paths are named before "and N more". */
const NAMED_PATHS = 5;
/** Characters of a path that are shown. */
const PATH_LENGTH = 72;

/**
 * A warning as a sentence, with what can be done about it.
 *
 * @param language of numbers, as in BCP 47.
 */
export function warningSentence(warning: PublishWarning, language = 'en'): string {
  switch (warning.kind) {
    case 'nothingKept':
      return l10n.t('No file of {0} stays as it is. Is this the right model?', warning.model);
    case 'uncommitted':
      return l10n.t('Not committed, and so left out: {0}.', namedPaths(warning.paths));
    case 'notCompared':
      return l10n.t('Whether anything is left uncommitted is not known. {0}', warning.reason);
    case 'unpushed':
      return warning.commits === 1
        ? l10n.t('One commit is not pushed to Git yet: others cannot see what was published.')
        : l10n.t(
            '{0} commits are not pushed to Git yet: others cannot see what was published.',
            warning.commits,
          );
    case 'noCard':
      return l10n.t('There is no README.md, so nobody will see what the model is for.');
    case 'noFrontMatter':
      return l10n.t(
        '{0} has no front matter: its license, task and library stay unknown.',
        namedPaths(warning.paths),
      );
    case 'secret':
      return l10n.t(
        'Looks like a secret: {0}. Everyone who may read the registry could read it.',
        namedPaths(warning.paths),
      );
    case 'unseen':
      return l10n.t(
        'Not looked at for secrets, because they are too long or cannot be read: {0}.',
        namedPaths(warning.paths),
      );
    case 'pickle':
      return warning.safe
        ? l10n.t(
            'Loading these files can run code: {0}. The safe formats beside them cannot.',
            namedPaths(warning.paths),
          )
        : l10n.t('Loading these files can run code: {0}. Safetensors cannot.', namedPaths(warning.paths));
    case 'code':
      return l10n.t(
        'Loading these files can run code that their format allows: {0}.',
        namedPaths(warning.paths),
      );
    case 'python':
      return l10n.t('Python code that runs where remote code is trusted: {0}.', namedPaths(warning.paths));
    case 'program':
      return l10n.t('Programs, scripts or libraries: {0}.', namedPaths(warning.paths));
    case 'standIn':
      return l10n.t(
        'Encrypted, plain text, or only a pointer, instead of what their names say: {0}. Nobody can load them as they are.',
        namedPaths(warning.paths),
      );
    case 'notInLfs':
      return l10n.t(
        'Large, and not in Git LFS: {0}. “git lfs track” keeps them out of Git itself.',
        namedPaths(warning.paths),
      );
    case 'notTaken':
      return l10n.t('The registry would not take the large files of this publish. {0}', warning.reason);
    case 'overPlan':
      return l10n.t(
        '{0} is more than {1} takes in a month. Other plans take more.',
        sizeText(warning.bytes, language),
        warning.plan,
      );
  }
}

/** Some paths, and how many more, in one line. */
export function namedPaths(paths: readonly string[]): string {
  const first = paths.slice(0, NAMED_PATHS).map(shown).join(', ');
  const more = paths.length - NAMED_PATHS;
  return more > 0 ? l10n.t('{0} and {1} more', first, more) : first;
}

/** In one line, without what would be obeyed by a terminal or turn the direction of the text. */
function shown(path: string): string {
  const line = path.replace(/\p{C}+/gu, ' ').trim();
  return line.length > PATH_LENGTH ? `${line.slice(0, PATH_LENGTH - 1)}…` : line;
}
