import * as l10n from '@vscode/l10n';
import { shortName } from '../../objectIds.ts';
import type { Administration, Registry } from '../host.ts';
import { endpointUrl } from '../addresses.ts';
import { registryAnswer, teamsAnswer } from './answers.ts';
import { listPage } from './lists.ts';
import { asRegistry, registriesUrl, type BuildkiteConnection } from './registries.ts';
import { GONE, updateRegistry } from './updates.ts';

/**
 * https://buildkite.com/docs/apis/rest-api/package-registries
 *
 * @param ecosystem What the server calls the ecosystem of registries that hold models: it is not documented.
 */
export function buildkiteAdministration(
  connection: BuildkiteConnection,
  ecosystem: () => string,
): Administration {
  const { apiUrl, pageSize, requests } = connection;
  const { act } = requests;
  return {
    get ecosystem() {
      return { name: ecosystem(), setting: 'modelRegistries.ecosystem' };
    },

    async teams(organization, cursor, signal) {
      const first = endpointUrl(apiUrl, 'organizations', organization, 'teams');
      first.searchParams.set('per_page', String(pageSize));
      const { items, next } = await listPage(
        connection,
        {
          first,
          subject: l10n.t('the teams of {0}', organization),
          organization,
          action: 'listTeams',
          read: (response) => ({ entries: response.json(teamsAnswer), next: response.nextLink() }),
        },
        cursor,
        signal,
      );
      return { items: items.map(({ id, slug = id, name = slug }) => ({ id, slug, name })), next };
    },

    async createRegistry(organization, { name, description, teamIds }, signal) {
      const response = await act('createRegistry', organization, {
        method: 'POST',
        url: registriesUrl(connection, organization),
        body: {
          kind: 'json',
          value: {
            name,
            ecosystem: ecosystem(),
            description,
            ...(teamIds.length > 0 && { team_ids: teamIds }),
          },
        },
        subject: l10n.t('the new registry {0}', `${organization}/${name}`),
        retry: 'never',
        signal,
      });
      return asRegistry(connection, organization, response.json(registryAnswer));
    },

    describeRegistry: (registry, description, signal) => described(connection, registry, description, signal),

    async deleteRegistry({ organization, slug }, signal) {
      await act('deleteRegistry', organization, {
        method: 'DELETE',
        url: registriesUrl(connection, organization, slug),
        subject: l10n.t('the registry {0}', `${organization}/${slug}`),
        retry: 'idempotent',
        accept: GONE,
        signal,
      });
    },

    async deleteVersion({ id, registry: { organization, slug }, model, commit }, signal) {
      const version = commit === undefined ? model : `${model} ${shortName(commit, 7)}`;
      await act('deleteVersion', organization, {
        method: 'DELETE',
        url: registriesUrl(connection, organization, slug, 'packages', id),
        subject: l10n.t('the model version {0}', version),
        retry: 'idempotent',
        accept: GONE,
        signal,
      });
    },
  };
}

async function described(
  connection: BuildkiteConnection,
  registry: Registry,
  description: string,
  signal: AbortSignal,
): Promise<Registry> {
  const response = await updateRegistry(connection, 'describeRegistry', registry, { description }, signal);
  return asRegistry(connection, registry.organization, response.json(registryAnswer));
}
