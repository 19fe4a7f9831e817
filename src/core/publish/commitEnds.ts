import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { RemoteCommit } from '../hub/commitList.ts';
import { shortName } from '../objectIds.ts';
import { fixedParent } from './commitLook.ts';
import type { PublishPlan } from './publishing.ts';
import type { Run } from './run.ts';

/** The publish was cancelled, and whether the commit happened cannot be told. */
export class CommitUnsettled extends Error {
  override readonly name = 'CommitUnsettled';
}

/** The commit did not happen: the head is another one than the plan was made against. */
export class CommitOvertaken extends Error {
  override readonly name = 'CommitOvertaken';
}

/** Why a commit was refused whose parent is not the head any more. */
export function movedMeanwhile({ plan }: Pick<Run, 'plan'>, cause: unknown): CommitOvertaken | Failure {
  // Without a parent any head would have done: then nothing tells two publishes apart.
  if (fixedParent(plan) !== undefined) return new CommitOvertaken('The head has moved.', { cause });
  return conflictWith(plan, undefined, cause);
}

/** Says who was faster, as far as the registry tells. */
export function conflictWith(
  { target: { model } }: PublishPlan,
  newest: RemoteCommit | undefined,
  cause: unknown,
): Failure {
  const title = newest?.message.split(/\r?\n/, 1)[0];
  return new Failure(
    'conflict',
    newest === undefined
      ? l10n.t('“{0}” was published to by someone else meanwhile. Publish again to build on that.', model)
      : newest.author === undefined
        ? l10n.t(
            '“{0}” was published to by someone else meanwhile, last as {1}, “{2}”. Publish again to build on that.',
            model,
            shortName(newest.id),
            title ?? '',
          )
        : l10n.t(
            '“{0}” was published to by {1} meanwhile, last as {2}, “{3}”. Publish again to build on that.',
            model,
            newest.author,
            shortName(newest.id),
            title ?? '',
          ),
    { status: cause instanceof Failure ? cause.status : undefined, cause },
  );
}
