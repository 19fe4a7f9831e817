import type { ModelVersion, Registry } from '../host.ts';
import { endpointUrl } from '../addresses.ts';
import type { PackageAnswer, RegistryAnswer } from './answers.ts';
import { holdsModels } from './ecosystems.ts';
import { parseModelVersion } from './modelVersions.ts';
import type { BuildkiteRequests } from './requests.ts';

/** One account's way to the REST API. */
export interface BuildkiteConnection {
  readonly apiUrl: URL;
  readonly requests: BuildkiteRequests;
  /** Items asked for at a time: 50 requests a minute are shared with all other tools of the same user. */
  readonly pageSize: number;
}

/** The address of an organization's registries, or of something below it. */
export function registriesUrl(
  { apiUrl }: Pick<BuildkiteConnection, 'apiUrl'>,
  organization: string,
  ...more: readonly string[]
): URL {
  return endpointUrl(apiUrl, 'packages', 'organizations', organization, 'registries', ...more);
}

export function asRegistry(
  { requests }: Pick<BuildkiteConnection, 'requests'>,
  organization: string,
  answer: RegistryAnswer,
): Registry {
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
    webUrl: requests.webPage(
      answer.web_url,
      ...['organizations', organization, 'packages', 'registries', slug],
    ),
  };
}

export function asVersion(
  { requests }: Pick<BuildkiteConnection, 'requests'>,
  registry: Registry,
  answer: PackageAnswer,
): ModelVersion {
  const { organization, slug } = registry;
  return {
    id: answer.id,
    registry,
    ...parseModelVersion(answer),
    createdAt: answer.created_at,
    webUrl: requests.webPage(
      answer.web_url,
      ...['organizations', organization, 'packages', 'registries', slug, 'packages', answer.id],
    ),
  };
}
