import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { HubClient } from '../hub/client.ts';
import type { LfsObject } from '../hub/lfsBatch.ts';
import type { Log } from '../log.ts';
import type { Sha256 } from '../objectIds.ts';
import type { LfsFile } from '../snapshot/snapshot.ts';
import { missingObjects } from './contentFailures.ts';
import { askBatch } from './leftOut.ts';
import { perCall } from './perCall.ts';
import type { PublishPlan } from './publishing.ts';
import type { Run } from './run.ts';

const LOOKS_AT_ONCE = 16;

/** Whether the content of a file is on this machine; or why nobody can say so, or read it. */
type Presence = 'here' | 'absent' | Failure;

/** Where a file may not be read, the registry may have it: that is returned. Throws what is not about the file. */
async function presenceOf(file: LfsFile): Promise<Presence> {
  try {
    return (await file.present()) ? 'here' : 'absent';
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/**
 * What a publish of the plan would end in, because the content of changed files is neither on this machine nor in the
 * registry; undefined where all of it is somewhere. The registry is asked only where something is not here, and nothing
 * is sent. A model that does not exist cannot be asked; nor does that make it.
 */
export async function missingContent(
  { changed, parentCommit, target }: Pick<PublishPlan, 'changed' | 'parentCommit' | 'target'>,
  hub: HubClient,
  log: Log,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const files = changed.filter((file): file is LfsFile => file.kind === 'lfs' && file.size > 0);
  const { absent } = await lookAt(files, new Set(), signal);
  if (absent.length === 0) return undefined;
  const absentFiles = absent.map(({ file }) => file);
  const wanted =
    parentCommit === undefined ? undefined : await wantedBy(hub, target, absentFiles, log, signal);
  const lost = absent.filter(({ file }) => wanted?.has(file.sha256) ?? true);
  if (lost.length === 0) return undefined;
  return failureOf(lost, wanted === undefined ? 'here' : 'hereNorThere');
}

/**
 * LFS files whose content is on this machine, one of them for each object in front. What is not here has to be in the
 * registry, and it is asked about at once: throws a `missingObject` failure that names all files whose content is
 * nowhere, or why one may not be read.
 */
export async function presentFiles(
  run: Pick<Run, 'hub' | 'plan' | 'log' | 'stored'>,
  files: readonly LfsFile[],
  signal: AbortSignal,
): Promise<readonly LfsFile[]> {
  const { here, elsewhere, absent } = await lookAt(files, run.stored, signal);
  const wanted = new Set<Sha256>();
  await perCall(objectsOf(absent.map(({ file }) => file)), signal, async (chunk, either) => {
    const answer = await askBatch(run, chunk, either);
    for (const { oid } of chunk) {
      if (answer.get(oid)?.kind === 'stored') run.stored.add(oid);
      else wanted.add(oid);
    }
  });
  if (wanted.size > 0) {
    throw failureOf(
      absent.filter(({ file }) => wanted.has(file.sha256)),
      'hereNorThere',
    );
  }
  return [...here, ...elsewhere].map(({ file }) => file);
}

interface Looked {
  readonly file: LfsFile;
  readonly presence: Presence;
}

/** `elsewhere`: the object is read from another file of the snapshot. @param stored These need not be looked at. */
async function lookAt(
  files: readonly LfsFile[],
  stored: ReadonlySet<Sha256>,
  signal: AbortSignal,
): Promise<Readonly<Record<'here' | 'elsewhere' | 'absent', readonly Looked[]>>> {
  const looked = await allOf(files, LOOKS_AT_ONCE, signal, async (file): Promise<Looked> => {
    return { file, presence: stored.has(file.sha256) ? 'here' : await presenceOf(file) };
  });
  const [here, others] = [looked.filter(isHere), looked.filter((each) => !isHere(each))];
  const oids = new Set(here.map(({ file }) => file.sha256));
  return {
    here,
    elsewhere: others.filter(({ file }) => oids.has(file.sha256)),
    absent: others.filter(({ file }) => !oids.has(file.sha256)),
  };
}

function isHere({ presence }: Looked): boolean {
  return presence === 'here';
}

/** That one may not be read tells more than that they are not here. */
function failureOf(lost: readonly Looked[], where: Parameters<typeof missingObjects>[1]): Failure {
  const refusal = lost.map(({ presence }) => presence).find((presence) => presence instanceof Failure);
  const files = lost.map(({ file }) => file);
  return refusal ?? missingObjects(files, where);
}

/** The objects that the files stand for, each once. */
function objectsOf(files: readonly LfsFile[]): readonly LfsObject[] {
  return [...new Map(files.map(({ sha256, size }) => [sha256, { oid: sha256, size }])).values()];
}

/** Those of `files` that the registry would want to be sent; undefined where it does not say. */
async function wantedBy(
  hub: HubClient,
  { hub: { revision } }: PublishPlan['target'],
  files: readonly LfsFile[],
  log: Log,
  signal: AbortSignal,
): Promise<ReadonlySet<Sha256> | undefined> {
  try {
    const wanted = await perCall(objectsOf(files), signal, async (chunk, either) => {
      const answer = await hub.batch(revision, chunk, either);
      return chunk.map(({ oid }) => oid).filter((oid) => answer.get(oid)?.kind === 'wanted');
    });
    return new Set(wanted.flat());
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    log.warn(`Whether the registry has what is not here could not be asked: ${error.message}`);
    return undefined;
  }
}
