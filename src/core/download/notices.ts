import { codeFormatOf } from '../weights/codeFormats.ts';
import type { DownloadPlan } from './downloading.ts';
import { isObeyed } from './obeyedNames.ts';

/** Something that a person should know before a download, besides its `cacheConflict`. Paths are as in the version. */
export type DownloadNotice =
  /** Files that an editor, a shell or another tool obeys where they lie. */
  | { readonly kind: 'obeyed'; readonly paths: readonly string[] }
  /** Files that run code when they are loaded. */
  | { readonly kind: 'runsCode'; readonly paths: readonly string[] };

/** What a person should know of the files that a plan would put there, the gravest first. */
export function downloadNotices({
  destination,
  missing,
  differing,
}: Pick<DownloadPlan, 'destination' | 'missing' | 'differing'>): readonly DownloadNotice[] {
  const paths = [...missing, ...differing].map(({ path }) => path).sort();
  // Nobody works in the folders of the cache.
  const obeyed = destination.kind === 'cache' ? [] : paths.filter((path) => isObeyed(path));
  const code = paths.filter((path) => codeFormatOf(path) !== undefined);
  return [
    ...(obeyed.length > 0 ? [{ kind: 'obeyed', paths: obeyed } as const] : []),
    ...(code.length > 0 ? [{ kind: 'runsCode', paths: code } as const] : []),
  ];
}
