import * as z from 'zod/mini';
import { addressesOf } from './addresses.ts';
import type { CommitBody } from './commitBody.ts';
import type { HubConnection } from './connection.ts';
import type { TransferOptions } from './upload.ts';

export interface CommitOptions extends TransferOptions {
  /** Milliseconds without a byte in either direction before it is given up. Absent: those of the HTTP client. */
  readonly idleTimeoutMs?: number;
}

const commitAnswer = z.object({ commitOid: z.string() });

/**
 * `POST /api/models/{id}/commit/{revision}`: makes the commit visible, and returns what the server calls it. Never sent
 * again after a lost answer: the caller has to look.
 *
 * @throws Failure, `unknownOutcome` after a lost answer; and the signal's reason when aborted.
 */
export async function sendCommit(
  { endpoint, token, model, http }: HubConnection,
  revision: string,
  { length, open }: CommitBody,
  options: CommitOptions,
): Promise<string> {
  const response = await http.send({
    method: 'POST',
    url: addressesOf(endpoint, model).ofRevision('commit', revision),
    token,
    body: { kind: 'stream', length, open, contentType: 'application/x-ndjson' },
    // It is short beside what was transferred before, and shall not wait for what another publish transfers.
    lane: 'question',
    retry: 'never',
    ...options,
  });
  return response.json(commitAnswer).commitOid;
}
