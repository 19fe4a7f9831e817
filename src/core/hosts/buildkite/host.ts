import * as l10n from '@vscode/l10n';
import type { AccessToken } from '../../accessToken.ts';
import { Failure } from '../../failure.ts';
import type { HttpClient } from '../../http/client.ts';
import type { ModelVersion, Registry, RegistryHost } from '../host.ts';
import { endpointUrl, type BuildkiteEndpoints } from './addresses.ts';
import {
  organizationsAnswer,
  packagesAnswer,
  registriesAnswer,
  registryAnswer,
  teamsAnswer,
  type PackageAnswer,
  type RegistryAnswer,
} from './answers.ts';
import { cursorAfter, placeOf } from './cursors.ts';
import { holdsModels } from './ecosystems.ts';
import { isSameModel, parseModelVersion } from './modelVersions.ts';
import { createBuildkitePipelines } from './pipelines.ts';
import { createBuildkiteRequests } from './requests.ts';

export interface BuildkiteHostOptions extends BuildkiteEndpoints {
  /** Bound to the origins of `apiUrl` and `packagesUrl`. */
  readonly token: AccessToken;
  readonly http: HttpClient;
  /** Items asked for at a time. Default 100, the most: 50 requests a minute are shared with all other tools of the same user. */
  readonly pageSize?: number;
  /** Milliseconds that a page of a list may take before a person is told that it did not come. Default 30,000. */
  readonly deadlineMs?: number;
}

/**
 * How a registry is changed: documented is POST, Buildkite's Go client sends PATCH and its Terraform provider, tested against the
 * real API, PUT. A server that knows no such request answers 404 or 405, and the next one is tried.
 */
const UPDATE_METHODS = ['POST', 'PUT', 'PATCH'] as const;
/** That is gone already. */
const GONE = [404, 410];

