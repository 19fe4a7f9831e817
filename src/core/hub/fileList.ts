import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { Patience } from '../http/patience.ts';
import { asGitObjectId, asSha256 } from '../objectIds.ts';
import type { Page } from '../registryHost.ts';
import { addressesOf } from './addresses.ts';
import { treeAnswer } from './answers.ts';
import type { HubClientOptions, RemoteFile } from './client.ts';

/** The largest pages seen hold 1,000 entries of some 300 bytes; other servers send all files in one. */
const MAX_PAGE_BYTES = 32 * 1024 * 1024;

/**
 * One page of the files of a revision, in one request: `GET /api/models/{id}/tree/{revision}?recursive=true`
 * (https://huggingface.co/docs/hub/api), recursive because that is the form every Hub client relies on. undefined where the server
 * answers 404. Throws a `Failure`.
 */
export async function listFiles(
  { endpoint, token, model, http }: HubClientOptions,
  revision: string,
  cursor: string | undefined,
  signal: AbortSignal,
  patience: Patience = {},
): Promise<Page<RemoteFile> | undefined> {
  const addresses = addressesOf(endpoint, model);
  const url = cursor === undefined ? addresses.ofRevision('tree', revision) : new URL(cursor);
  if (cursor === undefined) url.search = '?recursive=true&expand=false';
  const response = await http.send({
    method: 'GET',
    url,
    token,
    subject: l10n.t('the files of the model “{0}” on {1}', model, endpoint.host),
    retry: 'idempotent',
    accept: [404],
    maxResponseBytes: MAX_PAGE_BYTES,
    signal,
    ...patience,
  });
  if (response.status === 404) return undefined;
  const next = response.nextLink();
  if (next && (!addresses.own(next) || next.href === url.href)) throw listingBroken(model);
  const items = response
    .json(treeAnswer)
    .filter(({ type }) => type !== 'directory')
    .map((entry) => ({
      path: entry.path,
      size: entry.lfs?.size ?? entry.size ?? undefined,
      gitSha1: asGitObjectId(entry.oid ?? ''),
      sha256: asSha256((entry.lfs?.oid ?? '').replace(/^sha256:/, '')),
    }));
  return { items, next: next?.href };
}

export function listingBroken(model: string): Failure {
  return new Failure(
    'protocol',
    l10n.t('The server’s list of the files of “{0}” does not hold together.', model),
  );
}
