/** Scopes without which nothing can be listed: https://buildkite.com/docs/apis/managing-api-tokens#token-scopes */
export const REQUIRED_SCOPES = ['read_organizations', 'read_registries', 'read_packages'] as const;

/** The scope that publishing needs besides. */
export const PUBLISH_SCOPE = 'write_packages';
