import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { addressesOf } from '../../hub/addresses.ts';
import { UNKNOWN_CALL } from '../../hub/connection.ts';
import { endpointUrl } from '../addresses.ts';
import { cursorAfter, placeOf, type PagedList } from '../cursors.ts';
import type { ListedModel, Registry } from '../host.ts';
import type { Page } from '../page.ts';
import type { Form, HubAccess } from './access.ts';
import { listAnswer, modelAnswer, type ModelAnswer } from './answers.ts';
import { HUBS_SETTING, type HubDescriptor } from './descriptors.ts';
import { asRegistry, namespaceOf } from './namespaces.ts';
import { isUnknownCall } from './unknownCall.ts';
import { asVersion } from './versions.ts';

const PAGE_SIZE = 50;
/** Nothing else of a model is looked at, and some fields are large. */
const FIELDS = ['sha', 'lastModified', 'private', 'gated'];

/** A page of a namespace's models: `GET /api/models`. */
export async function models(
  { descriptor, requests, server }: HubAccess,
  registry: Registry,
  { name, cursor }: { readonly name?: string; readonly cursor?: string },
  signal: AbortSignal,
): Promise<Page<ListedModel>> {
  const subject = l10n.t('the models of {0}', `${registry.organization}/${registry.slug}`);
  const list: PagedList = { endpoint: descriptor.address, setting: HUBS_SETTING, subject };
  const author = namespaceOf(descriptor, registry);
  const page = async (form: Form): Promise<Page<ListedModel>> => {
    const place = placeOf(cursor, listUrl(descriptor, author, name, form), list);
    const response = await requests.get({ url: place.url, subject, accept: UNKNOWN_CALL }, signal);
    if (isUnknownCall(response)) {
      server.lists = false;
      throw listsNone(descriptor);
    }
    const entries = response.json(listAnswer);
    const items = entries.flatMap((entry) => {
      const { success, data } = modelAnswer.safeParse(entry);
      const listed = success ? asListed(descriptor, registry, data) : undefined;
      // A server may have no such parameter.
      return listed && isIn(listed.model, author) ? [listed] : [];
    });
    const read = { place, entries: entries.length, body: response.body };
    return { items, next: cursorAfter(read, response.nextLink(), list) };
  };
  if (!server.lists) throw listsNone(descriptor);
  // A page after the first has the form of the first.
  return cursor === undefined ? server.askInForm(page) : page('plain');
}

function listUrl(
  { address }: HubDescriptor,
  author: string | undefined,
  search: string | undefined,
  form: Form,
): URL {
  const url = endpointUrl(address, 'api', 'models');
  const { searchParams } = url;
  if (author !== undefined) searchParams.set('author', author);
  if (search !== undefined && search.trim() !== '') searchParams.set('search', search.trim());
  searchParams.set('limit', String(PAGE_SIZE));
  if (form === 'plain') return url;
  searchParams.set('sort', 'lastModified');
  searchParams.set('direction', '-1');
  if (form === 'fields') expand(url);
  return url;
}

function isIn(model: string, namespace: string | undefined): boolean {
  return namespace === undefined || model.toLowerCase().startsWith(`${namespace.toLowerCase()}/`);
}

function listsNone({ address }: HubDescriptor): Failure {
  return new Failure('notFound', l10n.t('{0} lists no models. Open one by its name.', address.host));
}

/** Undefined where the answer names no model. */
function asListed(
  descriptor: HubDescriptor,
  registry: Registry,
  answer: ModelAnswer,
): ListedModel | undefined {
  const { id: model, sha, lastModified } = answer;
  if (model === undefined) return undefined;
  const newest = sha === undefined ? undefined : asVersion(descriptor, registry, model, sha, lastModified);
  const access = answer.gated === true ? 'gated' : answer.private === true ? 'private' : undefined;
  const isOpen = answer.gated === false && answer.private === false;
  return { model, newest, ...(access ? { access } : isOpen ? { access: 'public' } : {}) };
}

/** A model, wherever its id leads: `GET /api/models/{id}`. */
export async function oneModel(
  { descriptor, requests, server }: HubAccess,
  registry: Registry,
  model: string,
  signal: AbortSignal,
): Promise<ListedModel> {
  const { address } = descriptor;
  const subject = l10n.t('the model “{0}” on {1}', model, address.host);
  const response = await server.askInForm((form) => {
    const url = addressesOf(address, model).model();
    if (form === 'fields') expand(url);
    return requests.get({ url, subject, model }, signal);
  });
  const answer = response.json(modelAnswer);
  // An old name leads to the model's own, and by now perhaps to another model.
  const id = answer.id ?? model;
  const namespace = id.includes('/') && descriptor.modelIdSegments === 2 ? id.split('/')[0] : undefined;
  const isElsewhere = namespace !== undefined && namespace !== registry.slug;
  const home = isElsewhere ? asRegistry(descriptor, namespace) : registry;
  return asListed(descriptor, home, { ...answer, id }) ?? { model: id, newest: undefined };
}

function expand({ searchParams }: URL): void {
  for (const field of FIELDS) searchParams.append('expand', field);
}
