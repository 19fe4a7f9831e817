import { endpointUrl } from './addresses.ts';
import { PUBLISH_SCOPE, REQUIRED_SCOPES } from './scopes.ts';

/**
 * The page that makes an API access token, with what this extension needs filled in. The person still chooses the organization.
 * https://buildkite.com/docs/platform/cli/configuration describes the query.
 *
 * @param more Scopes besides those that browsing and publishing need.
 */
export function tokenPageUrl(webUrl: URL, more: readonly string[] = []): URL {
  const url = endpointUrl(webUrl, 'user', 'api-access-tokens', 'new');
  url.searchParams.set('description', 'Model Registries for VS Code');
  for (const scope of [...REQUIRED_SCOPES, PUBLISH_SCOPE, ...more])
    url.searchParams.append('scopes[]', scope);
  return url;
}
