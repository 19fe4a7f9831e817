import * as vscode from 'vscode';

export const REGISTRIES_VIEW_ID = 'modelRegistries.registries';

/** Shows the progress bar of the Registries view while `task` runs; it says nothing. */
export async function withRegistriesProgress<T>(task: () => Promise<T>): Promise<T> {
  return vscode.window.withProgress({ location: { viewId: REGISTRIES_VIEW_ID } }, task);
}
