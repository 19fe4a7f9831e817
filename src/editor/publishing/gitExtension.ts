import * as vscode from 'vscode';

/** The part of VS Code's built-in Git extension that is used here: its API, version 1. */
interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): {
    readonly git: { readonly path: string };
    readonly repositories: readonly { readonly rootUri: vscode.Uri }[];
  };
}

export interface KnownGit {
  /** Absolute path of the Git program. */
  readonly program: string | undefined;
  /** Absolute paths of the top folders of open repositories. */
  readonly repositories: readonly string[];
}

/** What the built-in Git extension knows; nothing where it is disabled or absent. */
export async function knownGit(): Promise<KnownGit> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  const exported = await extension?.activate();
  if (!exported?.enabled) return { program: undefined, repositories: [] };
  const { git, repositories } = exported.getAPI(1);
  return {
    program: git.path,
    repositories: repositories.map(({ rootUri }) => rootUri.fsPath),
  };
}
