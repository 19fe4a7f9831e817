import * as vscode from 'vscode';
import type { ConfirmPrompt } from './prompts.ts';

/**
 * The buttons of a modal question. Enter presses the first one that is no close affordance
 * (https://code.visualstudio.com/api/references/vscode-api#MessageItem): where it is to cancel, the button that
 * Escape presses is another.
 */
export function confirmItems({
  action,
  default: byEnter = 'action',
  others = [],
  dismissal,
}: Pick<ConfirmPrompt, 'action' | 'default' | 'others' | 'dismissal'>): readonly vscode.MessageItem[] {
  const items = [{ title: action }, ...others.map(({ label }) => ({ title: label }))];
  if (byEnter === 'action') {
    return dismissal === undefined ? items : [...items, { title: dismissal, isCloseAffordance: true }];
  }
  const close = { title: vscode.l10n.t('Close'), isCloseAffordance: true };
  return [{ title: vscode.l10n.t('Cancel') }, ...items, close];
}
