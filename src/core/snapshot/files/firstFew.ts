import * as l10n from '@vscode/l10n';

/** The first few, and how many more. */
export function firstFew(items: readonly string[]): string {
  const shown = items.slice(0, 5).join(', ');
  const more = items.length - 5;
  return more > 0 ? l10n.t('{0} and {1} more', shown, more) : shown;
}
