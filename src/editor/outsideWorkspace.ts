import { realpath } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import * as vscode from 'vscode';

/**
 * Those of `programs` (absolute paths) that no open folder holds. PATH belongs to the person, but a folder whose authors are not
 * trusted may lie on it.
 */
export async function outsideOfWorkspace(programs: readonly string[]): Promise<readonly string[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const real = (path: string) => realpath(path).catch(() => path);
  const forbidden = await Promise.all(folders.map(({ uri }) => real(uri.fsPath)));
  const isInside = (path: string, folder: string) => {
    const way = relative(folder, path);
    return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
  };
  const found = await Promise.all(
    programs.map(async (program) => ({ program, places: [program, await real(program)] })),
  );
  return found
    .filter(({ places }) => !forbidden.some((folder) => places.some((place) => isInside(place, folder))))
    .map(({ program }) => program);
}
