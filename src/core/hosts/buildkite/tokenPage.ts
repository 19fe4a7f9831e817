import type { RegistryAction } from '../host.ts';
import { endpointUrl } from '../addresses.ts';
import { ACTION_SCOPES, REQUIRED_SCOPES } from './scopes.ts';

/**
 * The page that makes an API access token, with what this extension needs filled in. The person still chooses the organization.
 * https://buildkite.com/docs/platform/cli/configuration describes the query.
 *
 * @param actions What the token is for besides browsing and publishing.
 */
export function tokenPageUrl(webUrl: URL, actions: readonly RegistryAction[]): URL {
  const url = endpointUrl(webUrl, 'user', 'api-access-tokens', 'new');
  url.searchParams.set('description', 'Model Registries for VS Code');
  const scopes = [
    ...REQUIRED_SCOPES,
    ACTION_SCOPES.publish,
    ...actions.map((action) => ACTION_SCOPES[action]),
  ];
  for (const scope of new Set(scopes)) url.searchParams.append('scopes[]', scope);
  return url;
}

/** The same page for a token that downloads packages and can do nothing else. */
export function readTokenPageUrl(webUrl: URL): URL {
  const url = endpointUrl(webUrl, 'user', 'api-access-tokens', 'new');
  url.searchParams.set('description', 'Read models');
  url.searchParams.append('scopes[]', 'read_packages');
  return url;
}
