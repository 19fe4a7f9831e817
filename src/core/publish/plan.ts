import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { HubClient } from '../hub/client.ts';
import type { Head } from '../hub/head.ts';
import { pathOnly, type RemoteFile } from '../hub/remoteFile.ts';
import type { Sha256 } from '../objectIds.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import type { Snapshot, SnapshotFile } from '../snapshot/snapshot.ts';
import { blobSha256 } from './blobSha256.ts';
import { compare, type KnownHashes, objectsIn, SERVER_EDITED } from './compare.ts';
import { sampleOf } from './content.ts';
import { filesToHash } from './fileChanges.ts';
import { refuseOwnSource } from './ownSource.ts';
import type { PublishPlan, PublishTarget } from './publishing.ts';
import { isServerEdit } from './serverEdits.ts';
import { refuseStandIns } from './standIns.ts';
import { namesSnapshot } from './trailer.ts';

/** What a Hub begins a branch with that is told nothing else. */
export const DEFAULT_BRANCH = 'main';
const HASHES_AT_ONCE = 2;
/** Attributes are some lines. Bytes. */
const LARGEST_ATTRIBUTES = 1024 * 1024;

/**
 * Compares the snapshot with the registry's head, by reading only. Plain files that the registry keeps as objects are
 * hashed for it, and what claims to be weights is looked at.
 *
 * @param memory of hashes.
 * @param begins `hasBegun`: a revision that is not there is not begun with another one's files any more.
 * @throws Failure, or the signal's reason when aborted.
 */
export async function planPublish(
  opening: Snapshot | Promise<Snapshot>,
  target: PublishTarget,
  hub: HubClient,
  signal: AbortSignal,
  memory?: HashMemory,
  begins: 'mayBegin' | 'hasBegun' = 'mayBegin',
): Promise<PublishPlan> {
  const notOpened = new AbortController();
  const reading = readHead(hub, target.hub.revision, begins, AbortSignal.any([signal, notOpened.signal]));
  // What it fails with waits until it is asked for.
  reading.catch(() => undefined);
  let snapshot: Snapshot;
  try {
    snapshot = await opening;
    refuseOwnSource(snapshot, target);
  } catch (error) {
    notOpened.abort();
    await reading.catch(() => undefined);
    throw error;
  }
  const head = await reading;
  const { remote } = head;
  const hashes = await hashesOf(snapshot, remote, memory, signal);
  const compared = compare(snapshot.files, remote, hashes);
  const plan = { snapshot, target, ...head, ...compared, hashes, bytes: bytesOf(compared.changed) };
  const paths = plan.changed.map(({ path }) => path);
  const isPublished = await differsByServerEditOnly(hub, plan, paths, plan.deleted, signal);
  const isEdited = isPublished || (await isEditedByServer(hub, plan, signal));
  await refuseStandIns(plan.changed, signal);
  if (!isEdited) return plan;
  const changed = plan.changed.filter(({ path }) => path !== SERVER_EDITED);
  const isChanged = new Set(changed);
  const unchanged = snapshot.files.filter((file) => !isChanged.has(file));
  return { ...plan, changed, unchanged, bytes: bytesOf(changed) };
}

/** SHA-256s of the plain files that the registry keeps as objects, as far as their sizes do not tell already. */
async function hashesOf(
  { files }: Snapshot,
  remote: ReadonlyMap<string, RemoteFile>,
  memory: HashMemory | undefined,
  signal: AbortSignal,
): Promise<KnownHashes> {
  const kept = filesToHash([...remote.values()], files);
  return new Map(
    await allOf(kept, HASHES_AT_ONCE, signal, async (file, either): Promise<[string, Sha256]> => [
      file.path,
      await blobSha256(file, memory, either),
    ]),
  );
}

function bytesOf(files: readonly SnapshotFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Whether the registry's attributes differ from the snapshot's by lines only that the registry added for its objects.
 */
async function isEditedByServer(
  hub: HubClient,
  {
    snapshot,
    changed,
    remote,
    parentCommit,
  }: Pick<PublishPlan, 'snapshot' | 'changed' | 'remote' | 'parentCommit'>,
  signal: AbortSignal,
): Promise<boolean> {
  const own = changed.find(({ path }) => path === SERVER_EDITED);
  const theirs = remote.get(SERVER_EDITED);
  if (own?.kind !== 'blob' || theirs?.gitSha1 === undefined || parentCommit === undefined) return false;
  const objects = objectsIn(snapshot.files, remote).map(({ path }) => path);
  if (objects.length === 0 || Math.max(own.size, theirs.size ?? 0) > LARGEST_ATTRIBUTES) return false;
  try {
    const content = await hub.content(parentCommit, theirs, LARGEST_ATTRIBUTES, signal);
    const before = await sampleOf(own, own.size);
    return isServerEdit(before.toString(), content.toString(), new Set(objects));
  } catch (error) {
    signal.throwIfAborted();
    // Without the registry's own it counts as changed, and is sent.
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** What the registry's head is, and what it holds. */
async function readHead(
  hub: HubClient,
  revision: string,
  begins: 'mayBegin' | 'hasBegun',
  signal: AbortSignal,
): Promise<Pick<PublishPlan, 'parentCommit' | 'startsFrom' | 'remote'>> {
  const head = await hub.head(revision, signal);
  const mayBegin = head === undefined && begins === 'mayBegin';
  const start = mayBegin ? await startOf(hub, revision, signal) : undefined;
  const holding = head ?? start;
  const listed = holding && (await hub.tree(holding.commit, signal));
  const files = listed ?? holding?.paths.map(pathOnly) ?? [];
  return {
    parentCommit: head?.commit,
    startsFrom: start && { revision: DEFAULT_BRANCH, commit: start.commit },
    remote: new Map(files.map((file) => [file.path, file])),
  };
}

/**
 * The head of the branch that a new one begins with; undefined where there is none, or the registry makes no branches.
 */
async function startOf(hub: HubClient, revision: string, signal: AbortSignal): Promise<Head | undefined> {
  if (revision === DEFAULT_BRANCH) return undefined;
  const head = await hub.head(DEFAULT_BRANCH, signal);
  return head !== undefined && (await hub.hasBranches(signal)) ? head : undefined;
}

/**
 * Whether the registry's head is this very commit, and nothing differs but the file that servers edit by themselves:
 * without this look every publish would make one more commit.
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
  return newest?.id === plan.parentCommit && namesSnapshot(newest.message, plan.snapshot);
}
