import * as z from 'zod/mini';
import type { HttpResponse } from '../http/client.ts';
import { asCommitName, type CommitName } from '../objectIds.ts';
import { addressesOf } from './addresses.ts';
import { MAX_LIST_BYTES, subjectOfModel, type HubConnection } from './connection.ts';
import { isFilePath } from './remoteFile.ts';

/** The commit a revision points to. */
export interface Head {
  /** The revision's own name where the server gives its commit none that can be used. */
  readonly commit: CommitName;
  /** Its paths, where the server tells them here. */
  readonly paths: readonly string[];
}

const headAnswer = z.object({
  /** Null or absent where nothing was committed yet. */
  sha: z.nullish(z.string()),
  siblings: z.nullish(z.array(z.object({ rfilename: z.nullish(z.string()) }))),
});

/**
 * `GET /api/models/{id}/revision/{revision}`; undefined where the model, that revision of it, or a first commit does
 * not exist.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function readHead(
  hub: HubConnection,
  revision: string,
  signal: AbortSignal,
): Promise<Head | undefined> {
  const url = addressesOf(hub.endpoint, hub.model).ofRevision('revision', revision);
  const response = await readInfo(hub, url, signal);
  if (response.status === 404) return undefined;
  const { sha, siblings } = response.json(headAnswer);
  const paths = (siblings ?? []).flatMap(({ rfilename: path }) => (path && isFilePath(path) ? [path] : []));
  // Null where nothing was committed yet; a server without names for commits leaves it out.
  if (sha === null || (!sha && paths.length === 0)) return undefined;
  const commit = asCommitName(sha ?? '') ?? asCommitName(revision);
  return commit && { commit, paths };
}

/** What the server tells of the model, or of a revision of it, with the status 404 where it knows none. */
export function readInfo(hub: HubConnection, url: URL, signal: AbortSignal): Promise<HttpResponse> {
  return hub.http.send({
    method: 'GET',
    url,
    token: hub.token,
    subject: subjectOfModel(hub),
    retry: 'idempotent',
    accept: [404],
    maxResponseBytes: MAX_LIST_BYTES,
    signal,
  });
}
