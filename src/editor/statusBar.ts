import * as vscode from 'vscode';
import { withBrokenIcons } from './plainText.ts';

/** Says in the status bar what was done; it goes by itself. */
export function sayInStatusBar(text: string, milliseconds: number): void {
  vscode.window.setStatusBarMessage(withBrokenIcons(text), milliseconds);
}
