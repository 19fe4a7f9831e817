import type { OngoingPublish } from '../publishService.ts';
import { commitOfModel, type WorkspaceModel } from './localModel.ts';
import { currentPublications, type Publication } from './publications.ts';

/** What is known of a model's HEAD. `unknown`: nobody is signed in, who could see whether it is in a registry. */
export type HeadState = 'noCommit' | 'published' | 'publishing' | 'notPublished' | 'unknown';

/**
 * @param ongoing The publish of the model that is under way, of whatever commit.
 * @param accounts Those that are signed in.
 */
export function headState(
  model: WorkspaceModel,
  publications: readonly Publication[],
  ongoing: Pick<OngoingPublish, 'plan'> | undefined,
  accounts: readonly unknown[],
): HeadState {
  const commit = commitOfModel(model);
  if (commit === undefined) return 'noCommit';
  // To another registry, too: that is no news about this one.
  if (currentPublications(model, publications).length > 0) return 'published';
  if (ongoing?.plan.snapshot.commit === commit) return 'publishing';
  return accounts.length === 0 ? 'unknown' : 'notPublished';
}
