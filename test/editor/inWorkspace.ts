import assert from 'node:assert/strict';
import { lstat, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { closeInGitExtension } from './openInGitExtension.ts';

/** Absolute path of the open workspace, in which the repository of the sample model lies. */
export function workspaceFolder(): string {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert(first);
  return first.uri.fsPath;
}

/**
 * Places in the open workspace for what a test puts there; after the test the workspace is as it was. To be called in a `describe`, before
 * `scratch`: Git that still looks at a repository must not meet the machine's own filters there.
 *
 * @returns The absolute path of a folder or file of that name, which is for the test to make.
 */
export function inWorkspace(): (name: string) => string {
  const places: string[] = [];
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const place of places.splice(0)) await takeAway(place);
  });
  return (name) => {
    const place = join(workspaceFolder(), name);
    places.push(place);
    return place;
  };
}

/**
 * VS Code's Git extension runs Git in a repository whenever something happens there, and Git may write in it while it is being removed. So
 * it leaves the workspace in one step, and is removed where it is in nobody's way.
 */
async function takeAway(place: string): Promise<void> {
  const outside = await mkdtemp(join(tmpdir(), 'out-of-workspace-'));
  const isThere = await lstat(place).then(
    () => true,
    () => false,
  );
  if (isThere) await rename(place, join(outside, 'it'));
  await closeInGitExtension(place);
  await rm(outside, { recursive: true, force: true, maxRetries: 10 });
}
