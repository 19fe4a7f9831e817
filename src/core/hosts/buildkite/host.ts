import type { AccessToken } from '../../accessToken.ts';
import type { HttpClient } from '../../http/client.ts';
import type { RegistryHost } from '../host.ts';
import { endpointUrl } from '../addresses.ts';
import type { BuildkiteEndpoints } from './addresses.ts';
import { buildkiteAdministration } from './administration.ts';
import { buildkiteListing } from './listing.ts';
import { buildkiteOidcPolicies } from './oidcPolicies.ts';
import { personalPlan } from './plan.ts';
import { createBuildkitePipelines } from './pipelines.ts';
import { buildkiteReadTokens } from './readTokens.ts';
import { createBuildkiteRequests } from './requests.ts';
import { mayDo } from './scopes.ts';

export interface BuildkiteHostOptions extends BuildkiteEndpoints {
  /** Bound to the origins of `apiUrl` and `packagesUrl`. */
  readonly token: AccessToken;
  /** What the token may do. */
  readonly scopes: ReadonlySet<string>;
  /** What the server calls the ecosystem of registries that hold models. */
  readonly ecosystem: () => string;
  readonly http: HttpClient;
  /** Items asked for at a time. Default 100, the most. */
  readonly pageSize?: number;
  /** Milliseconds that a page of a list may take before a person is told that it did not come. Default 30,000. */
  readonly deadlineMs?: number;
}

/** Buildkite Package Registries with one account's token. */
export function createBuildkiteHost(options: BuildkiteHostOptions): RegistryHost {
  const { apiUrl, packagesUrl, token, scopes, ecosystem, pageSize = 100 } = options;
  const connection = { apiUrl, requests: createBuildkiteRequests(options), pageSize };
  return {
    listing: buildkiteListing(connection),
    admin: buildkiteAdministration(connection, ecosystem),
    readTokens: buildkiteReadTokens(connection, packagesUrl),
    oidcPolicies: buildkiteOidcPolicies(connection),
    pipelines: createBuildkitePipelines(connection),
    hub: ({ organization, slug }) => ({
      endpoint: endpointUrl(packagesUrl, organization, slug, 'huggingface'),
      token,
      createFirst: true,
      revision: 'main',
      modelIdSegments: 2,
      smallestPlan: personalPlan(),
    }),
    may: (action) => mayDo(action, scopes),
  };
}
