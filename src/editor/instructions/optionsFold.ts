import type * as vscode from 'vscode';

const KEY = 'instructions.optionsOpen';

/** Whether a person left the options of commands unfolded, in whichever panel and window. */
export function areOptionsOpen(memory: vscode.Memento): boolean {
  return memory.get(KEY) === true;
}

export async function rememberOptions(memory: vscode.Memento, open: boolean): Promise<void> {
  await memory.update(KEY, open);
}
