import type * as vscode from 'vscode';
import type { Log } from '../../core/log.ts';
import { gitExtension, type GitApi, type GitExtension, type GitRepository } from './gitExtension.ts';

/** The repositories that VS Code's Git extension has open. */
export interface OpenRepositories {
  readonly all: readonly GitRepository[];
  /** Begins to follow them, the first time it is called. */
  follow(): void;
  dispose(): void;
}

/** @param onChange That repository was read anew, or another one was opened or closed. */
export function createOpenRepositories(
  log: Log,
  onChange: (repository: GitRepository | undefined) => void,
): OpenRepositories {
  let api: GitApi | undefined;
  let following: Promise<void> | undefined;
  let disposed = false;
  const subscriptions: vscode.Disposable[] = [];
  const ofApi: vscode.Disposable[] = [];
  const ofRepositories = new Map<GitRepository, vscode.Disposable>();

  const leave = () => {
    for (const subscription of [...ofApi.splice(0), ...ofRepositories.values()]) subscription.dispose();
    ofRepositories.clear();
  };
  const add = (repository: GitRepository) => {
    ofRepositories.set(
      repository,
      repository.state.onDidChange(() => onChange(repository)),
    );
  };
  const attach = (git: GitExtension) => {
    leave();
    api = git.enabled ? git.getAPI(1) : undefined;
    api?.repositories.forEach(add);
    if (api) {
      ofApi.push(
        api.onDidOpenRepository((repository) => {
          add(repository);
          onChange(repository);
        }),
        api.onDidCloseRepository((repository) => {
          ofRepositories.get(repository)?.dispose();
          ofRepositories.delete(repository);
          onChange(undefined);
        }),
      );
    }
    onChange(undefined);
  };
  const start = async () => {
    try {
      const git = await gitExtension();
      if (!git || disposed) return;
      subscriptions.push(git.onDidChangeEnablement(() => attach(git)));
      attach(git);
    } catch (error) {
      log.warn(`the editor's Git extension tells no HEAD: ${String(error)}`);
    }
  };

  return {
    get all() {
      return api?.repositories ?? [];
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
