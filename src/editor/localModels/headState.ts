import { commitOfModel, type WorkspaceModel } from './localModel.ts';
import { currentPublications, type Publication } from './publications.ts';

/** What is known of a model's HEAD. `unknown`: nobody is signed in, who could see whether it is in a registry. */
export type HeadState = 'noCommit' | 'published' | 'notPublished' | 'unknown';

/** @param accounts Those that are signed in. */
export function headState(
  model: WorkspaceModel,
  publications: readonly Publication[],
  accounts: readonly unknown[],
): HeadState {
  if (commitOfModel(model) === undefined) return 'noCommit';
  if (currentPublications(model, publications).length > 0) return 'published';
  return accounts.length === 0 ? 'unknown' : 'notPublished';
}
