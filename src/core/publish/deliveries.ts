import { allOf } from '../async/allOf.ts';
import { Lane } from '../async/lanes.ts';
import { MAX_PER_CALL } from '../hub/connection.ts';
import { SAMPLE_BYTES } from '../hub/preupload.ts';
import type { PreuploadAdvice } from '../hub/preupload.ts';
import type { Sha256 } from '../objectIds.ts';
import type { BlobFile, LfsFile, SnapshotFile } from '../snapshot/snapshot.ts';
import { blobSha256 } from './blobSha256.ts';
import { SERVER_EDITED } from './compare.ts';
import { sampleOf } from './content.ts';
import { watchFile } from './fileEvents.ts';
import { inChunks, overlappingStep, step } from './run.ts';
import type { Run } from './run.ts';
import { openScope } from '../async/scope.ts';
import { presentObjects, startUploads } from './uploads.ts';
import type { ObjectFile } from './uploads.ts';

/** How a file reaches the registry: inside the commit, or as an object of the LFS store that the commit names. */
export type Delivery =
  | { readonly kind: 'regular'; readonly file: SnapshotFile }
  | { readonly kind: 'lfs'; readonly file: SnapshotFile; readonly oid: Sha256 };

export interface Deliveries {
  /** What differs from the registry's head, sorted by path. */
  readonly deliveries: readonly Delivery[];
  /** Paths that go away. */
  readonly deleted: readonly string[];
  /** SHA-256s, by path, of plain blobs that the registry keeps as LFS objects. */
  readonly hashes: ReadonlyMap<string, Sha256>;
}

const CALLS_AT_ONCE = 3;
const SAMPLES_AT_ONCE = 16;
const HASHES_AT_ONCE = 2;

/**
 * Decides how every changed file travels, and sends the LFS objects among them meanwhile: asking how files are wanted, hashing,
 * asking for addresses and sending go side by side. Nothing is sent before it is sure that every LFS object is here or there.
 *
 * What is LFS in Git stays LFS, and an empty file is always regular: the registry is not asked. About other files it is, and those it
 * wants as LFS objects are hashed; the ones that turn out to be there already drop out. A file that the registry advises to ignore is
 * sent all the same: it is part of the commit, as `git push` would see it.
 */
export async function deliver(run: Run): Promise<Deliveries> {
  const { plan } = run;
  const { changed, remote, snapshot } = plan;
  const lfsFiles = changed.filter((file): file is LfsFile => file.kind === 'lfs' && file.size > 0);
  const blobs = changed.filter((file): file is BlobFile => file.kind === 'blob' && file.size > 0);
  const advice = new Map<string, PreuploadAdvice>();
  const hashes = new Map(plan.hashes);
  /** Whether the registry holds exactly that under the file's path. */
  const isHeld = (file: BlobFile, id: string): boolean => {
    const held = remote.get(file.path);
    return (held?.sha256 ?? held?.gitSha1 ?? advice.get(file.path)?.remoteId) === id;
  };

  const scope = openScope(run.signal);
  const uploads = startUploads(run, scope);
  const uploading = overlappingStep(run, 'upload');
  const hashing = overlappingStep(run, 'hash');
  const send = (objects: readonly ObjectFile[]): void => {
    const missing = objects.filter(({ oid }) => !run.stored.has(oid));
    if (missing.length === 0) return;
    uploading.begin();
    uploads.add(missing);
  };

  const lfsDone = scope.begin(async () => {
    if (lfsFiles.length > 0) send(await presentObjects(run, lfsFiles, scope.signal));
  });
  const lane = new Lane(() => HASHES_AT_ONCE);
  const hash = (file: BlobFile): Promise<void> =>
    scope.begin(() =>
      lane.run(scope.signal, async () => {
        hashing.begin();
        const oid = plan.hashes.get(file.path) ?? (await hashed(run, file, scope.signal));
        hashes.set(file.path, oid);
        if (isHeld(file, oid)) return;
        await lfsDone;
        scope.signal.throwIfAborted();
        send([{ file, oid }]);
      }),
    );
  const blobsDone = scope.begin(async () => {
    if (blobs.length === 0) return;
    const hashed: Promise<void>[] = [];
    await step(run, 'preupload', () =>
      allOf(inChunks(blobs, MAX_PER_CALL), CALLS_AT_ONCE, scope.signal, async (chunk, signal) => {
        const answer = await preupload(run, chunk, signal);
        for (const [path, each] of answer) advice.set(path, each);
        const wantedAsLfs = chunk.filter(({ path }) => answer.get(path)?.mode === 'lfs');
        for (const file of wantedAsLfs.sort((a, b) => b.size - a.size)) hashed.push(hash(file));
      }),
    );
    await Promise.all(hashed);
    scope.signal.throwIfAborted();
    hashing.end();
  });
  void scope.begin(async () => {
    await Promise.all([lfsDone, blobsDone]);
    uploads.close();
  });
  await scope.ended();
  // So that the last numbers told while uploading are the whole.
  run.meter.report();
  uploading.end();

  const deliveries = changed.flatMap((file): Delivery[] => {
    if (file.size === 0) return [{ kind: 'regular', file }];
    if (file.kind === 'lfs') return [{ kind: 'lfs', file, oid: file.sha256 }];
    const oid = hashes.get(file.path);
    if (isHeld(file, oid ?? file.gitSha1)) return [];
    return [oid === undefined ? { kind: 'regular', file } : { kind: 'lfs', file, oid }];
  });
  // Where nothing is kept as an object any more, nor are the attributes that the registry had added for that.
  const isStale =
    hashes.size === 0 &&
    remote.has(SERVER_EDITED) &&
    !snapshot.files.some(({ kind, path }) => kind === 'lfs' || path === SERVER_EDITED);
  const deleted = plan.deleted.filter((path) => path !== SERVER_EDITED);
  return { deliveries, deleted: isStale ? [SERVER_EDITED, ...deleted] : deleted, hashes };
}

async function hashed(run: Run, file: BlobFile, signal: AbortSignal): Promise<Sha256> {
  const watch = watchFile(run.onFile, file, 'hash');
  return blobSha256(file, run.hashes, signal).finally(() => watch.finished());
}

async function preupload(
  { hub, plan, log }: Run,
  blobs: readonly BlobFile[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PreuploadAdvice>> {
  const files = await allOf(blobs, SAMPLES_AT_ONCE, signal, async (file) => ({
    path: file.path,
    size: file.size,
    sample: await sampleOf(file, SAMPLE_BYTES),
  }));
  const advice = await hub.preupload(plan.target.hub.revision, files, signal);
  for (const [path, { ignored }] of advice) {
    if (ignored)
      log.info(`The registry advises to leave out ${path}; it is in the commit and therefore sent.`);
  }
  return advice;
}
