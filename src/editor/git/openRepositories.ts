import type * as vscode from 'vscode';
import type { Log } from '../../core/log.ts';
import { gitExtension, type GitApi, type GitExtension, type GitRepository } from './gitExtension.ts';

/** The repositories that VS Code's Git extension has open. */
export class OpenRepositories {
  readonly #log: Log;
  readonly #onChange: (repository: GitRepository | undefined) => void;
  #api: GitApi | undefined;
  #following = false;
  #disposed = false;
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #ofApi: vscode.Disposable[] = [];
  readonly #ofRepositories = new Map<GitRepository, vscode.Disposable>();

  /** @param onChange That repository was read anew, or another one was opened or closed. */
  constructor(log: Log, onChange: (repository: GitRepository | undefined) => void) {
    this.#log = log;
    this.#onChange = onChange;
  }

  get all(): readonly GitRepository[] {
    return this.#api?.repositories ?? [];
  }

  /** Begins to follow them, the first time it is called. */
  follow(): void {
    if (!this.#following) void this.#start();
    this.#following = true;
  }

  dispose(): void {
    this.#disposed = true;
    this.#leave();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #start(): Promise<void> {
    try {
      const git = await gitExtension();
      if (!git || this.#disposed) return;
      this.#subscriptions.push(git.onDidChangeEnablement(() => this.#attach(git)));
      this.#attach(git);
    } catch (error) {
      this.#log.warn(`the editor's Git extension tells no HEAD: ${String(error)}`);
    }
  }

  #attach(git: GitExtension): void {
    this.#leave();
    this.#api = git.enabled ? git.getAPI(1) : undefined;
    for (const repository of this.all) this.#add(repository);
    if (this.#api) {
      this.#ofApi.push(
        this.#api.onDidOpenRepository((repository) => {
          this.#add(repository);
          this.#onChange(repository);
        }),
        this.#api.onDidCloseRepository((repository) => {
          this.#ofRepositories.get(repository)?.dispose();
          this.#ofRepositories.delete(repository);
          this.#onChange(undefined);
        }),
      );
    }
    this.#onChange(undefined);
  }

  #add(repository: GitRepository): void {
    this.#ofRepositories.set(
      repository,
      repository.state.onDidChange(() => this.#onChange(repository)),
    );
  }

  #leave(): void {
    for (const one of [...this.#ofApi.splice(0), ...this.#ofRepositories.values()]) one.dispose();
    this.#ofRepositories.clear();
  }
}
