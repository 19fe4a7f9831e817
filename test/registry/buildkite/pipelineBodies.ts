import type { Roots } from '../routing.ts';
import type { Build, Pipeline, User } from '../state.ts';
import { graphqlId, userBody } from './bodies.ts';

function pipelineUrls({ organization, slug }: Pipeline, roots: Roots): { url: string; web_url: string } {
  return {
    url: `${roots.api}/organizations/${organization}/pipelines/${slug}`,
    web_url: `${roots.web}/${organization}/${slug}`,
  };
}

export function pipelineBody(pipeline: Pipeline, builds: readonly Build[], roots: Roots): unknown {
  const urls = pipelineUrls(pipeline, roots);
  const count = (state: string) => builds.filter((build) => build.state === state).length;
  return {
    id: pipeline.id,
    graphql_id: graphqlId('Pipeline', pipeline.id),
    ...urls,
    name: pipeline.name,
    description: null,
    slug: pipeline.slug,
    repository: pipeline.repository,
    cluster_id: null,
    branch_configuration: pipeline.branches,
    default_branch: pipeline.defaultBranch,
    skip_queued_branch_builds: false,
    skip_queued_branch_builds_filter: null,
    cancel_running_branch_builds: false,
    cancel_running_branch_builds_filter: null,
    provider: providerBody(pipeline),
    builds_url: `${urls.url}/builds`,
    created_at: pipeline.createdAt,
    archived_at: pipeline.archivedAt,
    scheduled_builds_count: count('scheduled'),
    running_builds_count: count('running'),
    visibility: 'private',
    env: {},
  };
}

/** The settings of a pipeline that was just made; the webhook is for those who may write pipelines. */
function providerBody({ repository }: Pipeline): unknown {
  return {
    id: 'github',
    webhook_url: '',
    settings: {
      trigger_mode: 'code',
      build_pull_requests: true,
      pull_request_branch_filter_enabled: false,
      skip_builds_for_existing_commits: false,
      skip_pull_request_builds_for_existing_commits: true,
      build_pull_request_ready_for_review: false,
      build_pull_request_labels_changed: false,
      build_pull_request_forks: false,
      prefix_pull_request_fork_branch_names: true,
      build_branches: true,
      build_tags: false,
      cancel_deleted_branch_builds: false,
      publish_commit_status: true,
      publish_commit_status_per_step: false,
      separate_pull_request_statuses: false,
      publish_blocked_as_pending: false,
      use_step_key_as_commit_status: false,
      filter_enabled: false,
      // The last two names of the address, whatever its form.
      repository: /[^/:]+\/[^/]+?(?=(?:\.git)?\/?$)/.exec(repository)?.[0] ?? repository,
    },
  };
}

/** A build without its jobs and pipeline, as `exclude_jobs` and `exclude_pipeline` ask for it. */
export function buildBody(build: Build, pipeline: Pipeline, creator: User | undefined, roots: Roots): object {
  const urls = pipelineUrls(pipeline, roots);
  return {
    id: build.id,
    graphql_id: graphqlId('Build', build.id),
    url: `${urls.url}/builds/${build.number}`,
    web_url: `${urls.web_url}/builds/${build.number}`,
    number: build.number,
    state: build.state,
    blocked: build.blocked,
    cancel_reason: build.cancelReason,
    message: build.message,
    commit: build.commit,
    branch: build.branch,
    env: build.env,
    source: 'api',
    author: build.author,
    creator: creator && userBody(creator, roots),
    created_at: build.createdAt,
    scheduled_at: build.createdAt,
    started_at: build.startedAt,
    failing_at: build.failingAt,
    finished_at: build.finishedAt,
    meta_data: build.metaData,
    pull_request: null,
    rebuilt_from: null,
  };
}

/** The only job of a build: the step that publishes. */
export function jobBodies(build: Build): readonly unknown[] {
  return [
    {
      id: `${build.id.slice(0, -1)}0`,
      type: 'script',
      name: ':package: Publish model',
      step_key: 'publish-model',
      state: build.state,
      command: 'hf upload',
      soft_failed: false,
      created_at: build.createdAt,
      started_at: build.startedAt,
      finished_at: build.finishedAt,
    },
  ];
}
