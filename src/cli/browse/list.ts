import * as l10n from '@vscode/l10n';
import { Failure } from '../../core/failure.ts';
import type { ModelVersion, Registry } from '../../core/hosts/host.ts';
import type { Page } from '../../core/hosts/page.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exitCodes.ts';
import { type HostAt, hostAt } from '../hosts.ts';
import { connectionOf, filesOf, headOf, type HubAccess, readHub, type Reading } from '../hubAccess.ts';
import { bytes } from '../texts.ts';

export interface ListRequest extends Reading {
  /** What `--api` names. */
  readonly api: URL | undefined;
  /** How many, at most. */
  readonly limit: number;
  readonly what:
    | { readonly kind: 'registries' }
    | { readonly kind: 'models'; readonly namespace: string | undefined; readonly name: string | undefined }
    | { readonly kind: 'versions'; readonly model: string; readonly revision: string | undefined }
    | { readonly kind: 'files'; readonly model: string; readonly revision: string | undefined };
}

/** What `list --json` writes, one a line. */
type Item =
  | {
      readonly kind: 'registry';
      readonly organization: string;
      readonly slug: string;
      readonly name: string;
      readonly ecosystem: string;
      readonly description?: string;
      readonly holdsModels: boolean;
    }
  | { readonly kind: 'model'; readonly model: string; readonly commit?: string; readonly createdAt?: Date }
  | { readonly kind: 'version'; readonly model: string; readonly commit?: string; readonly createdAt?: Date }
  | ({ readonly kind: 'file' } & RemoteFile);

/** Writes a list, and says why where there is none. */
export function carryOutList(request: ListRequest, context: Context): Promise<ExitCode> {
  const { json, limit } = request;
  const { terminal, signal } = context;
  return readHub(request, context, async (access) => {
    const { items, hasMore } = await firstItems(itemsOf(request, access, signal), limit);
    for (const item of items) {
      if (json) terminal.json(item);
      else terminal.result(lineOf(item));
    }
    if (items.length === 0) terminal.tell(l10n.t('There are none.'));
    if (hasMore) terminal.tell(l10n.t('There are more than {0}: --limit {1} shows them.', limit, limit * 10));
  });
}

function itemsOf(request: ListRequest, access: HubAccess, signal: AbortSignal): AsyncIterable<Item> {
  const { what, api } = request;
  switch (what.kind) {
    case 'registries':
      return withWayToToken(hostAt(access, api), (at) => registries(at, signal));
    case 'models':
      return withWayToToken(hostAt(access, api), (at) => models(at, what, signal));
    case 'versions':
      return withWayToToken(hostAt(access, api), (at) => versions(at, what, signal));
    case 'files':
      return files(access, what, signal);
  }
}

/** The items of a host, whose refusal says what a token needs. */
async function* withWayToToken(at: HostAt, list: (at: HostAt) => AsyncIterable<Item>): AsyncIterable<Item> {
  try {
    yield* list(at);
  } catch (error) {
    const isRefusal = error instanceof Failure && (error.kind === 'auth' || error.kind === 'forbidden');
    if (!isRefusal || at.needs === undefined) throw error;
    // Another token of the same kind would not help.
    throw new Failure('forbidden', `${error.message} ${at.needs}`, error.origin);
  }
}

async function* registries({ host, organization }: HostAt, signal: AbortSignal): AsyncIterable<Item> {
  const { listing } = host;
  const slugs =
    organization === undefined
      ? everyPage((cursor) => listing.organizations(cursor, signal))
      : [{ slug: organization }];
  for await (const { slug } of slugs) {
    for await (const registry of everyPage((cursor) => listing.registries(slug, cursor, signal))) {
      const { name, ecosystem, description, holdsModels } = registry;
      const what = { organization: registry.organization, slug: registry.slug, name, ecosystem, holdsModels };
      yield { kind: 'registry', ...what, ...(description !== undefined && { description }) };
    }
  }
}

