import * as l10n from '@vscode/l10n';
import type { Listing, ModelVersion, Registry } from '../host.ts';
import type { Page } from '../page.ts';
import { endpointUrl } from '../addresses.ts';
import { organizationsAnswer, packagesAnswer, registriesAnswer, registryAnswer } from './answers.ts';
import { cursorAfter, placeOf } from '../cursors.ts';
import { isSameModel } from './modelVersions.ts';
import { asRegistry, asVersion, listAt, registriesUrl, type BuildkiteConnection } from './registries.ts';

/** https://buildkite.com/docs/apis/rest-api/package-registries */
export function buildkiteListing(connection: BuildkiteConnection): Listing {
  const { apiUrl, pageSize, requests } = connection;
  const { get, webPage } = requests;
  return {
    async organizations(cursor, signal) {
      const subject = l10n.t('your organizations');
      const first = endpointUrl(apiUrl, 'organizations');
      first.searchParams.set('per_page', String(pageSize));
      const place = placeOf(cursor, first, listAt(apiUrl, subject));
      const response = await get(place.url, subject, undefined, signal);
      const answers = response.json(organizationsAnswer);
      const items = answers.map(({ slug, name, web_url }) => ({
        slug,
        name: name ?? slug,
        webUrl: webPage(web_url, slug),
      }));
      const read = { place, entries: answers.length, body: response.body };
      return { items, next: cursorAfter(read, response.nextLink(), listAt(apiUrl, subject)) };
    },

    async registries(organization, cursor, signal) {
      const subject = l10n.t('the registries of {0}', organization);
      // Documented as one list without pages; a `Link` is followed all the same.
      const place = placeOf(cursor, registriesUrl(connection, organization), listAt(apiUrl, subject));
      const response = await get(place.url, subject, organization, signal);
      const answers = response.json(registriesAnswer);
      const items = answers.map((answer) => asRegistry(connection, organization, answer));
      const read = { place, entries: answers.length, body: response.body };
      return { items, next: cursorAfter(read, response.nextLink(), listAt(apiUrl, subject)) };
    },

    async registry(organization, slug, signal) {
      const subject = l10n.t('the registry {0}', `${organization}/${slug}`);
      const response = await get(
        registriesUrl(connection, organization, slug),
        subject,
        organization,
        signal,
      );
      return asRegistry(connection, organization, response.json(registryAnswer));
    },

    async models(registry, { name, cursor }, signal) {
      const { items, next } = await packages(connection, registry, { name, cursor, limit: pageSize }, signal);
      return { items: items.map((newest) => ({ model: newest.model, newest })), next };
    },

    async versions(registry, model, { cursor, limit = pageSize }, signal) {
      const page = async (name: string | undefined): Promise<Page<ModelVersion>> => {
        const { items, next } = await packages(connection, registry, { name, cursor, limit }, signal);
        return { items: items.filter((version) => isSameModel(version.model, model)), next };
      };
      const found = await page(model);
      // Whether `name` may be a part of a package's name is not documented, and that name may end with the SHA.
      const unanswered = cursor === undefined && found.items.length === 0 && !found.next;
      return unanswered ? page(undefined) : found;
    },
  };
}

/** A page of a registry's packages, newest first, which the server may choose by `name`. */
async function packages(
  connection: BuildkiteConnection,
  registry: Registry,
  { name, cursor, limit }: { readonly name?: string; readonly cursor?: string; readonly limit: number },
  signal: AbortSignal,
): Promise<Page<ModelVersion>> {
  const { apiUrl, requests } = connection;
  const { organization, slug } = registry;
  const subject = l10n.t('the models of {0}', `${organization}/${slug}`);
  const first = registriesUrl(connection, organization, slug, 'packages');
  first.searchParams.set('per_page', String(limit));
  if (name !== undefined) first.searchParams.set('name', name);
  const place = placeOf(cursor, first, listAt(apiUrl, subject));
  const response = await requests.get(place.url, subject, organization, signal);
  const answer = response.json(packagesAnswer);
  const read = { place, entries: answer.items.length, body: response.body };
  return {
    items: answer.items.map((item) => asVersion(connection, registry, item)),
    next: cursorAfter(read, answer.links?.next, listAt(apiUrl, subject)),
  };
}
