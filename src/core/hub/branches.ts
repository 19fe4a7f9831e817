import * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import type { CommitName } from '../objectIds.ts';
import { addressesOf } from './addresses.ts';
import { subjectOfModel, UNKNOWN_CALL, type HubConnection } from './connection.ts';
import { askRefs } from './refs.ts';

/** A hub without branches has no such answer. */
const refsAnswer = z.object({ branches: z.array(z.object({ name: z.string() })) });

/**
 * `GET /api/models/{id}/refs`: whether the model has branches, which are made before they are committed to; elsewhere a
 * commit makes its revision.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function hasBranches(hub: HubConnection, signal: AbortSignal): Promise<boolean> {
  const response = await askRefs(hub, signal);
  if (response === undefined) return false;
  try {
    return response.json(refsAnswer).branches.length > 0;
  } catch (error) {
    // Something else answers there.
    if (error instanceof Failure) return false;
    throw error;
  }
}

/**
 * `POST /api/models/{id}/branch/{revision}`, from a commit or, without one, from the head of `main`. `unknown`: the
 * server has no such call, or nothing to begin a branch with, and a commit makes its revision.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function createBranch(
  hub: HubConnection,
  revision: string,
  from: CommitName | undefined,
  signal: AbortSignal,
): Promise<'created' | 'exists' | 'unknown'> {
  const { status } = await hub.http.send({
    method: 'POST',
    url: addressesOf(hub.endpoint, hub.model).ofRevision('branch', revision),
    token: hub.token,
    subject: subjectOfModel(hub),
    body: { kind: 'json', value: from === undefined ? {} : { startingPoint: from } },
    // Creating twice is harmless: the second answer is 409.
    retry: 'idempotent',
    accept: [409, ...UNKNOWN_CALL],
    signal,
  });
  if (status === 409) return 'exists';
  return UNKNOWN_CALL.includes(status) ? 'unknown' : 'created';
}
