/** Scopes without which the Registries view cannot work: https://buildkite.com/docs/apis/managing-api-tokens */
export const REQUIRED_SCOPES = ['read_organizations', 'read_registries', 'read_packages'] as const;

/** What publishing needs besides. */
export const PUBLISH_SCOPE = 'write_packages';
