import * as l10n from '@vscode/l10n';
import type { AccessToken } from '../accessToken.ts';
import type { HttpClient, HttpResponse } from '../http/client.ts';
import type { ModelVersion, Registry, RegistryHost } from '../registryHost.ts';
import { endpointUrl, isBelow, type BuildkiteEndpoints } from './addresses.ts';
import {
  organizationsAnswer,
  packagesAnswer,
  registriesAnswer,
  registryAnswer,
  type PackageAnswer,
  type RegistryAnswer,
} from './answers.ts';
import { cursorAfter, placeOf } from './cursors.ts';
import { holdsModels } from './ecosystems.ts';
import { isSameModel, parseModelVersion } from './modelVersions.ts';

export interface BuildkiteHostOptions extends BuildkiteEndpoints {
  /** Bound to the origins of `apiUrl` and `packagesUrl`. */
  readonly token: AccessToken;
  readonly http: HttpClient;
  /** Items asked for at a time. Default 100, the most: 50 requests a minute are shared with all other tools of the same user. */
  readonly pageSize?: number;
}

/** Buildkite Package Registries: https://buildkite.com/docs/apis/rest-api/package-registries */
export function createBuildkiteHost(options: BuildkiteHostOptions): RegistryHost {
  const { apiUrl, packagesUrl, webUrl, token, http, pageSize = 100 } = options;

  function get(url: URL, subject: string, signal: AbortSignal): Promise<HttpResponse> {
    return http.send({ method: 'GET', url, token, subject, retry: 'idempotent', signal });
  }

  function registriesUrl(organization: string, ...more: readonly string[]): URL {
    return endpointUrl(apiUrl, 'packages', 'organizations', organization, 'registries', ...more);
  }

  /** The site's own page for something, as the server gives it; only where it is a page of that site. */
  function webPage(given: string | undefined, ...path: readonly string[]): URL {
    const url = given !== undefined && URL.canParse(given) ? new URL(given) : undefined;
    return url && isBelow(url, webUrl) ? url : endpointUrl(webUrl, ...path);
  }

  function asRegistry(organization: string, answer: RegistryAnswer): Registry {
    const { id, slug, name = slug, ecosystem = '', description } = answer;
    return {
      id,
      organization,
      slug,
      name,
      ecosystem,
      holdsModels: holdsModels(ecosystem),
      description,
      public: answer.public,
      webUrl: webPage(answer.web_url, 'organizations', organization, 'packages', 'registries', slug),
    };
  }

  function asVersion(registry: Registry, answer: PackageAnswer): ModelVersion {
    const { organization, slug } = registry;
    return {
      id: answer.id,
      registry,
      ...parseModelVersion(answer),
      createdAt: answer.created_at,
      webUrl: webPage(
        answer.web_url,
        ...['organizations', organization, 'packages', 'registries', slug, 'packages', answer.id],
      ),
    };
  }

  return {
    id: 'buildkite',

    async organizations(cursor, signal) {
      const subject = l10n.t('your organizations');
      const first = endpointUrl(apiUrl, 'organizations');
      first.searchParams.set('per_page', String(pageSize));
      const place = placeOf(cursor, first, apiUrl, subject);
      const response = await get(place.url, subject, signal);
      const items = response.json(organizationsAnswer).map(({ slug, name, web_url }) => ({
        slug,
        name: name ?? slug,
        webUrl: webPage(web_url, slug),
      }));
      return { items, next: cursorAfter(place, response.nextLink(), apiUrl, subject) };
    },

    async registries(organization, cursor, signal) {
      const subject = l10n.t('the registries of {0}', organization);
      // Documented as one list without pages; a `Link` is followed all the same.
      const place = placeOf(cursor, registriesUrl(organization), apiUrl, subject);
      const response = await get(place.url, subject, signal);
      const items = response.json(registriesAnswer).map((answer) => asRegistry(organization, answer));
      return { items, next: cursorAfter(place, response.nextLink(), apiUrl, subject) };
    },

    async registry(organization, slug, signal) {
      const subject = l10n.t('the registry {0}', `${organization}/${slug}`);
      const response = await get(registriesUrl(organization, slug), subject, signal);
      return asRegistry(organization, response.json(registryAnswer));
    },

    async versions(registry, { model, cursor }, signal) {
      const subject = l10n.t('the models of {0}', `${registry.organization}/${registry.slug}`);
      const page = async (filter: string | undefined) => {
        const first = registriesUrl(registry.organization, registry.slug, 'packages');
        first.searchParams.set('per_page', String(pageSize));
        if (filter !== undefined) first.searchParams.set('name', filter);
        const place = placeOf(cursor, first, apiUrl, subject);
        const answer = (await get(place.url, subject, signal)).json(packagesAnswer);
        const versions = answer.items.map((item) => asVersion(registry, item));
        return {
          items: model === undefined ? versions : versions.filter((one) => isSameModel(one.model, model)),
          next: cursorAfter(place, answer.links?.next, apiUrl, subject),
        };
      };
      const found = await page(model);
      // Whether `name` may be a part of a package's name is not documented, and that name may end with the SHA.
      const unanswered =
        model !== undefined && cursor === undefined && found.items.length === 0 && !found.next;
      return unanswered ? page(undefined) : found;
    },

    hub: ({ organization, slug }) => ({
      endpoint: endpointUrl(packagesUrl, organization, slug, 'huggingface'),
      token,
      createFirst: true,
      revision: 'main',
      modelIdSegments: 2,
    }),
  };
}
