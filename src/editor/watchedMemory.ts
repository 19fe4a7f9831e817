import * as vscode from 'vscode';

/** What VS Code keeps, and an event for those who show what is kept. */
export interface WatchedMemory extends vscode.Memento {
  /** The key of what was changed, once it is. Changes by other windows are not told. */
  readonly onDidUpdate: vscode.Event<string>;
}

/** `memory`, for all who read and write it. */
export function watchMemory(memory: vscode.Memento): WatchedMemory & vscode.Disposable {
  const updated = new vscode.EventEmitter<string>();
  return {
    keys: () => memory.keys(),
    get: <T>(key: string, otherwise?: T) => memory.get(key, otherwise) as T,
    async update(key, value) {
      await memory.update(key, value);
      updated.fire(key);
    },
    onDidUpdate: updated.event,
    dispose: () => updated.dispose(),
  };
}
