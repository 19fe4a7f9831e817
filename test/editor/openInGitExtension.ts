import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { gitExtension, type GitApi, type GitRepository } from '../../src/editor/publishing/gitExtension.ts';

const SETTING = 'openRepositoryInParentFolders';

/** Has VS Code's Git extension open a repository that lies outside the workspace, which 1.105 does only where this setting allows it. */
export async function openInGitExtension(root: string): Promise<GitRepository> {
  const api = (await gitExtension())?.getAPI(1) as
    (GitApi & { openRepository(root: vscode.Uri): Promise<GitRepository | null> }) | undefined;
  assert(api);
  const settings = vscode.workspace.getConfiguration('git');
  const before = settings.inspect(SETTING)?.globalValue;
  await settings.update(SETTING, 'always', vscode.ConfigurationTarget.Global);
  try {
    const opened = await api.openRepository(vscode.Uri.file(root));
    assert(opened);
    return opened;
  } finally {
    await settings.update(SETTING, before, vscode.ConfigurationTarget.Global);
  }
}
