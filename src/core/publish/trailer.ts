import type { GitObjectId } from '../objectIds.ts';

const KEY = 'Git-Commit';

/** The trailer that ties a commit in the registry to the commit that was published. */
export function trailerFor(commit: GitObjectId): string {
  return `${KEY}: ${commit}`;
}

/** Whether a commit message of the registry carries the trailer of `commit`. */
export function namesCommit(message: string, commit: GitObjectId): boolean {
  return message.split(/\r?\n/).some((line) => line.trim() === trailerFor(commit));
}
