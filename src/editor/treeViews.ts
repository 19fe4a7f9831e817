import * as vscode from 'vscode';
import { visibleLine, visibleText } from '../core/visibleText.ts';
import { withTopRowChanges } from './topRowChanges.ts';

/**
 * A tree view that misses no change of its top rows, and whose rows show what a person would not see otherwise: their names come from
 * servers and commits.
 */
export function createTreeView<T>(viewId: string, options: vscode.TreeViewOptions<T>): vscode.TreeView<T> {
  const { treeDataProvider } = options;
  return vscode.window.createTreeView(viewId, {
    ...options,
    treeDataProvider: withTopRowChanges(visibleRows(treeDataProvider)),
  });
}

function visibleRows<T>(provider: vscode.TreeDataProvider<T>): vscode.TreeDataProvider<T> {
  return {
    ...provider,
    getTreeItem: (row) => {
      const item = provider.getTreeItem(row);
      return item instanceof vscode.TreeItem ? visibleItem(item) : item.then(visibleItem);
    },
  };
}

/** Changes `item`, and gives it. */
export function visibleItem(item: vscode.TreeItem): vscode.TreeItem {
  if (typeof item.label === 'string') item.label = visibleLine(item.label);
  if (typeof item.description === 'string') item.description = visibleLine(item.description);
  if (typeof item.tooltip === 'string') item.tooltip = visibleText(item.tooltip);
  return item;
}
