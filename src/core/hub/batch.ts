import { Failure } from '../failure.ts';
import type { Sha256 } from '../objectIds.ts';
import { addressesOf } from './addresses.ts';
import { MAX_LIST_BYTES, subjectOfModel, UNKNOWN_CALL, type HubConnection } from './connection.ts';
import {
  batchAnswer,
  LFS_JSON,
  readBatch,
  readStored,
  type BatchAnswer,
  type BatchedObject,
  type LfsObject,
} from './lfsBatch.ts';

/** Statuses of a server whose batches are for uploads only. */
const NO_DOWNLOADS = [400, ...UNKNOWN_CALL, 422];

/**
 * Asks for upload addresses of at most `MAX_PER_CALL` objects, no oid twice. Every object is in what is returned.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function batch(
  hub: HubConnection,
  revision: string,
  objects: readonly LfsObject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Sha256, BatchedObject>> {
  const ask = async (chunk: readonly LfsObject[]): Promise<Map<Sha256, BatchedObject>> => {
    const call = { transfers: ['basic', 'multipart'], operation: 'upload', ref: { name: revision } };
    const answer = await send(hub, call, chunk, signal);
    return readBatch(answer, chunk, addressesOf(hub.endpoint, hub.model), Date.now());
  };
  const answered = await ask(objects);
  const forgotten = objects.filter(({ oid }) => !answered.has(oid));
  if (forgotten.length === 0) return answered;
  // Some servers leave objects out of a long answer; asked for alone they have to tell.
  const again = await ask(forgotten);
  const leftOut = forgotten
    .filter(({ oid }) => !again.has(oid))
    .map(({ oid }): [Sha256, BatchedObject] => [oid, { kind: 'leftOut' }]);
  return new Map([...answered, ...again, ...leftOut]);
}

/**
 * Whether the server has each of at most `MAX_PER_CALL` objects, which it is asked for as if to download them. Those of
 * which it says nothing are left out; all of them where it has no such call.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function storedObjects(
  hub: HubConnection,
  objects: readonly LfsObject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Sha256, boolean>> {
  try {
    const call = { transfers: ['basic'], operation: 'download' };
    return readStored(await send(hub, call, objects, signal), objects);
  } catch (error) {
    const isUnknown = error instanceof Failure && NO_DOWNLOADS.includes(error.status ?? 0);
    if (!isUnknown) throw error;
    return new Map();
  }
}

async function send(
  hub: HubConnection,
  call: object,
  objects: readonly LfsObject[],
  signal: AbortSignal,
): Promise<BatchAnswer> {
  const value = { ...call, hash_algo: 'sha256', objects: objects.map(({ oid, size }) => ({ oid, size })) };
  const response = await hub.http.send({
    method: 'POST',
    url: addressesOf(hub.endpoint, hub.model).batch(),
    token: hub.token,
    subject: subjectOfModel(hub),
    headers: { accept: LFS_JSON },
    body: { kind: 'json', contentType: LFS_JSON, value },
    retry: 'idempotent',
    maxResponseBytes: MAX_LIST_BYTES,
    signal,
  });
  return response.json(batchAnswer);
}
