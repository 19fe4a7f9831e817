import * as l10n from '@vscode/l10n';

/** Longer patterns are no wishes of people. Characters. */
const LONGEST_PATTERN = 1000;

/**
 * Why a pattern of paths can match nothing, as a localised sentence that can stand under an input; undefined where it is
 * a good one.
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.trim() === '') return l10n.t('A pattern of paths is empty. Write one such as “*.safetensors”.');
  if (pattern.length > LONGEST_PATTERN) {
    return l10n.t('A pattern of paths is longer than {0} characters.', LONGEST_PATTERN);
  }
  if (/^(?:\/|\.{1,2}\/)/.test(pattern)) {
    return l10n.t(
      '“{0}” is a path of this machine. Paths of a model begin with a name, such as “onnx/*”.',
      pattern,
    );
  }
  if (pattern.includes('\\')) {
    return l10n.t('“{0}” holds a backslash. The folders of a model are told apart by “/”.', pattern);
  }
  return undefined;
}
