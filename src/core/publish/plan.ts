import type { HubClient, RemoteFile } from '../hub/client.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { compare, SERVER_EDITED } from './compare.ts';
import type { PublishPlan, PublishTarget } from './publishing.ts';
import { namesCommit } from './trailer.ts';

/** Compares the snapshot with the registry's head, by reading only. Throws a `Failure`, or the signal's reason when aborted. */
export async function planPublish(
  opening: Snapshot | Promise<Snapshot>,
  target: PublishTarget,
  hub: HubClient,
  signal: AbortSignal,
): Promise<PublishPlan> {
  const notOpened = new AbortController();
  const reading = readHead(hub, target.hub.revision, AbortSignal.any([signal, notOpened.signal]));
  // What it fails with waits until it is asked for.
  reading.catch(() => undefined);
  let snapshot: Snapshot;
  try {
    snapshot = await opening;
  } catch (error) {
    notOpened.abort();
    await reading.catch(() => undefined);
    throw error;
  }
  const head = await reading;
  const { remote } = head;
  const comparison = compare(snapshot.files, remote);
  const plan = {
    snapshot,
    target,
    ...head,
    ...comparison,
    bytes: comparison.changed.reduce((sum, { size }) => sum + size, 0),
  };
  const paths = plan.changed.map(({ path }) => path);
  const published = await differsByServerEditOnly(hub, plan, paths, plan.deleted, signal);
  return published ? { ...plan, changed: [], unchanged: snapshot.files, bytes: 0 } : plan;
}

/** What the registry's head is, and what it holds. */
async function readHead(
  hub: HubClient,
  revision: string,
  signal: AbortSignal,
): Promise<Pick<PublishPlan, 'parentCommit' | 'remote'>> {
  const head = await hub.head(revision, signal);
  const listed = head && (await hub.tree(head.commit, signal));
  const files = listed ?? head?.paths.map(pathOnly) ?? [];
  return { parentCommit: head?.commit, remote: new Map(files.map((file) => [file.path, file])) };
}

/**
 * Whether the registry's head is this very commit, and nothing differs but the file that servers edit by themselves: without this
 * look every publish would make one more commit.
 */
export async function differsByServerEditOnly(
  hub: HubClient,
  plan: Pick<PublishPlan, 'snapshot' | 'target' | 'parentCommit' | 'remote'>,
  changed: readonly string[],
  deleted: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  if (deleted.length > 0 || changed.length !== 1 || changed[0] !== SERVER_EDITED) return false;
  if (plan.parentCommit === undefined || !plan.remote.has(SERVER_EDITED)) return false;
  const [newest] = (await hub.commits(plan.target.hub.revision, signal)) ?? [];
  return newest?.id === plan.parentCommit && namesCommit(newest.message, plan.snapshot.commit);
}

function pathOnly(path: string): RemoteFile {
  return { path, size: undefined, gitSha1: undefined, sha256: undefined };
}
