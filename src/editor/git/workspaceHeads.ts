import type { Log } from '../../core/log.ts';
import { asGitObjectId, type GitObjectId } from '../../core/objectIds.ts';
import { createOpenRepositories } from './openRepositories.ts';

/** The HEAD commits of the workspace's repositories, as VS Code's Git extension knows them. */
interface WorkspaceHeads {
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
  const repositories = createOpenRepositories(log, () => {
    const found = new Set(
      repositories.all.flatMap(({ state }) => asGitObjectId(state.HEAD?.commit?.toLowerCase() ?? '') ?? []),
    );
    if (found.size === commits.size && [...found].every((commit) => commits.has(commit))) return;
    const before = commits;
    commits = found;
    onChange(before, found);
  });
  return {
    get commits() {
      return commits;
    },
    follow: () => repositories.follow(),
    dispose: () => repositories.dispose(),
  };
}
