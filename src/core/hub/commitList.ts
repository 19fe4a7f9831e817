import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import type { Patience } from '../http/patience.ts';
import { asCommitName, type CommitName } from '../objectIds.ts';
import { addressesOf } from './addresses.ts';
import { MAX_LIST_BYTES, type HubConnection } from './connection.ts';

export interface RemoteCommit {
  readonly id: CommitName;
  /** Whole commit message, as far as the server tells it. */
  readonly message: string;
  /** Who made it, as far as the server tells. */
  readonly author: string | undefined;
}

const commitsAnswer = z.array(
  z.object({
    id: z.string(),
    title: z.nullish(z.string()),
    message: z.nullish(z.string()),
    authors: z.catch(z.nullish(z.array(z.object({ user: z.nullish(z.string()) }))), undefined),
  }),
);

/** A server without that list says so in one of these ways. */
const NO_LIST = [404, 405, 501];

/**
 * The commits that `revision` leads to, newest first, in one request: `GET /api/models/{id}/commits/{revision}`
 * (https://huggingface.co/docs/hub/api), whose first page has 50. undefined where the server lists none. Throws a
 * `Failure`.
 */
export async function listCommits(
  { endpoint, token, model, http }: HubConnection,
  revision: string,
  signal: AbortSignal,
  patience: Patience = {},
): Promise<readonly RemoteCommit[] | undefined> {
  const response = await http.send({
    method: 'GET',
    url: addressesOf(endpoint, model).ofRevision('commits', revision),
    token,
    subject: l10n.t('the commits of the model “{0}” on {1}', model, endpoint.host),
    retry: 'idempotent',
    accept: NO_LIST,
    maxResponseBytes: MAX_LIST_BYTES,
    signal,
    ...patience,
  });
  if (NO_LIST.includes(response.status)) return undefined;
  return response.json(commitsAnswer).flatMap(({ id, title, message, authors }) => {
    const commit = asCommitName(id);
    if (commit === undefined) return [];
    const author = authors?.map(({ user }) => user).find(Boolean) ?? undefined;
    return [{ id: commit, message: [title, message].filter(Boolean).join('\n\n'), author }];
  });
}
