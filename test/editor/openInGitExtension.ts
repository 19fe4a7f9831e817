import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { gitExtension, type GitApi, type GitRepository } from '../../src/editor/git/gitExtension.ts';
import { until } from '../setup/until.ts';

const SETTING = 'openRepositoryInParentFolders';

/** A repository of the Git extension, which by itself looks at what happened in one no sooner than 5 s after it looked last. */
interface Opened extends GitRepository {
  /** Looks at it now. */
  status(): Promise<void>;
}

interface Api extends GitApi {
  readonly repositories: readonly Opened[];
  openRepository(root: vscode.Uri): Promise<GitRepository | null>;
  getRepository(uri: vscode.Uri): GitRepository | null;
}

async function gitApi(): Promise<Api> {
  const git = await gitExtension();
  assert(git);
  return git.getAPI(1) as Api;
}

/** The repository in that folder (absolute path) of the workspace, once VS Code's Git extension has read it. */
export async function inGitExtension(root: string): Promise<Opened> {
  const api = await gitApi();
  const found = () => api.repositories.find(({ rootUri }) => rootUri.fsPath === root);
  await until(() => found()?.state.HEAD?.commit !== undefined, `the Git extension has read ${root}`);
  return found()!;
}

/**
 * Has VS Code's Git extension open repositories that lie outside the workspace, which 1.105 does only where a setting allows it, until the
 * test has ended. To be called in a `describe`, before `scratch`.
 */
export function openedInGitExtension(): (root: string) => Promise<GitRepository> {
  const roots: string[] = [];
  afterEach(async () => {
    for (const root of roots.splice(0)) await closeInGitExtension(root);
  });
  return async (root) => {
    const api = await gitApi();
    roots.push(root);
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
  };
}

/** Has VS Code's Git extension, which keeps repositories that are gone, forget those at `root` (absolute path) and below. */
export async function closeInGitExtension(root: string): Promise<void> {
  const api = await gitApi();
  const isThere = ({ rootUri }: GitRepository) => `${rootUri.fsPath}/`.startsWith(`${root}/`);
  for (const { rootUri } of api.repositories.filter(isThere)) {
    // The command asks a person which one is meant where it does not find it.
    if (api.getRepository(rootUri)?.rootUri.fsPath === rootUri.fsPath) {
      await vscode.commands.executeCommand('git.close', rootUri);
    }
  }
}
