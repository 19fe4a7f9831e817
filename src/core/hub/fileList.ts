import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import { isEndless, NOTHING_SO_FAR, withPage } from '../http/pages.ts';
import type { Patience } from '../http/patience.ts';
import { asGitObjectId, asSha256 } from '../objectIds.ts';
import { addressesOf, isOwnAddress } from './addresses.ts';
import { MAX_LIST_BYTES, type HubConnection } from './connection.ts';
import { isFilePath, type RemoteFile } from './remoteFile.ts';

/** A page of a list of files, and how much it was as the server sent it. */
interface FilePage {
  readonly items: readonly RemoteFile[];
  /** Opaque; undefined on the last page. */
  readonly next: string | undefined;
  readonly entries: number;
  readonly bytes: number;
  /** Of its entries, folders and whatever else a server lists among them. */
  readonly paths: readonly string[];
}

const treeAnswer = z.array(
  z.object({
    type: z.nullish(z.string()),
    path: z.nullish(z.string()),
    size: z.nullish(z.number()),
    oid: z.nullish(z.string()),
    lfs: z.nullish(z.object({ oid: z.string(), size: z.nullish(z.number()) })),
  }),
);

/** A tree of 100,000 files with the smallest pages seen in the wild has 2,000 of them. */
const LISTING_DEADLINE_MS = 60 * 60_000;

/**
 * One page of the files of a revision, in one request: `GET /api/models/{id}/tree/{revision}?recursive=true`
 * (https://huggingface.co/docs/hub/api), recursive because that is the form every Hub client relies on. Entries that
 * are not of the type `file` are left out: what else a server lists has names of its own. undefined where the server
 * answers 404. Throws a `Failure`.
 */
export async function listFiles(
  { endpoint, token, model, http }: HubConnection,
  revision: string,
  cursor: string | undefined,
  signal: AbortSignal,
  patience: Patience = {},
): Promise<FilePage | undefined> {
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
    maxResponseBytes: MAX_LIST_BYTES,
    signal,
    ...patience,
  });
  if (response.status === 404) return undefined;
  const next = response.nextLink();
  if (next && (!isOwnAddress(endpoint, next) || next.href === url.href)) throw listingBroken(model);
  const entries = response.json(treeAnswer);
  const items = entries.flatMap((entry) => {
    const { path } = entry;
    if (entry.type !== 'file' || !path || !isFilePath(path)) return [];
    const sha256 = asSha256((entry.lfs?.oid ?? '').replace(/^sha256:/, ''));
    // To those who may not read a gated model, its hashes are asterisks. The other id is not that of the content.
    const isHidden = entry.lfs ? sha256 === undefined : false;
    return {
      path,
      size: entry.lfs?.size ?? entry.size ?? undefined,
      gitSha1: isHidden ? undefined : asGitObjectId(entry.oid ?? ''),
      sha256,
    };
  });
  const paths = entries.flatMap(({ path }) => (path ? [path] : []));
  return { items, next: next?.href, entries: entries.length, bytes: response.body.byteLength, paths };
}

/**
 * All files of a revision, page after page; undefined where the server lists none.
 *
 * @param deadlineMs Milliseconds for all pages together.
 * @throws Failure `protocol` where the pages lead in a circle, or on and on; `timeout` after the deadline.
 */
export async function listAllFiles(
  hub: HubConnection,
  revision: string,
  signal: AbortSignal,
  deadlineMs = LISTING_DEADLINE_MS,
): Promise<readonly RemoteFile[] | undefined> {
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    return await followPages(hub, revision, AbortSignal.any([signal, deadline]));
  } catch (error) {
    signal.throwIfAborted();
    throw deadline.aborted ? listingTooSlow(hub, deadlineMs) : error;
  }
}

/** How long pages may go on that name nothing new: so many with files, or a hundredth of them without. */
const MOST_IDLE = 10_000;
const IDLE_WITHOUT_FILES = 100;

async function followPages(
  hub: HubConnection,
  revision: string,
  signal: AbortSignal,
): Promise<readonly RemoteFile[] | undefined> {
  const files: RemoteFile[] = [];
  const visited = new Set<string>();
  const known = new Set<string>();
  let idle = 0;
  let soFar = NOTHING_SO_FAR;
  let cursor: string | undefined;
  do {
    const page = await listFiles(hub, revision, cursor, signal);
    if (!page && cursor === undefined) return undefined;
    if (!page) throw listingBroken(hub.model);
    for (const file of page.items) files.push(file);
    soFar = withPage(soFar, page);
    const before = known.size;
    for (const path of page.paths) known.add(path);
    idle = known.size > before ? 0 : idle + (page.items.length > 0 ? 1 : IDLE_WITHOUT_FILES);
    cursor = page.next;
    if (isEndless(soFar) || idle > MOST_IDLE) throw listingEndless(hub);
    if (cursor !== undefined && visited.has(cursor)) throw listingBroken(hub.model);
    if (cursor !== undefined) visited.add(cursor);
  } while (cursor !== undefined);
  return files;
}

function listingBroken(model: string): Failure {
  return new Failure(
    'protocol',
    l10n.t('The server’s list of the files of “{0}” does not hold together.', model),
  );
}

function listingEndless({ endpoint, model }: HubConnection): Failure {
  return new Failure(
    'protocol',
    l10n.t(
      'The list of the files of “{0}” at {1} never ends, or is larger than any model. Report it to its operators.',
      model,
      endpoint.host,
    ),
  );
}

function listingTooSlow({ endpoint, model }: HubConnection, deadlineMs: number): Failure {
  return new Failure(
    'timeout',
    l10n.t(
      '{1} did not list all files of “{0}” within {2} seconds. Check the network connection and try again.',
      model,
      endpoint.host,
      Math.ceil(deadlineMs / 1000),
    ),
  );
}
