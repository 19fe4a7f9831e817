import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { BatchedObject, LfsObject } from '../hub/lfsBatch.ts';
import { type CommitName, type Sha256, shortName } from '../objectIds.ts';
import type { Deliveries } from './delivery.ts';
import type { Run } from './run.ts';

const LOOKS_AT_ONCE = 8;

/**
 * Asks which of at most `MAX_PER_CALL` objects the registry wants. Where it leaves some out, which may mean that it has
 * them, its head's list of files tells, or what it would give to somebody who downloads; those of which nothing tells
 * stay `leftOut`.
 *
 * @throws Failure `protocol` where it neither has an object nor says where to send it.
 */
export async function askBatch(
  { hub, plan, log }: Pick<Run, 'hub' | 'plan' | 'log'>,
  objects: readonly LfsObject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Sha256, BatchedObject>> {
  const answer = await hub.batch(plan.target.hub.revision, objects, signal);
  const leftOut = objects.filter(({ oid }) => answer.get(oid)?.kind === 'leftOut');
  if (leftOut.length === 0) return answer;
  const listed = new Set([...plan.remote.values()].map(({ sha256 }) => sha256));
  const unlisted = leftOut.filter(({ oid }) => !listed.has(oid));
  const stored = unlisted.length === 0 ? new Map<Sha256, boolean>() : await hub.stored(unlisted, signal);
  const settled = new Map(answer);
  for (const { oid } of leftOut) {
    const isStored = listed.has(oid) || stored.get(oid);
    if (isStored === false) throw neitherWantedNorStored(plan.target.hub.endpoint, oid);
    if (isStored) settled.set(oid, { kind: 'stored' });
  }
  log.info(
    `The registry left ${leftOut.length} objects out of its answer; ${stored.size} were asked for otherwise.`,
  );
  return settled;
}

/**
 * The new commit has to give what nothing had confirmed before: asks for the head of one file of each such object.
 * False where a cancel came in between: what is published stays so.
 *
 * @throws Failure `protocol` that names the files which it does not give.
 */
export async function confirmObjects(
  { hub, plan, unconfirmed, log, signal }: Run,
  commit: CommitName,
  { deliveries }: Deliveries,
): Promise<boolean> {
  const files = new Map(
    deliveries.flatMap((delivery) =>
      delivery.kind === 'lfs' && unconfirmed.has(delivery.oid)
        ? [[delivery.oid, { path: delivery.file.path, size: delivery.file.size }] as const]
        : [],
    ),
  );
  if (files.size === 0) return true;
  const paths: string[] = [];
  try {
    await allOf([...files], LOOKS_AT_ONCE, signal, async ([oid, { path, size }], either) => {
      const found = await hub.file(commit, path, either).catch((error: unknown) => {
        either.throwIfAborted();
        log.warn(`${path} could not be asked for: ${String(error)}`);
        return undefined;
      });
      const isSame = found?.sha256 === oid || (found?.sha256 === undefined && found?.size === size);
      if (!isSame) paths.push(path);
    });
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
  const [first] = paths.sort();
  if (first === undefined) return true;
  const { model, hub: target } = plan.target;
  throw new Failure(
    'protocol',
    l10n.t(
      '“{0}” was published as {1}, but {2} neither said that it has the content of “{3}” nor gives it: its answer to the upload left it out. Tell its operators.',
      ...[model, shortName(commit), target.endpoint.host, first],
    ),
    { paths },
  );
}

function neitherWantedNorStored({ host }: URL, oid: Sha256): Failure {
  return new Failure(
    'protocol',
    l10n.t(
      '{0} does not say where the LFS object {1} is to be sent, and does not have it. Nothing was published. Tell its operators.',
      ...[host, oid],
    ),
  );
}
