import type * as vscode from 'vscode';

/**
 * A provider of whose top rows no change is lost. VS Code asks for them by itself once, when it opens the view. A change that reaches it
 * together with the answer is lost on it: it takes the rows of that answer for the new ones (`getChildrenBatch` in
 * https://github.com/microsoft/vscode/blob/main/src/vs/workbench/browser/parts/views/treeView.ts). It takes up a change only after it is done
 * with the one before, and so with that answer: therefore the first one after the question is told twice.
 */
export function withTopRowChanges<T>(provider: vscode.TreeDataProvider<T>): vscode.TreeDataProvider<T> {
  let state: 'not asked' | 'asked' | 'told' = 'not asked';
  const { onDidChangeTreeData } = provider;
  return {
    ...provider,
    getChildren(row) {
      if (row === undefined && state === 'not asked') state = 'asked';
      return provider.getChildren(row);
    },
    ...(onDidChangeTreeData && {
      onDidChangeTreeData: (listener, thisArg, disposables) =>
        onDidChangeTreeData(
          (rows) => {
            listener.call(thisArg, rows);
            const isOfTop = rows === undefined || rows === null;
            if (!isOfTop || state !== 'asked') return;
            state = 'told';
            listener.call(thisArg, rows);
          },
          undefined,
          disposables,
        ),
    }),
  };
}
