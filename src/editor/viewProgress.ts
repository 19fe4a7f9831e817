import * as vscode from 'vscode';

/** Shows the progress bar of a view while `task` runs; it says nothing. */
export async function withViewProgress<T>(viewId: string, task: () => Promise<T>): Promise<T> {
  return vscode.window.withProgress({ location: { viewId } }, task);
}
