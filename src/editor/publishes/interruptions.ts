import type { UnfinishedPublish } from '../../core/publish/journals.ts';
import { isSpelledWithin } from '../../core/snapshot/files/spelledPaths.ts';

/** A publish that a crash or a reload of the window cut short: nobody was told how it ended. */
export type InterruptedPublish = UnfinishedPublish & { readonly ending: 'interrupted' };

/**
 * Those of `unfinished` that were interrupted and are about one of `folders` (absolute paths), newest first. What comes
 * from another hub is of every window. One that failed is left out: its failure was told, and stands in the history.
 */
export function interruptedIn(
  unfinished: readonly UnfinishedPublish[],
  folders: readonly string[],
): readonly InterruptedPublish[] {
  return unfinished
    .filter((one): one is InterruptedPublish => one.ending === 'interrupted')
    .filter(
      ({ source, repository }) =>
        source !== undefined ||
        folders.some((folder) => isSpelledWithin(repository, folder) || isSpelledWithin(folder, repository)),
    )
    .sort((a, b) => b.startedAt - a.startedAt);
}
