import { MAX_PER_CALL, SAMPLE_BYTES } from '../hub/client.ts';
import type { PreuploadAdvice } from '../hub/client.ts';
import type { Sha256 } from '../objectIds.ts';
import { blobKey } from '../snapshot/hashMemory.ts';
import type { BlobFile, SnapshotFile } from '../snapshot/snapshot.ts';
import { SERVER_EDITED } from './compare.ts';
import { sampleOf, sha256Of } from './content.ts';
import { allOf, inChunks, step } from './run.ts';
import type { Run } from './run.ts';

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
const SAMPLES_AT_ONCE = 8;
const HASHES_AT_ONCE = 2;

/**
 * Decides how every changed file travels. What is LFS in Git stays LFS, and an empty file is always regular: the registry is not
 * asked. About other files it is, and those it wants as LFS objects are hashed; the ones that turn out to be there already drop out.
 *
 * A file that the registry advises to ignore is sent all the same: it is part of the commit, as `git push` would see it.
 */
export async function decideDeliveries(run: Run): Promise<Deliveries> {
  const { changed, remote } = run.plan;
  const blobs = changed.filter((file): file is BlobFile => file.kind === 'blob' && file.size > 0);
  const advice = blobs.length === 0 ? new Map<string, PreuploadAdvice>() : await preupload(run, blobs);
  const wantedAsLfs = blobs.filter(({ path }) => advice.get(path)?.mode === 'lfs');
  const hashes = wantedAsLfs.length === 0 ? new Map<string, Sha256>() : await hash(run, wantedAsLfs);

  const deliveries = changed.flatMap((file): Delivery[] => {
    if (file.size === 0) return [{ kind: 'regular', file }];
    if (file.kind === 'lfs') return [{ kind: 'lfs', file, oid: file.sha256 }];
    const held = remote.get(file.path);
    const heldId = held?.sha256 ?? held?.gitSha1 ?? advice.get(file.path)?.remoteId;
    const oid = hashes.get(file.path);
    if (heldId === (oid ?? file.gitSha1)) return [];
    return [oid === undefined ? { kind: 'regular', file } : { kind: 'lfs', file, oid }];
  });
  // Where the registry made LFS objects of plain files, the attributes that say so are its own and stay.
  const deleted = run.plan.deleted.filter((path) => path !== SERVER_EDITED || hashes.size === 0);
  return { deliveries, deleted, hashes };
}

async function preupload(run: Run, blobs: readonly BlobFile[]): Promise<Map<string, PreuploadAdvice>> {
  const { hub, plan, log } = run;
  const answers = await step(run, 'preupload', () =>
    allOf(inChunks(blobs, MAX_PER_CALL), CALLS_AT_ONCE, run.signal, async (chunk, signal) => {
      const files = await allOf(chunk, SAMPLES_AT_ONCE, signal, async (file) => ({
        path: file.path,
        size: file.size,
        sample: await sampleOf(file, SAMPLE_BYTES),
      }));
      return hub.preupload(plan.target.hub.revision, files, signal);
    }),
  );
  const advice = new Map(answers.flatMap((answer) => [...answer]));
  for (const [path, { ignored }] of advice) {
    if (ignored)
      log.info(`The registry advises to leave out ${path}; it is in the commit and therefore sent.`);
  }
  return advice;
}

async function hash(run: Run, blobs: readonly BlobFile[]): Promise<Map<string, Sha256>> {
  const hashed = await step(run, 'hash', () =>
    allOf(
      blobs,
      HASHES_AT_ONCE,
      run.signal,
      async (file, signal) => [file.path, await knownSha256(run, file, signal)] as const,
    ),
  );
  return new Map(hashed);
}

/** A blob that was hashed before is not read again; its bytes are proved when they are sent. */
async function knownSha256({ hashes }: Run, file: BlobFile, signal: AbortSignal): Promise<Sha256> {
  const key = blobKey(file.gitSha1);
  const known = await hashes?.sha256Of(key);
  if (known !== undefined) return known;
  const sha256 = await sha256Of(file, signal);
  await hashes?.remember(key, { sha256 });
  return sha256;
}
