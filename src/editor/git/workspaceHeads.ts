import type { Log } from '../../core/log.ts';
import { asGitObjectId, type GitObjectId } from '../../core/objectIds.ts';
import { OpenRepositories } from './openRepositories.ts';

type Commits = ReadonlySet<GitObjectId>;

/** The HEAD commits of the workspace's repositories, as VS Code's Git extension knows them. */
export class WorkspaceHeads {
  readonly #onChange: (before: Commits, now: Commits) => void;
  readonly #repositories: OpenRepositories;
  #commits: Commits = new Set();

  /** @param onChange The commits are others than before. */
  constructor(log: Log, onChange: (before: Commits, now: Commits) => void) {
    this.#onChange = onChange;
    this.#repositories = new OpenRepositories(log, () => this.#read());
  }

  get commits(): Commits {
    return this.#commits;
  }

  /** Begins to follow them, the first time it is called. */
  follow(): void {
    this.#repositories.follow();
  }

  dispose(): void {
    this.#repositories.dispose();
  }

  #read(): void {
    const before = this.#commits;
    const found = this.#repositories.all.map(({ state }) => state.HEAD?.commit?.toLowerCase() ?? '');
    const now = new Set(found.flatMap((commit) => asGitObjectId(commit) ?? []));
    if (now.size === before.size && [...now].every((commit) => before.has(commit))) return;
    this.#commits = now;
    this.#onChange(before, now);
  }
}
