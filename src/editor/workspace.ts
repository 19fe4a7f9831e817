import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import { isWithin } from '../core/snapshot/files/within.ts';
import type { Services } from './services.ts';

/** Publishing runs Git in the workspace's folders: not in those of strangers, and not where there are none on disk. */
export type Publishing = 'possible' | 'restricted' | 'virtual';

export function publishingHere(): Publishing {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length > 0 && foldersOnDisk().length === 0) return 'virtual';
  return vscode.workspace.isTrusted ? 'possible' : 'restricted';
}

/** The workspace's folders that are on this machine. */
export function foldersOnDisk(): readonly vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
}

/** Their absolute paths. */
export function pathsOnDisk(): readonly string[] {
  return foldersOnDisk().map(({ uri }) => uri.fsPath);
}

/** Whether `folder` (absolute path) is one of the workspace's folders or below one. */
export function isInWorkspace(folder: string): Promise<boolean> {
  return isWithinAny(folder, pathsOnDisk());
}

/**
 * Whether `folder` is one of `tops` or below one (absolute paths), as they are spelled or in truth: Git names folders
 * by their real paths.
 */
export async function isWithinAny(folder: string, tops: readonly string[]): Promise<boolean> {
  if (tops.some((top) => isWithin(folder, top))) return true;
  const [real, ...own] = await Promise.all([folder, ...tops].map(realOrSame));
  return real !== undefined && own.some((one) => isWithin(real, one));
}

const realOrSame = (path: string): Promise<string> => realpath(path).catch(() => path);

/**
 * Those of `programs` (absolute paths) that no open folder holds. PATH belongs to the person, but a folder whose
 * authors are not trusted may lie on it.
 */
export async function outsideOfWorkspace(programs: readonly string[]): Promise<readonly string[]> {
  const forbidden = await Promise.all(pathsOnDisk().map(realOrSame));
  const found = await Promise.all(
    programs.map(async (program) => ({ program, places: [program, await realOrSame(program)] })),
  );
  return found
    .filter(({ places }) => !forbidden.some((folder) => places.some((place) => isWithin(place, folder))))
    .map(({ program }) => program);
}

/** Says why nothing is published from an untrusted workspace, and offers to change that. @param id The notice's. */
export async function refuseUntrusted({ prompts }: Pick<Services, 'prompts'>, id: string): Promise<void> {
  const chosen = await prompts.notify({
    id,
    severity: 'warning',
    message: vscode.l10n.t(
      'This workspace is not trusted, so nothing is published from it: publishing runs Git in its folders.',
    ),
    actions: [{ id: 'trust', label: vscode.l10n.t('Manage Trust') }],
  });
  if (chosen === 'trust') await vscode.commands.executeCommand('workbench.trust.manage');
}
