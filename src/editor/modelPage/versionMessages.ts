import { listCommits } from '../../core/hub/commitList.ts';
import type { HubConnection } from '../../core/hub/connection.ts';
import type { CommitName } from '../../core/objectIds.ts';

/**
 * The commit messages of a model's versions, which the registry's list leaves out. One request brings those of a version
 * and of some before it, so that most versions need none of their own.
 */
export class VersionMessages {
  readonly #messages = new Map<CommitName, string>();

  /** undefined where it is not known. */
  of(commit: CommitName | undefined): string | undefined {
    return commit === undefined ? undefined : this.#messages.get(commit);
  }

  /** Asks for the message of a version, unless it is known. A server may have none. Throws a `Failure`. */
  async load(hub: () => Promise<HubConnection>, commit: CommitName, signal: AbortSignal): Promise<void> {
    if (this.#messages.has(commit)) return;
    for (const { id, message } of (await listCommits(await hub(), commit, signal)) ?? []) {
      this.#messages.set(id, message);
    }
  }
}
