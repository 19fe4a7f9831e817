import type { HubClient, RemoteFile } from '../hub/client.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { compare, SERVER_EDITED } from './compare.ts';
import type { PublishPlan, PublishTarget } from './publishing.ts';
import { namesCommit } from './trailer.ts';

/** Compares the snapshot with the registry's head, by reading only. Throws a `Failure`, or the signal's reason when aborted. */
export async function planPublish(
  snapshot: Snapshot,
  target: PublishTarget,
  hub: HubClient,
  signal: AbortSignal,
): Promise<PublishPlan> {
  const { revision } = target.hub;
  const head = await hub.head(revision, signal);
  const listed = head && (await hub.tree(head.commit ?? revision, signal));
  const remote = new Map((listed ?? head?.paths.map(pathOnly) ?? []).map((file) => [file.path, file]));
  const comparison = compare(snapshot.files, remote);
  const plan = {
    snapshot,
    target,
    parentCommit: head?.commit,
    remote,
    ...comparison,
    bytes: comparison.changed.reduce((sum, { size }) => sum + size, 0),
  };
  const [only] = plan.changed;
  if (plan.deleted.length > 0 || plan.changed.length !== 1 || only?.path !== SERVER_EDITED) return plan;

  // Nothing differs but the file that servers edit by themselves: without this look every publish would make one more commit.
  const [newest] = (await hub.commits(revision, signal)) ?? [];
  const published =
    newest !== undefined && newest.id === plan.parentCommit && namesCommit(newest.message, snapshot.commit);
  return published && remote.has(SERVER_EDITED)
    ? { ...plan, changed: [], unchanged: snapshot.files, bytes: 0 }
    : plan;
}

function pathOnly(path: string): RemoteFile {
  return { path, size: undefined, gitSha1: undefined, sha256: undefined };
}
