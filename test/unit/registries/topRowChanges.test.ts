import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type * as vscode from 'vscode';
import { withTopRowChanges } from '../../../src/editor/topRowChanges.ts';

describe('changes of the top rows of a view', () => {
  function open() {
    const changes = new EventEmitter();
    const onDidChangeTreeData: vscode.Event<string | undefined> = (listener) => {
      changes.on('change', listener);
      return { dispose: () => changes.off('change', listener) };
    };
    const provider = withTopRowChanges<string>({
      onDidChangeTreeData,
      getChildren: (row) => (row === undefined ? ['top'] : []),
      getTreeItem: () => ({}),
    });
    const told: unknown[] = [];
    provider.onDidChangeTreeData?.((row) => told.push(row ?? 'all'));
    return { provider, told, change: (row?: string) => changes.emit('change', row) };
  }

  it('are told once before VS Code has asked for them', () => {
    const { told, change } = open();
    change();
    change();
    assert.deepEqual(told, ['all', 'all']);
  });

  it('are told twice when they may arrive with the answer to its first question, and once after that', () => {
    const { provider, told, change } = open();
    provider.getChildren();
    change();
    assert.deepEqual(told, ['all', 'all']);
    provider.getChildren();
    change();
    assert.deepEqual(told, ['all', 'all', 'all']);
  });

  it('are not taken for those of one row', () => {
    const { provider, told, change } = open();
    provider.getChildren('top');
    provider.getChildren();
    change('top');
    assert.deepEqual(told, ['top']);
    change();
    assert.deepEqual(told, ['top', 'all', 'all']);
  });
});
