import type { ModelVersion } from '../../core/hosts/host.ts';
import type { Session } from '../accounts/sessions.ts';
import type { Services } from '../services.ts';
import { accountFor, accounts } from './account.ts';
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
  readonly versions: number;
}

/** The registries of all accounts, or the models of one, newest first. `complete` is false where there are more. */
export async function listRegistries(
  services: Services,
  { organization, registry, account }: ListInput,
  signal: AbortSignal,
): Promise<unknown> {
  if (organization !== undefined && registry !== undefined) {
    const session = await accountFor(services, account, undefined);
    return listModels(session, organization, registry, signal);
  }
  const all = (await accounts(services)).filter(({ label }) => account === undefined || label === account);
  const lists = await Promise.all(all.map((session) => listOf(session, organization, signal)));
  return {
    registries: lists.flatMap(({ registries }) => registries),
    complete: lists.every(({ complete }) => complete),
  };
}

async function listOf(session: Session, organization: string | undefined, signal: AbortSignal) {
  const organizations =
    organization === undefined
      ? await allPages((cursor) => session.host.listing.organizations(cursor, signal))
      : { items: [{ slug: organization }], complete: true };
  const registries: ListedRegistry[] = [];
  let { complete } = organizations;
  for (const { slug } of organizations.items) {
    const found = await allPages((cursor) => session.host.listing.registries(slug, cursor, signal));
    complete &&= found.complete;
    registries.push(
      ...found.items
        .filter(({ holdsModels }) => holdsModels)
        .map((one) => ({
          account: session.label,
          organization: one.organization,
          registry: one.slug,
          name: one.name,
          description: one.description,
          mayPublish: session.may('publish'),
        })),
    );
  }
  return { registries, complete };
}

async function listModels(session: Session, organization: string, slug: string, signal: AbortSignal) {
  const registry = await session.host.listing.registry(organization, slug, signal);
  const { items, complete } = await allPages((cursor) =>
    session.host.listing.models(registry, { cursor }, signal),
  );
  const byModel = new Map<string, (ModelVersion | undefined)[]>();
  for (const { model, newest } of items) byModel.set(model, [...(byModel.get(model) ?? []), newest]);
  const models = [...byModel].map(([model, versions]): ModelSummary => ({
    model,
    commit: versions[0]?.commit,
    publishedAt: versions[0]?.createdAt?.toISOString(),
    versions: versions.length,
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
    items.push(...loaded.items);
    cursor = loaded.next;
    if (cursor === undefined) break;
  }
  return { items, complete: cursor === undefined };
}
