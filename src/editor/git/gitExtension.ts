import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';

/** The part of VS Code's built-in Git extension that is used here. */
export interface GitExtension {
  readonly enabled: boolean;
  readonly onDidChangeEnablement: vscode.Event<boolean>;
  /** Throws while it is disabled. */
  getAPI(version: 1): GitApi;
}

/** Its API, version 1: https://github.com/microsoft/vscode/blob/main/extensions/git/src/api/git.d.ts */
export interface GitApi {
  readonly git: { readonly path: string };
  readonly repositories: readonly GitRepository[];
  readonly onDidOpenRepository: vscode.Event<GitRepository>;
  readonly onDidCloseRepository: vscode.Event<GitRepository>;
}

export interface GitRepository {
  readonly rootUri: vscode.Uri;
  readonly state: {
    /** undefined before the first reading; without `commit` where there is none, without `name` where detached. */
    readonly HEAD:
      | {
          readonly commit?: string;
          readonly name?: string;
          /** Absent where the branch follows none. */
          readonly upstream?: { readonly remote: string; readonly name: string };
          /** Commits that the upstream lacks, by what was fetched last. */
          readonly ahead?: number;
        }
      | undefined;
    readonly mergeChanges: readonly GitChange[];
    readonly indexChanges: readonly GitChange[];
    readonly workingTreeChanges: readonly GitChange[];
    /** Apart from `workingTreeChanges` only where a setting asks for that. */
    readonly untrackedChanges: readonly GitChange[];
    readonly onDidChange: vscode.Event<void>;
  };
  /** Reads the state anew. */
  status(): Promise<void>;
}

interface GitChange {
  readonly uri: vscode.Uri;
}

/** VS Code's built-in Git extension, activated; undefined where it is absent, as in Restricted Mode. */
export async function gitExtension(): Promise<GitExtension | undefined> {
  return vscode.extensions.getExtension<GitExtension>('vscode.git')?.activate();
}

interface KnownGit {
  /** Absolute path of the Git program that the person's settings lead to. */
  readonly program: string | undefined;
  /** Absolute paths of the top folders of open repositories. */
  readonly repositories: readonly string[];
}

/** What the built-in Git extension knows; nothing where it is disabled or absent. */
export async function knownGit(): Promise<KnownGit> {
  const exported = await gitExtension();
  if (!exported?.enabled) return { program: undefined, repositories: [] };
  const { git, repositories } = exported.getAPI(1);
  return {
    // On Linux it is just `git`, which our own search of PATH finds more carefully.
    program: path.isAbsolute(git.path) ? git.path : undefined,
    repositories: repositories.map(({ rootUri }) => rootUri.fsPath),
  };
}

/** Commits that the upstream of the snapshot's branch lacks; undefined where there is no upstream, or nobody knows. */
export async function publishedAhead({
  repository,
  commit,
}: Pick<Snapshot, 'repository' | 'commit'>): Promise<number | undefined> {
  const exported = await gitExtension();
  if (!exported?.enabled) return undefined;
  const real = (folder: string): Promise<string> => realpath(folder).catch(() => folder);
  const wanted = await real(repository);
  for (const { rootUri, state } of exported.getAPI(1).repositories) {
    const { HEAD } = state;
    if (HEAD?.commit !== commit || (await real(rootUri.fsPath)) !== wanted) continue;
    return HEAD.upstream && (HEAD.ahead ?? 0);
  }
  return undefined;
}
