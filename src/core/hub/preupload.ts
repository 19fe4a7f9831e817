import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import { addressesOf } from './addresses.ts';
import { subjectOfModel, type HubConnection } from './connection.ts';

export const SAMPLE_BYTES = 512;

/** A file about to be committed. */
export interface PreuploadFile {
  readonly path: string;
  readonly size: number;
  /** The first {@link SAMPLE_BYTES} bytes, or all where there are fewer. */
  readonly sample: Uint8Array;
}

/** How the server wants a file. */
export interface PreuploadAdvice {
  readonly mode: 'lfs' | 'regular';
  /** Stock clients leave such a file out. */
  readonly ignored: boolean;
  /** What the revision holds at that path now: SHA-256 of an LFS file, Git object id of another one. */
  readonly remoteId: string | undefined;
}

const preuploadAnswer = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      uploadMode: z.string(),
      shouldIgnore: z.nullish(z.boolean()),
      oid: z.nullish(z.string()),
    }),
  ),
});

/**
 * `POST /api/models/{id}/preupload/{revision}`: how each of at most `MAX_PER_CALL` files is wanted. Every file is in
 * what is returned.
 *
 * It sends no `gitIgnore`: that makes servers advise against files that the commit holds in spite of it, and the commit
 * is what counts. `gitAttributes` would change nothing: the commit's own LFS files are sent as such anyway.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function preupload(
  hub: HubConnection,
  revision: string,
  files: readonly PreuploadFile[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PreuploadAdvice>> {
  const sent = files.map(({ path, size, sample }) => ({
    path,
    sample: Buffer.from(sample).toString('base64'),
    size,
  }));
  const response = await hub.http.send({
    method: 'POST',
    url: addressesOf(hub.endpoint, hub.model).ofRevision('preupload', revision),
    token: hub.token,
    subject: subjectOfModel(hub),
    body: { kind: 'json', value: { files: sent } },
    retry: 'idempotent',
    signal,
  });
  const advice = new Map(
    response
      .json(preuploadAnswer)
      .files.map(({ path, uploadMode, shouldIgnore, oid }) => [
        path,
        { mode: modeOf(uploadMode), ignored: shouldIgnore ?? false, remoteId: oid?.toLowerCase() },
      ]),
  );
  const forgotten = files.filter(({ path }) => !advice.has(path)).map(({ path }) => path);
  if (forgotten.length === 0) return advice;
  throw new Failure('protocol', l10n.t('The server did not say how it wants “{0}”.', forgotten[0] ?? ''), {
    paths: forgotten,
  });
}

function modeOf(uploadMode: string): 'lfs' | 'regular' {
  if (uploadMode === 'lfs' || uploadMode === 'regular') return uploadMode;
  throw new Failure(
    'protocol',
    l10n.t('The server wants files by “{0}”, which is not known here.', uploadMode),
  );
}
