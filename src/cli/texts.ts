import * as l10n from '@vscode/l10n';
import prettyBytes from 'pretty-bytes';

/** "12.3 MB". */
export function bytes(count: number): string {
  return prettyBytes(count);
}

/** "1 file", "12 files". */
export function filesText(count: number): string {
  return count === 1 ? l10n.t('1 file') : l10n.t('{0} files', count);
}

/** "━━━━━━────". @param part from 0 to 1. */
export function bar(part: number, width: number): string {
  const full = Math.round(Math.max(0, Math.min(1, part)) * width);
  return '━'.repeat(full) + '─'.repeat(width - full);
}
