import { type CommitName, isHashName } from '../objectIds.ts';
import { deviation } from './compare.ts';
import type { Deliveries } from './delivery.ts';
import type { PublishPlan } from './publishing.ts';
import type { Run } from './run.ts';
import { namesSnapshot } from './trailer.ts';

/** What the registry shows of a commit whose answer is not known. */
export type Look =
  | { readonly kind: 'ours'; readonly commit: CommitName }
  /** The head is the one that the plan was made against, or there is still none. */
  | { readonly kind: 'unmoved' }
  /** The head is someone else's commit. */
  | { readonly kind: 'moved' }
  /** The registry calls every head by the same name, and lists nothing that would tell one from another. */
  | { readonly kind: 'unclear' };

/**
 * The head that a new commit has to follow, where its name tells it from every other one: a hash does. A server that
 * calls all of its commits `main`, or 1, would take a second commit on top of the first.
 */
export function fixedParent({ parentCommit }: Pick<PublishPlan, 'parentCommit'>): CommitName | undefined {
  return parentCommit !== undefined && isHashName(parentCommit) ? parentCommit : undefined;
}

/**
 * Looks whether our commit is in the registry: at the head, then for our trailer among the newest commits, then at the
 * head's files, for not every server keeps messages. Reads only. Throws a `Failure`, or the signal's reason when
 * aborted.
 */
export async function look(run: Run, { hashes }: Deliveries, signal: AbortSignal): Promise<Look> {
  const { hub, plan } = run;
  const { revision } = plan.target.hub;
  const head = await hub.head(revision, signal);
  if (head === undefined) return { kind: 'unmoved' };
  const parent = fixedParent(plan);
  if (head.commit === parent) return { kind: 'unmoved' };
  // Behind a head whose name tells nothing there may be an earlier publish of the same commit.
  if (parent !== undefined || plan.parentCommit === undefined) {
    const newest = (await hub.commits(revision, signal)) ?? [];
    const known = newest.findIndex(({ id }) => id === parent);
    const later = known < 0 ? newest : newest.slice(0, known);
    const ours = later.find(({ message }) => namesSnapshot(message, plan.snapshot));
    if (ours !== undefined) return { kind: 'ours', commit: ours.id };
  }
  const files = await hub.tree(head.commit, signal);
  if (files !== undefined) {
    const listed = new Map(files.map((file) => [file.path, file]));
    const { wrong } = deviation(plan.snapshot.files, listed, hashes);
    if (wrong.length === 0) return { kind: 'ours', commit: head.commit };
  } else if (plan.parentCommit === undefined && holdsExactly(head.paths, plan.snapshot.files)) {
    // Where nothing was before, and nothing else is told, it is by their names that the files are known.
    return { kind: 'ours', commit: head.commit };
  }
  return { kind: isHashName(head.commit) ? 'moved' : 'unclear' };
}

function holdsExactly(paths: readonly string[], files: readonly { readonly path: string }[]): boolean {
  const listed = new Set(paths);
  return listed.size === files.length && files.every(({ path }) => listed.has(path));
}
