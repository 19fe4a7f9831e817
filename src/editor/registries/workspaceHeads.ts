import type * as vscode from 'vscode';
import type { Log } from '../../core/log.ts';
import { asGitObjectId, type GitObjectId } from '../../core/objectIds.ts';
import {
  gitExtension,
  type GitApi,
  type GitExtension,
  type GitRepository,
} from '../publishing/gitExtension.ts';

/** The HEAD commits of the workspace's repositories, as VS Code's Git extension knows them. */
export interface WorkspaceHeads {
  readonly commits: ReadonlySet<GitObjectId>;
  /** Begins to follow them, the first time it is called. */
  follow(): void;
  dispose(): void;
}

type Commits = ReadonlySet<GitObjectId>;

/** @param onChange The commits are others than before. */
export function createWorkspaceHeads(
  log: Log,
  onChange: (before: Commits, now: Commits) => void,
): WorkspaceHeads {
  let commits: Commits = new Set();
  let following: Promise<void> | undefined;
  let disposed = false;
  const subscriptions: vscode.Disposable[] = [];
  const ofApi: vscode.Disposable[] = [];
  const ofRepositories = new Map<GitRepository, vscode.Disposable>();

  const read = (repositories: readonly GitRepository[]) => {
    const found = new Set(
      repositories.flatMap(({ state }) => asGitObjectId(state.HEAD?.commit?.toLowerCase() ?? '') ?? []),
    );
    if (found.size === commits.size && [...found].every((commit) => commits.has(commit))) return;
    const before = commits;
    commits = found;
    onChange(before, found);
  };
  const leave = () => {
    for (const subscription of [...ofApi.splice(0), ...ofRepositories.values()]) subscription.dispose();
    ofRepositories.clear();
  };
  const attach = (git: GitExtension) => {
    leave();
    if (!git.enabled) {
      read([]);
      return;
    }
    const api: GitApi = git.getAPI(1);
    const add = (repository: GitRepository) => {
      ofRepositories.set(
        repository,
        repository.state.onDidChange(() => read(api.repositories)),
      );
    };
    api.repositories.forEach(add);
    ofApi.push(
      api.onDidOpenRepository((repository) => {
        add(repository);
        read(api.repositories);
      }),
      api.onDidCloseRepository((repository) => {
        ofRepositories.get(repository)?.dispose();
        ofRepositories.delete(repository);
        read(api.repositories);
      }),
    );
    read(api.repositories);
  };
  const start = async () => {
    try {
      const git = await gitExtension();
      if (!git || disposed) return;
      subscriptions.push(git.onDidChangeEnablement(() => attach(git)));
      attach(git);
    } catch (error) {
      log.warn(`registries: the editor's Git extension tells no HEAD: ${String(error)}`);
    }
  };

  return {
    get commits() {
      return commits;
    },
    follow() {
      following ??= start();
    },
    dispose() {
      disposed = true;
      leave();
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}
