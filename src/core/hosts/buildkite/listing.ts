import * as l10n from '@vscode/l10n';
import type { Listing, ModelVersion, Registry } from '../host.ts';
import type { Page } from '../page.ts';
import { endpointUrl } from '../addresses.ts';
import { organizationsAnswer, packagesAnswer, registriesAnswer, registryAnswer } from './answers.ts';
import { listPage } from './lists.ts';
import { isSameModel } from './modelVersions.ts';
import { asRegistry, asVersion, registriesUrl, type BuildkiteConnection } from './registries.ts';

/** https://buildkite.com/docs/apis/rest-api/package-registries */
export function buildkiteListing(connection: BuildkiteConnection): Listing {
  const { apiUrl, pageSize, requests } = connection;
  return {
    async organizations(cursor, signal) {
      const first = endpointUrl(apiUrl, 'organizations');
      first.searchParams.set('per_page', String(pageSize));
      const { items, next } = await listPage(
        connection,
        {
          first,
          subject: l10n.t('your organizations'),
          read: (response) => ({ entries: response.json(organizationsAnswer), next: response.nextLink() }),
        },
        cursor,
        signal,
      );
      return {
        items: items.map(({ slug, name, web_url }) => ({
          slug,
          name: name ?? slug,
          webUrl: requests.webPage(web_url, slug),
        })),
        next,
      };
    },

    async registries(organization, cursor, signal) {
      const { items, next } = await listPage(
        connection,
        {
          first: registriesUrl(connection, organization),
          subject: l10n.t('the registries of {0}', organization),
          organization,
          // Documented as one list without pages; a `Link` is followed all the same.
          read: (response) => ({ entries: response.json(registriesAnswer), next: response.nextLink() }),
        },
        cursor,
        signal,
      );
      return { items: items.map((answer) => asRegistry(connection, organization, answer)), next };
    },

    async registry(organization, slug, signal) {
      const subject = l10n.t('the registry {0}', `${organization}/${slug}`);
      const response = await requests.get(
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
  const { organization, slug } = registry;
  const first = registriesUrl(connection, organization, slug, 'packages');
  first.searchParams.set('per_page', String(limit));
  if (name !== undefined) first.searchParams.set('name', name);
  const { items, next } = await listPage(
    connection,
    {
      first,
      subject: l10n.t('the models of {0}', `${organization}/${slug}`),
      organization,
      read(response) {
        const { items: entries, links } = response.json(packagesAnswer);
        return { entries, next: links?.next };
      },
    },
    cursor,
    signal,
  );
  return { items: items.map((item) => asVersion(connection, registry, item)), next };
}
