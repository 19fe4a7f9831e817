/** What OIDC tokens hold that Buildkite's registries take: https://buildkite.com/docs/package-registries/security/oidc */

export const POLICY_SCOPES = ['read_packages', 'write_packages', 'delete_packages'] as const;

export const AGENT_ISSUER = 'https://agent.buildkite.com';
const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';
export const CIRCLECI_ISSUER_BEGINNING = 'https://oidc.circleci.com/org/';

/** An issuer as it is offered. */
export const ISSUERS = [
  { value: AGENT_ISSUER, name: 'Buildkite' },
  { value: GITHUB_ISSUER, name: 'GitHub Actions' },
  { value: `${CIRCLECI_ISSUER_BEGINNING}$ORG`, name: 'CircleCI' },
] as const;

/** A claim of a token. */
export interface Claim {
  readonly name: string;
  /** What its value is in JSON. */
  readonly type: 'text' | 'number';
  /** `asked`: only where `--claim` asks for it. `sometimes`: only where the build has such a thing. */
  readonly presence: 'always' | 'sometimes' | 'asked';
  readonly example: string;
}

const claim = (name: string, example: string, more: Partial<Claim> = {}): Claim => ({
  name,
  type: 'text',
  presence: 'always',
  example,
  ...more,
});

/** https://buildkite.com/docs/agent/cli/reference/oidc#claims */
export const AGENT_CLAIMS: readonly Claim[] = [
  claim('organization_slug', 'acme-inc'),
  claim('pipeline_slug', 'super-duper-app'),
  claim('build_branch', 'main'),
  claim('build_tag', 'v1.0.0', { presence: 'sometimes' }),
  claim('build_number', '1', { type: 'number' }),
  claim('build_commit', '9f3182061f1e2cca4702c368cbc039b7dc9d4485'),
  claim('build_source', 'ui, api, webhook, trigger_job, schedule'),
  claim('step_key', 'publish-model', { presence: 'sometimes' }),
  claim('runner_environment', 'buildkite-hosted, self-hosted'),
  claim('job_id', '0184990a-477b-4fa8-9968-496074483cee'),
  claim('agent_id', '0184990a-4782-42b5-afc1-16715b10b8ff'),
  claim('organization_id', '0184990a-477b-4fa8-9968-496074483k77', { presence: 'asked' }),
  claim('pipeline_id', '0184990a-4782-42b5-afc1-16715b10b1l0', { presence: 'asked' }),
  claim('build_id', '019583d7-3737-4e38-af67-f7cc356bd580', { presence: 'asked' }),
  claim('cluster_id', '0191f956-042f-7ec4-aa62-8e5eeae396d0', { presence: 'asked' }),
  claim('cluster_name', 'default', { presence: 'asked' }),
  claim('queue_id', '0191f956-62da-7515-b79b-bdecb519aa32', { presence: 'asked' }),
  claim('queue_key', 'runners', { presence: 'asked' }),
  claim('sub', 'organization:acme-inc:pipeline:super-duper-app:ref:refs/heads/main:…'),
  claim('aud', 'https://packages.buildkite.com/acme-inc/models'),
  claim('iat', '1669014898', { type: 'number' }),
  claim('nbf', '1669014898', { type: 'number' }),
  claim('exp', '1669015198', { type: 'number' }),
];

/** A tag of the agent is a claim, where it is asked for. */
export const AGENT_TAG_BEGINNING = 'agent_tag:';

/** The more common ones: https://docs.github.com/en/actions/reference/security/oidc */
const GITHUB_CLAIMS: readonly Claim[] = [
  claim('repository', 'acme-inc/model'),
  claim('repository_owner', 'acme-inc'),
  claim('ref', 'refs/heads/main'),
  claim('actor', 'octocat'),
  claim('workflow', 'Publish'),
  claim('job_workflow_ref', 'acme-inc/workflows/.github/workflows/publish.yml@refs/heads/main'),
  claim('environment', 'production', { presence: 'sometimes' }),
  claim('event_name', 'push'),
  claim('sub', 'repo:acme-inc/model:ref:refs/heads/main'),
];

/** The claims that tell whose builds a token is of: without a rule about one of them everybody's are let in. */
export const OWNER_CLAIMS: Readonly<Record<string, readonly string[]>> = {
  [AGENT_ISSUER]: ['organization_slug', 'organization_id', 'pipeline_id', 'cluster_id', 'queue_id', 'sub'],
  [GITHUB_ISSUER]: [
    'repository',
    'repository_id',
    'repository_owner',
    'repository_owner_id',
    'job_workflow_ref',
    'sub',
  ],
};

/** Those that are known of an issuer's tokens; undefined where they are not known here. */
export function claimsOf(issuer: string | undefined): readonly Claim[] | undefined {
  if (issuer === AGENT_ISSUER) return AGENT_CLAIMS;
  return issuer === GITHUB_ISSUER ? GITHUB_CLAIMS : undefined;
}
