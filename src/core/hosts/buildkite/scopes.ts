import type { RegistryAction } from '../host.ts';

/** Scopes without which nothing can be listed: https://buildkite.com/docs/apis/managing-api-tokens#token-scopes */
export const REQUIRED_SCOPES = ['read_organizations', 'read_registries', 'read_packages'] as const;

/** The scope that each action needs besides the required ones. */
export const ACTION_SCOPES = {
  publish: 'write_packages',
  createRegistry: 'write_registries',
  describeRegistry: 'write_registries',
  deleteRegistry: 'delete_registries',
  deleteVersion: 'delete_packages',
  listTeams: 'read_teams',
  // https://buildkite.com/docs/apis/rest-api/package-registries/registry-tokens
  listReadTokens: 'read_registries',
  changeReadTokens: 'write_registries',
  readOidcPolicy: 'read_registries',
  changeOidcPolicy: 'write_registries',
  listPipelines: 'read_pipelines',
  createBuild: 'write_builds',
  readBuilds: 'read_builds',
} as const satisfies Record<RegistryAction, string>;

/** Whether a token with those scopes may do it, as far as scopes go: what its team may do, only the server knows. */
export function mayDo(action: RegistryAction, scopes: ReadonlySet<string>): boolean {
  return scopes.has(ACTION_SCOPES[action]);
}

/** The required scopes that are not among `scopes`. */
export function missingScopes(scopes: ReadonlySet<string>): readonly string[] {
  return REQUIRED_SCOPES.filter((scope) => !scopes.has(scope));
}
