import * as vscode from 'vscode';

const SCHEME = 'model-registries-greyed';

/** Still readable, in every kind of theme. */
export const GREY = new vscode.ThemeColor('list.deemphasizedForeground');

/** The resource of a row whose label is greyed: a row cannot say so itself. @param id The row's. */
export function greyedResource(id: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${encodeURIComponent(id)}` });
}

/** Greys the labels of rows that have a {@link greyedResource}. */
export function registerGreyedRows(): vscode.Disposable {
  const decoration = new vscode.FileDecoration(undefined, undefined, GREY);
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration: ({ scheme }) => (scheme === SCHEME ? decoration : undefined),
  });
}
