import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { asGitObjectId, type GitObjectId } from '../core/objectIds.ts';
import { folderMemory } from './folderMemory.ts';
import type { RememberedTarget } from './publishService.ts';

/** The version of a registry that a folder was downloaded as. No token is in it. */
export interface DownloadedFrom extends RememberedTarget {
  readonly commit: GitObjectId;
}

/** Of the memory's entry. */
export const DOWNLOADS_KEY = 'downloads.from';

const text = z.string().check(z.minLength(1));
const stored = z.object({
  accountId: text,
  organization: text,
  registry: text,
  model: text,
  commit: z.custom<GitObjectId>((value) => typeof value === 'string' && asGitObjectId(value) === value),
});
const memoryOfFolders = folderMemory<DownloadedFrom>(DOWNLOADS_KEY, stored);

/** What of a folder is remembered, in every window. @param folder Absolute path. */
export function downloadedFrom(memory: vscode.Memento, folder: string): DownloadedFrom | undefined {
  return memoryOfFolders.of(memory, { repository: folder, folder: '' });
}

/** Remembers it, in place of what was downloaded there before. @param folder Absolute path. */
export async function rememberDownload(
  memory: vscode.Memento,
  folder: string,
  from: DownloadedFrom,
): Promise<void> {
  await memoryOfFolders.remember(memory, { repository: folder, folder: '' }, from);
}