/** Buildkite Package Registries: https://buildkite.com/docs/apis/rest-api/package-registries */
export function createBuildkiteHost(options: BuildkiteHostOptions): RegistryHost {
  const { apiUrl, packagesUrl, token, pageSize = 100 } = options;
  const requests = createBuildkiteRequests(options);
  const { get, act, webPage } = requests;

  function registriesUrl(organization: string, ...more: readonly string[]): URL {
    return endpointUrl(apiUrl, 'packages', 'organizations', organization, 'registries', ...more);
  }

  function asRegistry(organization: string, answer: RegistryAnswer): Registry {
    const { id, slug, name = slug, ecosystem = '', description, emoji } = answer;
    return {
      id,
      organization,
      slug,
      name,
      ecosystem,
      holdsModels: holdsModels(ecosystem),
      description,
      emoji,
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
    pipelines: createBuildkitePipelines({ apiUrl, requests, pageSize }),

    async organizations(cursor, signal) {
      const subject = l10n.t('your organizations');
      const first = endpointUrl(apiUrl, 'organizations');
      first.searchParams.set('per_page', String(pageSize));
      const place = placeOf(cursor, first, apiUrl, subject);
      const response = await get(place.url, subject, undefined, signal);
      const answers = response.json(organizationsAnswer);
      const items = answers.map(({ slug, name, web_url }) => ({
        slug,
        name: name ?? slug,
        webUrl: webPage(web_url, slug),
      }));
      const read = { place, entries: answers.length, body: response.body };
      return { items, next: cursorAfter(read, response.nextLink(), apiUrl, subject) };
    },

    async registries(organization, cursor, signal) {
      const subject = l10n.t('the registries of {0}', organization);
      // Documented as one list without pages; a `Link` is followed all the same.
      const place = placeOf(cursor, registriesUrl(organization), apiUrl, subject);
      const response = await get(place.url, subject, organization, signal);
      const answers = response.json(registriesAnswer);
      const items = answers.map((answer) => asRegistry(organization, answer));
      const read = { place, entries: answers.length, body: response.body };
      return { items, next: cursorAfter(read, response.nextLink(), apiUrl, subject) };
    },

    async registry(organization, slug, signal) {
      const subject = l10n.t('the registry {0}', `${organization}/${slug}`);
      const response = await get(registriesUrl(organization, slug), subject, organization, signal);
      return asRegistry(organization, response.json(registryAnswer));
    },

    async versions(registry, { model, name, cursor, limit = pageSize }, signal) {
      const subject = l10n.t('the models of {0}', `${registry.organization}/${registry.slug}`);
      const page = async (filter: string | undefined) => {
        const first = registriesUrl(registry.organization, registry.slug, 'packages');
        first.searchParams.set('per_page', String(limit));
        if (filter !== undefined) first.searchParams.set('name', filter);
        const place = placeOf(cursor, first, apiUrl, subject);
        const response = await get(place.url, subject, registry.organization, signal);
        const answer = response.json(packagesAnswer);
        const read = { place, entries: answer.items.length, body: response.body };
        const versions = answer.items.map((item) => asVersion(registry, item));
        return {
          items: model === undefined ? versions : versions.filter((one) => isSameModel(one.model, model)),
          next: cursorAfter(read, answer.links?.next, apiUrl, subject),
        };
      };
      const found = await page(model ?? name);
      // Whether `name` may be a part of a package's name is not documented, and that name may end with the SHA.
      const unanswered =
        model !== undefined && cursor === undefined && found.items.length === 0 && !found.next;
      return unanswered ? page(undefined) : found;
    },

    async teams(organization, cursor, signal) {
      const subject = l10n.t('the teams of {0}', organization);
      const first = endpointUrl(apiUrl, 'organizations', organization, 'teams');
      first.searchParams.set('per_page', String(pageSize));
      const place = placeOf(cursor, first, apiUrl, subject);
      const response = await get(place.url, subject, organization, signal, 'listTeams');
      const answers = response.json(teamsAnswer);
      const items = answers.map(({ id, slug = id, name = slug }) => ({ id, slug, name }));
      const read = { place, entries: answers.length, body: response.body };
      return { items, next: cursorAfter(read, response.nextLink(), apiUrl, subject) };
    },

    async createRegistry(organization, { name, ecosystem, description, teamIds }, signal) {
      const response = await act('createRegistry', organization, {
        method: 'POST',
        url: registriesUrl(organization),
        body: {
          kind: 'json',
          value: { name, ecosystem, description, ...(teamIds.length > 0 && { team_ids: teamIds }) },
        },
        subject: l10n.t('the new registry {0}', `${organization}/${name}`),
        retry: 'never',
        signal,
      });
      return asRegistry(organization, response.json(registryAnswer));
    },

    async describeRegistry({ organization, slug }, description, signal) {
      let unknown: unknown;
      for (const method of UPDATE_METHODS) {
        try {
          const response = await act('describeRegistry', organization, {
            method,
            url: registriesUrl(organization, slug),
            body: { kind: 'json', value: { description } },
            subject: l10n.t('the registry {0}', `${organization}/${slug}`),
            retry: 'idempotent',
            signal,
          });
          return asRegistry(organization, response.json(registryAnswer));
        } catch (error) {
          if (!(error instanceof Failure) || (error.status !== 404 && error.status !== 405)) throw error;
          unknown ??= error;
        }
      }
      throw unknown;
    },

    async deleteRegistry({ organization, slug }, signal) {
      await act('deleteRegistry', organization, {
        method: 'DELETE',
        url: registriesUrl(organization, slug),
        subject: l10n.t('the registry {0}', `${organization}/${slug}`),
        retry: 'idempotent',
        accept: GONE,
        signal,
      });
    },

    async deleteVersion({ id, registry: { organization, slug }, model, commit }, signal) {
      const version = commit === undefined ? model : `${model} ${commit.slice(0, 7)}`;
      await act('deleteVersion', organization, {
        method: 'DELETE',
        url: registriesUrl(organization, slug, 'packages', id),
        subject: l10n.t('the model version {0}', version),
        retry: 'idempotent',
        accept: GONE,
        signal,
      });
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