async function* models(
  at: HostAt,
  { namespace, name }: Extract<ListRequest['what'], { kind: 'models' }>,
  signal: AbortSignal,
): AsyncIterable<Item> {
  const registry = await registryOf(at, namespace, signal);
  const listed = everyPage((cursor) =>
    at.host.listing.models(
      registry,
      { ...(name !== undefined && { name }), ...(cursor !== undefined && { cursor }) },
      signal,
    ),
  );
  const seen = new Set<string>();
  for await (const { model, newest } of listed) {
    // A registry may list a model once for each of its versions, the newest first.
    if (seen.has(model)) continue;
    seen.add(model);
    yield { kind: 'model', model, ...whenOf(newest) };
  }
}

async function* versions(
  at: HostAt,
  { model, revision }: Extract<ListRequest['what'], { kind: 'versions' }>,
  signal: AbortSignal,
): AsyncIterable<Item> {
  if (revision !== undefined && at.host.listing.revisions === undefined) {
    throw new Failure(
      'refused',
      l10n.t('Versions of “{0}” are not listed by branch there. Leave out “@{1}”.', model, revision),
    );
  }
  const [namespace] = model.split('/');
  const registry = await registryOf(at, namespace, signal);
  const listed = everyPage((cursor) =>
    at.host.listing.versions(
      registry,
      model,
      { ...(revision !== undefined && { revision }), ...(cursor !== undefined && { cursor }) },
      signal,
    ),
  );
  for await (const version of listed) yield { kind: 'version', model, ...whenOf(version) };
}

async function* files(
  access: HubAccess,
  { model, revision = 'main' }: Extract<ListRequest['what'], { kind: 'files' }>,
  signal: AbortSignal,
): AsyncIterable<Item> {
  const connection = connectionOf(access, model);
  const { commit } = await headOf(connection, revision, signal);
  const all = await filesOf(connection, commit, signal);
  yield* all
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((file) => ({ kind: 'file', ...file }) as const);
}

/** The registry that the hub's address names, else the namespace of a hub. */
async function registryOf(
  { host, registry, organization }: HostAt,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<Registry> {
  if (registry !== undefined) return host.listing.registry(registry.organization, registry.slug, signal);
  if (organization !== undefined) {
    throw new Failure(
      'refused',
      l10n.t(
        'Give the address of one registry, which ends like /organization/registry/huggingface. “list registries” tells which there are.',
      ),
    );
  }
  if (namespace !== undefined) {
    const [first] = (await host.listing.organizations(undefined, signal)).items;
    return host.listing.registry(first?.slug ?? '', namespace, signal);
  }
  throw new Failure(
    'refused',
    l10n.t(
      'Say whose models are to be listed, such as “list models acme”. “list registries” tells which there are.',
    ),
  );
}

function whenOf(version: ModelVersion | undefined): { readonly commit?: string; readonly createdAt?: Date } {
  const { commit, createdAt } = version ?? {};
  return { ...(commit !== undefined && { commit }), ...(createdAt !== undefined && { createdAt }) };
}

async function* everyPage<T>(
  load: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T, void> {
  let cursor: string | undefined;
  do {
    const page = await load(cursor);
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}

async function firstItems<T>(
  all: AsyncIterable<T>,
  most: number,
): Promise<{ readonly items: readonly T[]; readonly hasMore: boolean }> {
  const items: T[] = [];
  for await (const item of all) {
    if (items.length === most) return { items, hasMore: true };
    items.push(item);
  }
  return { items, hasMore: false };
}

function lineOf(item: Item): string {
  switch (item.kind) {
    case 'registry': {
      const name = `${item.organization}/${item.slug}`;
      return item.holdsModels ? name : l10n.t('{0} ({1}, holds no models)', name, item.ecosystem);
    }
    case 'model':
      return [item.model, day(item.createdAt), item.commit].filter(Boolean).join('  ');
    case 'version':
      return [item.commit ?? '?', item.createdAt?.toISOString()].filter(Boolean).join('  ');
    case 'file':
      return `${(item.size === undefined ? '?' : bytes(item.size)).padStart(9)}  ${item.path}`;
  }
}

function day(date: Date | undefined): string | undefined {
  return date?.toISOString().slice(0, 10);
}
