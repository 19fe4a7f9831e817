import * as l10n from '@vscode/l10n';
import { commandForAnyShell } from '../../shells/anyShell.ts';
import type { LfsPlace } from '../snapshot.ts';

/** More files are not named one by one. */
const MOST_NAMED = 5;

/** `fetch` brings content into the store, `pull` into the work tree, too. */
type Verb = 'fetch' | 'pull';

/**
 * The command that brings the content of files, whatever settings say that is not to be fetched by itself
 * (https://github.com/git-lfs/git-lfs/blob/main/docs/man/git-lfs-fetch.adoc, include and exclude).
 */
export function lfsCommand(verb: Verb, places: readonly LfsPlace[]): string {
  if (!places.some(({ isFiltered }) => isFiltered)) return `git lfs ${verb}`;
  const named = places.length <= MOST_NAMED ? [places.map(({ path }) => patternOf(path)).join(',')] : [];
  for (const include of [...named, '*']) {
    const command = commandForAnyShell(['git', 'lfs', verb, '--include', include, '--exclude=']);
    if (command !== undefined) return command;
  }
  return withoutFilters(verb);
}

/** The command that puts aside what is damaged in the store, so that it can be fetched again. */
export function lfsRepairCommand(places: readonly LfsPlace[]): string {
  return places.some(({ isFiltered }) => isFiltered) ? withoutFilters('fsck') : 'git lfs fsck';
}

/** What helps in place of {@link lfsCommand} where nothing could be asked for the content; undefined elsewhere. */
export function withoutServer(places: readonly LfsPlace[]): string | undefined {
  return places.some(({ isNowhere }) => isNowhere)
    ? l10n.t(
        'The repository has no remote that Git LFS could get it from. Add the one that has it and run “{0}”, or put the file itself there and commit it, then publish again.',
        lfsCommand('pull', places),
      )
    : undefined;
}

function withoutFilters(verb: Verb | 'fsck'): string {
  const settings = ['-c', 'lfs.fetchinclude=', '-c', 'lfs.fetchexclude='];
  return commandForAnyShell(['git', ...settings, 'lfs', verb]) ?? `git lfs ${verb}`;
}

/**
 * A pattern that matches `path`: what means something in patterns, in the list of them, or in shells is any one
 * character. Git LFS takes spaces away from both ends.
 */
function patternOf(path: string): string {
  return path.replace(/[\x21-\x2a,:-?[-^`{-\x7f]|^ | $/g, '?');
}
