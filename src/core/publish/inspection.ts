import { Failure, type FailureKind } from '../failure.ts';
import { createHubClient, type HubClient } from '../hub/client.ts';
import { connectionTo, MAX_PER_CALL } from '../hub/connection.ts';
import type { HttpClient } from '../http/client.ts';
import type { Log } from '../log.ts';
import type { LfsFile } from '../snapshot/snapshot.ts';
import { distinctBytes } from './contentBytes.ts';
import { lookAtPlan } from './planLooks.ts';
import { perCall } from './perCall.ts';
import type { PublishPlan } from './publishing.ts';
import { type PublishWarning, replacedModel, warningsOf } from './warnings.ts';

/** What a person is told of a plan before they agree. */
export interface Inspection {
  readonly warnings: readonly PublishWarning[];
  /** Bytes that travel. */
  readonly bytes: number;
  /** `atMost`: the registry was not asked about all of them. */
  readonly precision: 'exact' | 'atMost';
}

interface InspectionServices {
  readonly http: HttpClient;
  readonly log: Log;
}

/** A file that is larger may be kept as an object by the registry. Bytes. */
const SMALL = 64 * 1024;
/** Objects that the registry is asked about before a publish: a few requests. */
const MOST_ASKED = 4 * MAX_PER_CALL;

/**
 * Looks at what a plan would publish, and asks the registry which of the objects it has. What cannot be looked at is
 * told; nothing fails but an abort.
 *
 * @param ahead Commits that the upstream of the branch lacks; undefined where that is not known.
 */
export async function inspect(
  plan: PublishPlan,
  { http, log }: InspectionServices,
  ahead: number | undefined,
  signal: AbortSignal,
): Promise<Inspection> {
  const { hub: target, model } = plan.target;
  const hub = createHubClient(connectionTo(target, model, http));
  const [seen, travelling] = await Promise.all([
    lookAtPlan(plan, log, signal),
    countTravelling(plan, hub, log, signal),
  ]);
  const { bytes, precision, notTaken } = travelling;
  const { smallestPlan } = target;
  return {
    warnings: warningsOf({ ...seen, bytes, smallestPlan, ahead, notTaken, replaced: replacedModel(plan) }),
    bytes,
    precision,
  };
}

interface Travelling extends Pick<Inspection, 'bytes' | 'precision'> {
  /** Why the registry would not take the objects, as a sentence. */
  readonly notTaken?: string;
}

/** What a server would say again when they travel: it wants other transfers than Git LFS, or has no room. */
const REFUSALS: readonly FailureKind[] = ['protocol', 'refused', 'forbidden', 'quota'];

/**
 * The bytes that travel. Only objects can be there already, under another path or in another version; about a plain
 * file that the registry keeps as an object nothing is known before it is hashed.
 */
async function countTravelling(
  plan: PublishPlan,
  hub: HubClient,
  log: Log,
  signal: AbortSignal,
): Promise<Travelling> {
  const objects = new Map(
    plan.changed
      .filter((file): file is LfsFile => file.kind === 'lfs' && file.size > 0)
      .map(({ sha256, size }) => [sha256, { oid: sha256, size }]),
  );
  const blobs = plan.changed.filter(({ kind }) => kind === 'blob');
  const atMost = { bytes: distinctBytes(plan.changed), precision: 'atMost' } as const;
  // A model that does not exist cannot be asked; nor does that make it.
  if (plan.parentCommit === undefined || objects.size > MOST_ASKED) return atMost;
  try {
    const answers = await perCall([...objects.values()], signal, async (chunk, either) => {
      const answer = await hub.batch(plan.target.hub.revision, chunk, either);
      return chunk.map((object) => ({ object, kind: answer.get(object.oid)?.kind }));
    });
    const stored = answers.flat().flatMap(({ object, kind }) => (kind === 'stored' ? [object] : []));
    const mayBeThere =
      answers.flat().some(({ kind }) => kind === 'leftOut') ||
      blobs.some(({ path, size }) => plan.remote.get(path)?.sha256 !== undefined || size > SMALL);
    return {
      bytes: atMost.bytes - sumOf(stored),
      precision: mayBeThere ? 'atMost' : 'exact',
    };
  } catch (error) {
    signal.throwIfAborted();
    log.warn(`Which objects the registry has could not be asked: ${String(error)}`);
    const isRefusal = error instanceof Failure && REFUSALS.includes(error.kind);
    return isRefusal ? { ...atMost, notTaken: error.message } : atMost;
  }
}

function sumOf(files: readonly { readonly size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
