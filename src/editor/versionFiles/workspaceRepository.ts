import path from 'node:path';
import * as vscode from 'vscode';

/** Whether `folder` (absolute path) is one of the workspace's folders or below one. */
export function isInWorkspace(folder: string): boolean {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .some(({ uri }) => {
      const relative = path.relative(uri.fsPath, folder);
      return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
    });
}
