import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { addressesOf } from '../../hub/addresses.ts';
import { endpointUrl } from '../addresses.ts';
import { cursorAfter, placeOf, type PagedList } from '../cursors.ts';
import type { ListedModel, Page, Registry } from '../host.ts';
import { FORMS, type HubAccess, type HubServer } from './access.ts';
import { listAnswer, modelAnswer, type ModelAnswer } from './answers.ts';
import { HUBS_SETTING, type HubDescriptor } from './descriptors.ts';
import { asRegistry, namespaceOf } from './namespaces.ts';
import { isUnknownCall, UNKNOWN_CALL } from './unknownCall.ts';
import { asVersion } from './versions.ts';

const PAGE_SIZE = 50;
/** Nothing else of a model is looked at, and some fields are large. */
const FIELDS = ['sha', 'lastModified', 'private', 'gated'];

/** A page of a namespace's models: `GET /api/models`. */
export async function models(
  access: HubAccess,
  registry: Registry,
  { name, cursor }: { readonly name?: string; readonly cursor?: string },
  signal: AbortSignal,
): Promise<Page<ListedModel>> {
  const { descriptor, requests, server } = access;
  const subject = l10n.t('the models of {0}', `${registry.organization}/${registry.slug}`);
  const list: PagedList = { endpoint: descriptor.address, setting: HUBS_SETTING, subject };
  if (!server.lists) throw listsNone(descriptor);
  const author = namespaceOf(descriptor, registry);
  const place = placeOf(cursor, listUrl(descriptor, author, name, server.form), list);
  try {
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
  } catch (error) {
    const simpler = FORMS[FORMS.indexOf(server.form) + 1];
    if (!isTooMuch(error) || cursor !== undefined || simpler === undefined) throw error;
    server.form = simpler;
    return models(access, registry, { ...(name !== undefined && { name }) }, signal);
  }
}

/** Whether a server refuses how it was asked. */
function isTooMuch(error: unknown): boolean {
  return error instanceof Failure && (error.status === 400 || error.status === 422);
}

function listUrl(
  { address }: HubDescriptor,
  author: string | undefined,
  search: string | undefined,
  form: HubServer['form'],
): URL {
  const url = endpointUrl(address, 'api', 'models');
  const { searchParams } = url;
  if (author !== undefined) searchParams.set('author', author);
  if (search !== undefined && search.trim() !== '') searchParams.set('search', search.trim());
  searchParams.set('limit', String(PAGE_SIZE));
  if (form === 'plain') return url;
  searchParams.set('sort', 'lastModified');
  searchParams.set('direction', '-1');
  if (form === 'fields') for (const field of FIELDS) searchParams.append('expand', field);
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
  access: HubAccess,
  registry: Registry,
  model: string,
  signal: AbortSignal,
): Promise<ListedModel> {
  const { descriptor, requests, server } = access;
  const { address } = descriptor;
  const subject = l10n.t('the model “{0}” on {1}', model, address.host);
  const url = addressesOf(address, model).model();
  if (server.form === 'fields') for (const field of FIELDS) url.searchParams.append('expand', field);
  let answer: ModelAnswer;
  try {
    answer = (await requests.get({ url, subject, model }, signal)).json(modelAnswer);
  } catch (error) {
    if (server.form !== 'fields' || !isTooMuch(error)) throw error;
    server.form = 'sorted';
    return oneModel(access, registry, model, signal);
  }
  // An old name leads to the model's own, and by now perhaps to another model.
  const id = answer.id ?? model;
  const namespace = id.includes('/') && descriptor.modelIdSegments === 2 ? id.split('/')[0] : undefined;
  const home =
    namespace === undefined || namespace === registry.slug ? registry : asRegistry(descriptor, namespace);
  const listed = asListed(descriptor, home, { ...answer, id }) ?? { model: id, newest: undefined };
  return id === model ? listed : { ...listed, ledFrom: model };
}
