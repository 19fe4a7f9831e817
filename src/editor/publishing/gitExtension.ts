import path from 'node:path';
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
  /** Absolute path of the Git program that the person's settings lead to. */
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
    // On Linux it is just `git`, which our own search of PATH finds more carefully.
    program: path.isAbsolute(git.path) ? git.path : undefined,
    repositories: repositories.map(({ rootUri }) => rootUri.fsPath),
  };
}
