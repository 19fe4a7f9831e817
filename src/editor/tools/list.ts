import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { ModelVersion, Registry } from '../../core/hosts/host.ts';
import type { Session } from '../accounts/sessions.ts';
import type { Services } from '../services.ts';
import { accountFor, accountsNamed } from './account.ts';
import type { ListInput } from './inputs.ts';

/** Pages of one list that are read for an answer. */
const MOST_PAGES = 5;

interface ListedRegistry {
  readonly account: string;
  readonly organization: string;
  readonly registry: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly mayPublish: boolean;
}

interface ModelSummary {
  readonly model: string;
  /** Of the newest version. */
  readonly commit: string | undefined;
  readonly publishedAt: string | undefined;
  /** Absent where the service lists each model once, whatever versions it has. */
  readonly versions?: number;
}

/**
 * The registries of all accounts, or the models of one, newest first. `complete` is false where there are more. Where an account cannot
 * list its own, `failed` tells why, and the others list theirs. Throws where none can, or none belongs to the organization.
 */
export async function listRegistries(
  services: Services,
  { organization, registry, account }: ListInput,
  signal: AbortSignal,
): Promise<unknown> {
  if (organization !== undefined && registry !== undefined) {
    const session = await accountFor(services, account, undefined);
    return listModels(session, organization, registry, signal);
  }
  const all = await accountsNamed(services, account);
  const lists = await Promise.all(all.map((session) => listOf(session, organization, signal)));
  const registries = lists.flatMap((list) => list.registries);
  const complete = lists.every((list) => list.complete);
  const failed = lists.flatMap(({ account: label, failure }) =>
    failure ? [{ account: label, failure }] : [],
  );
  const [first] = failed;
  if (first && registries.length === 0 && failed.length === lists.length) throw first.failure;
  const isKnown = lists.some(({ organizations }) => organizations > 0);
  if (organization !== undefined && complete && !isKnown) throw unknownOrganization(organization, all);
  return {
    registries,
    complete,
    ...(failed.length > 0 && {
      failed: failed.map(({ account: label, failure }) => ({ account: label, message: failure.message })),
    }),
  };
}

function unknownOrganization(organization: string, sessions: readonly Session[]): Failure {
  return new Failure(
    'notFound',
    vscode.l10n.t(
      'None of these accounts belongs to {0}: {1}',
      organization,
      sessions.map(({ label }) => label).join(', '),
    ),
  );
}

interface AccountList {
  readonly account: string;
  readonly registries: readonly ListedRegistry[];
  /** How many of the account's were asked for their registries. */
  readonly organizations: number;
  readonly complete: boolean;
  readonly failure: Failure | undefined;
}

/** The registries of an account, as far as it can be asked. @param only Slug of the organization; all without one. */
async function listOf(session: Session, only: string | undefined, signal: AbortSignal): Promise<AccountList> {
  const registries: ListedRegistry[] = [];
  let organizations = 0;
  let complete = true;
  const list = (failure?: Failure): AccountList => ({
    account: session.label,
    registries,
    organizations,
    complete: complete && failure === undefined,
    failure,
  });
  try {
    const found = await allPages((cursor) => session.host.listing.organizations(cursor, signal));
    complete = found.complete;
    for (const { slug } of found.items.filter((one) => only === undefined || one.slug === only)) {
      organizations += 1;
      const listed = await allPages((cursor) => session.host.listing.registries(slug, cursor, signal));
      complete &&= listed.complete;
      for (const one of listed.items) if (one.holdsModels) registries.push(asListed(session, one));
    }
    return list();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return list(error);
  }
}

function asListed(session: Session, { organization, slug, name, description }: Registry): ListedRegistry {
  const mayPublish = session.may('publish');
  return { account: session.label, organization, registry: slug, name, description, mayPublish };
}

async function listModels(session: Session, organization: string, slug: string, signal: AbortSignal) {
  const registry = await session.host.listing.registry(organization, slug, signal);
  const { items, complete } = await allPages((cursor) =>
    session.host.listing.models(registry, { cursor }, signal),
  );
  const listsVersions = session.host.listing.revisions === undefined;
  const byModel = new Map<string, (ModelVersion | undefined)[]>();
  for (const { model, newest } of items) {
    const versions = byModel.get(model) ?? [];
    byModel.set(model, versions);
    versions.push(newest);
  }
  const models = [...byModel].map(([model, versions]): ModelSummary => ({
    model,
    commit: versions[0]?.commit,
    publishedAt: versions[0]?.createdAt?.toISOString(),
    ...(listsVersions && { versions: versions.length }),
  }));
  return { account: session.label, organization, registry: slug, models, complete };
}

async function allPages<T>(
  load: (
    cursor: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly next: string | undefined }>,
): Promise<{ readonly items: readonly T[]; readonly complete: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const loaded = await load(cursor);
    for (const item of loaded.items) items.push(item);
    cursor = loaded.next;
    if (cursor === undefined) break;
  }
  return { items, complete: cursor === undefined };
}
