import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { addressesOf } from '../../hub/addresses.ts';
import { asCommitName, type CommitName } from '../../objectIds.ts';
import { UNKNOWN_CALL } from '../../hub/connection.ts';
import { cursorAfter, placeOf, type PagedList } from '../cursors.ts';
import type { ModelVersion, NamedRevision, Registry, VersionQuery } from '../host.ts';
import type { Page } from '../page.ts';
import type { HubAccess } from './access.ts';
import { commitAnswer, listAnswer, modelAnswer, refsAnswer } from './answers.ts';
import { HUBS_SETTING, type HubDescriptor } from './descriptors.ts';
import { modelPage } from './requests.ts';
import { isUnknownCall } from './unknownCall.ts';

const PAGE_SIZE = 50;

/** Undefined where the server gives the commit no name that can be used. */
export function asVersion(
  { address }: HubDescriptor,
  registry: Registry,
  model: string,
  sha: string,
  createdAt: Date | undefined,
): ModelVersion | undefined {
  const id = nameOf(sha);
  if (id === undefined) return undefined;
  const webUrl = modelPage(address, model, 'tree', id);
  return { id: `${model}@${id}`, registry, model, commit: id, createdAt, webUrl };
}

/** What somebody may not know is asterisks. */
function nameOf(sha: string): CommitName | undefined {
  return /^\*+$/.test(sha) ? undefined : asCommitName(sha);
}

/** A page of the commits of a revision: `GET /api/models/{id}/commits/{revision}`. */
export async function versions(
  access: HubAccess,
  registry: Registry,
  model: string,
  query: VersionQuery,
  signal: AbortSignal,
): Promise<Page<ModelVersion>> {
  const { descriptor, requests } = access;
  const { address } = descriptor;
  const { cursor, limit = PAGE_SIZE, revision = descriptor.revision } = query;
  const subject = l10n.t('the commits of the model “{0}” on {1}', model, address.host);
  const list: PagedList = { endpoint: address, setting: HUBS_SETTING, subject };
  const first = addressesOf(address, model).ofRevision('commits', revision);
  first.searchParams.set('limit', String(limit));
  const place = placeOf(cursor, first, list);
  const response = await requests.get({ url: place.url, subject, model, accept: UNKNOWN_CALL }, signal);
  if (isUnknownCall(response))
    return { items: await head(access, registry, model, revision, signal), next: undefined };
  if (response.status === 404) throw notThere(subject, address);
  const entries = response.json(listAnswer);
  const items = entries.flatMap((entry) => {
    const { success, data } = commitAnswer.safeParse(entry);
    const version = success ? asVersion(descriptor, registry, model, data.id, data.date) : undefined;
    return version ? [version] : [];
  });
  const read = { place, entries: entries.length, body: response.body };
  return { items, next: cursorAfter(read, response.nextLink(), list) };
}

/**
 * The commit that a revision leads to, of a server that does not list those before it; none where nothing was committed
 * yet.
 */
async function head(
  { descriptor, requests }: HubAccess,
  registry: Registry,
  model: string,
  revision: string,
  signal: AbortSignal,
): Promise<readonly ModelVersion[]> {
  const { address } = descriptor;
  const subject = l10n.t('the model “{0}” on {1}', model, address.host);
  const url = addressesOf(address, model).ofRevision('revision', revision);
  const { sha, lastModified } = (await requests.get({ url, subject, model }, signal)).json(modelAnswer);
  const version = asVersion(descriptor, registry, model, sha ?? '', lastModified);
  return version ? [version] : [];
}

/** `GET /api/models/{id}/refs` */
export async function revisions(
  { descriptor, requests }: HubAccess,
  model: string,
  signal: AbortSignal,
): Promise<readonly NamedRevision[]> {
  const { address } = descriptor;
  const subject = l10n.t('the branches and tags of the model “{0}” on {1}', model, address.host);
  const url = addressesOf(address, model).refs();
  const response = await requests.get({ url, subject, model, accept: UNKNOWN_CALL }, signal);
  if (isUnknownCall(response)) return [];
  if (response.status === 404) throw notThere(subject, address);
  const { branches, tags } = response.json(refsAnswer);
  const named =
    (kind: NamedRevision['kind']) =>
    ({ name, targetCommit }: (typeof branches)[number]): NamedRevision => ({
      name,
      kind,
      commit: nameOf(targetCommit ?? ''),
    });
  return [...branches.map(named('branch')), ...tags.map(named('tag'))];
}

function notThere(subject: string, { host }: URL): Failure {
  return new Failure(
    'notFound',
    l10n.t('{1} does not know {0}. Check the name, and that the access token may see it.', subject, host),
    { status: 404 },
  );
}
