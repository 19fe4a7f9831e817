import { allOf } from '../async/allOf.ts';
import { Lane } from '../async/lanes.ts';
import { openScope, type Scope } from '../async/scope.ts';
import { SAMPLE_BYTES, type PreuploadAdvice } from '../hub/preupload.ts';
import type { Sha256 } from '../objectIds.ts';
import type { BlobFile, LfsFile } from '../snapshot/snapshot.ts';
import { blobSha256 } from './blobSha256.ts';
import { SERVER_EDITED } from './compare.ts';
import { sampleOf } from './content.ts';
import type { Deliveries, Delivery } from './delivery.ts';
import { watchFile } from './fileEvents.ts';
import { presentFiles } from './missingContent.ts';
import { perCall } from './perCall.ts';
import { overlappingStep, step, type OverlappingStep, type Run } from './run.ts';
import { LfsTransport } from './transport/lfsTransport.ts';
import type { ObjectTransport } from './transport/transport.ts';
import { Uploads, type ObjectFile } from './uploads.ts';

const SAMPLES_AT_ONCE = 16;
const HASHES_AT_ONCE = 2;

/** What is known while the files of one publish are delivered. */
interface Work {
  readonly run: Run;
  readonly scope: Scope;
  readonly uploads: Uploads;
  readonly uploading: OverlappingStep;
  readonly hashing: OverlappingStep;
  readonly hashers: Lane;
  /** How the registry wants files, by path, as far as it was asked. */
  readonly advice: Map<string, PreuploadAdvice>;
  /** SHA-256s of plain files, by path. */
  readonly hashes: Map<string, Sha256>;
}

/**
 * Decides how every changed file travels, and sends the LFS objects among them meanwhile: asking how files are wanted,
 * hashing, asking for addresses and sending go side by side. Nothing is sent before it is sure that every LFS object is
 * here or there.
 *
 * What is LFS in Git stays LFS, and an empty file is always regular: the registry is not asked. About other files it
 * is, and those it wants as LFS objects are hashed; the ones that turn out to be there already drop out. A file that
 * the registry advises to ignore is sent all the same: it is part of the commit, as `git push` would see it.
 */
export async function deliver(run: Run): Promise<Deliveries> {
  const { changed } = run.plan;
  const lfsFiles = changed.filter((file): file is LfsFile => file.kind === 'lfs' && file.size > 0);
  const blobs = changed.filter((file): file is BlobFile => file.kind === 'blob' && file.size > 0);
  const scope = openScope(run.signal);
  const transport: ObjectTransport = new LfsTransport(run);
  const work: Work = {
    ...{ run, scope, uploads: new Uploads(run, scope, transport) },
    uploading: overlappingStep(run, 'upload'),
    hashing: overlappingStep(run, 'hash'),
    hashers: new Lane(() => HASHES_AT_ONCE),
    advice: new Map(),
    hashes: new Map(run.plan.hashes),
  };
  const lfsDone = scope.begin(async () => {
    if (lfsFiles.length === 0) return;
    const present = await presentFiles(run, lfsFiles, scope.signal);
    send(
      work,
      present.map((file) => ({ file, oid: file.sha256 })),
    );
  });
  const blobsDone = scope.begin(() => deliverBlobs(work, blobs, lfsDone));
  void scope.begin(async () => {
    await Promise.all([lfsDone, blobsDone]);
    work.uploads.close();
  });
  await scope.ended();
  await transport.settle(run.signal);
  // So that the last numbers told while uploading are the whole.
  run.meter.report();
  work.uploading.end();
  return deliveriesOf(work);
}

function send({ run, uploads, uploading }: Work, objects: readonly ObjectFile[]): void {
  const missing = objects.filter(({ oid }) => !run.stored.has(oid));
  if (missing.length === 0) return;
  uploading.begin();
  uploads.add(missing);
}

/**
 * Asks how plain files are wanted, and hashes and sends those that are wanted as objects.
 *
 * @param lfsDone Has resolved when it is sure that every LFS object is here or there.
 */
async function deliverBlobs(work: Work, blobs: readonly BlobFile[], lfsDone: Promise<void>): Promise<void> {
  if (blobs.length === 0) return;
  const { run, scope, advice } = work;
  const hashed: Promise<void>[] = [];
  await step(run, 'preupload', () =>
    perCall(blobs, scope.signal, async (chunk, signal) => {
      const answer = await preupload(run, chunk, signal);
      for (const [path, each] of answer) advice.set(path, each);
      const wantedAsLfs = chunk.filter(({ path }) => answer.get(path)?.mode === 'lfs');
      for (const file of wantedAsLfs.sort((a, b) => b.size - a.size)) {
        hashed.push(scope.begin(() => deliverHashed(work, file, lfsDone)));
      }
    }),
  );
  await Promise.all(hashed);
  scope.signal.throwIfAborted();
  work.hashing.end();
}

async function deliverHashed(work: Work, file: BlobFile, lfsDone: Promise<void>): Promise<void> {
  const { run, scope, hashing, hashes } = work;
  await work.hashers.run(scope.signal, async () => {
    hashing.begin();
    const oid = run.plan.hashes.get(file.path) ?? (await hashed(run, file, scope.signal));
    hashes.set(file.path, oid);
    if (isPublished(work, file, oid)) return;
    await lfsDone;
    scope.signal.throwIfAborted();
    send(work, [{ file, oid }]);
  });
}

/** Whether the registry holds exactly that under the file's path. */
function isPublished({ run, advice }: Work, { path }: BlobFile, id: string): boolean {
  const known = run.plan.remote.get(path);
  return (known?.sha256 ?? known?.gitSha1 ?? advice.get(path)?.remoteId) === id;
}

function deliveriesOf(work: Work): Deliveries {
  const { hashes } = work;
  const { changed, remote, snapshot, deleted } = work.run.plan;
  const deliveries = changed.flatMap((file): Delivery[] => {
    if (file.size === 0) return [{ kind: 'regular', file }];
    if (file.kind === 'lfs') return [{ kind: 'lfs', file, oid: file.sha256 }];
    const oid = hashes.get(file.path);
    if (isPublished(work, file, oid ?? file.gitSha1)) return [];
    return [oid === undefined ? { kind: 'regular', file } : { kind: 'lfs', file, oid }];
  });
  // Where nothing is kept as an object any more, nor are the attributes that the registry had added for that.
  const isStale =
    hashes.size === 0 &&
    remote.has(SERVER_EDITED) &&
    !snapshot.files.some(({ kind, path }) => kind === 'lfs' || path === SERVER_EDITED);
  const gone = deleted.filter((path) => path !== SERVER_EDITED);
  return { deliveries, deleted: isStale ? [SERVER_EDITED, ...gone] : gone, hashes };
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
