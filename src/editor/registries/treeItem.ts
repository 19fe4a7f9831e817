import * as vscode from 'vscode';
import { emptyItem, failedItem, loadingItem, moreItem, signInItem } from './closingItems.ts';
import { contextWords } from './contextWords.ts';
import {
  fileItem,
  folderItem,
  modelItem,
  organizationItem,
  otherRegistryItem,
  registryItem,
  versionItem,
} from './rowItems.ts';
import { rowId, type Row } from '../rows.ts';
import type { Surroundings } from './surroundings.ts';

/** Ends the ids of rows that start unfolded; no other id ends so. */
const UNFOLDED = ' unfolded';

/**
 * How a row looks. Pure. Names come from servers and strangers: they stand in labels, descriptions and tooltips, which
 * VS Code shows letter for letter, and never in Markdown.
 */
export function treeItem(row: Row, surroundings: Surroundings): vscode.TreeItem {
  const item = describeRow(row, surroundings);
  item.id = rowId(row);
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  if (item.collapsibleState === Collapsed && surroundings.startsUnfolded(row)) {
    item.collapsibleState = Expanded;
    // VS Code looks at how a row starts only when its id is new.
    item.id += UNFOLDED;
  }
  item.contextValue = [...contextWords(row)].sort().join(';');
  return item;
}

function describeRow(row: Row, surroundings: Surroundings): vscode.TreeItem {
  switch (row.kind) {
    case 'organization':
      return organizationItem(row, surroundings);
    case 'registry':
      return registryItem(row);
    case 'otherRegistry':
      return otherRegistryItem(row);
    case 'model':
      return modelItem(row, surroundings);
    case 'version':
      return versionItem(row, surroundings);
    case 'folder':
      return folderItem(row);
    case 'file':
      return fileItem(row, surroundings);
    case 'more':
      return moreItem(row);
    case 'loading':
      return loadingItem(row);
    case 'empty':
      return emptyItem(row, surroundings);
    case 'failed':
      return failedItem(row, surroundings);
    case 'signIn':
      return signInItem(row);
  }
}
