import * as l10n from '@vscode/l10n';
import type { Pipeline, PipelineHost } from '../pipelines.ts';
import { endpointUrl } from '../addresses.ts';
import { buildAnswer, pipelinesAnswer, type BuildAnswer, type PipelineAnswer } from './answers.ts';
import { buildState } from './builds.ts';
import { listPage } from './lists.ts';
import type { BuildkiteConnection } from './registries.ts';
import type { BuildkiteRequests } from './requests.ts';

/** https://buildkite.com/docs/apis/rest-api/pipelines and https://buildkite.com/docs/apis/rest-api/builds */
export function createBuildkitePipelines(connection: BuildkiteConnection): PipelineHost {
  const { apiUrl, requests, pageSize } = connection;
  const { get, act } = requests;

  function pipelinesUrl(organization: string, ...more: readonly string[]): URL {
    return endpointUrl(apiUrl, 'organizations', organization, 'pipelines', ...more);
  }

  return {
    async pipelines(organization, { name, repository, cursor }, signal) {
      const first = pipelinesUrl(organization);
      first.searchParams.set('per_page', String(pageSize));
      if (name !== undefined) first.searchParams.set('name', name);
      if (repository !== undefined) first.searchParams.set('repository', repository);
      const { items, next } = await listPage(
        connection,
        {
          first,
          subject: l10n.t('the pipelines of {0}', organization),
          organization,
          action: 'listPipelines',
          read: (response) => ({ entries: response.json(pipelinesAnswer), next: response.nextLink() }),
        },
        cursor,
        signal,
      );
      const shown = items.filter(({ archived_at: archivedAt }) => archivedAt === undefined);
      return { items: shown.map((answer) => asPipeline(requests, organization, answer)), next };
    },

    async createBuild(pipeline, { commit, branch, message, env }, signal) {
      const { organization, slug, name } = pipeline;
      const response = await act('createBuild', organization, {
        method: 'POST',
        url: pipelinesUrl(organization, slug, 'builds'),
        body: { kind: 'json', value: { commit, branch, message, env } },
        subject: l10n.t('the new build of {0}', name),
        retry: 'never',
        // A person waits, who is better told when to come back.
        longestAskedMs: 0,
        signal,
      });
      return asBuild(requests, pipeline, response.json(buildAnswer));
    },

    async build({ pipeline, number }, signal) {
      const { organization, slug, name } = pipeline;
      const url = pipelinesUrl(organization, slug, 'builds', String(number));
      url.searchParams.set('exclude_jobs', 'true');
      url.searchParams.set('exclude_pipeline', 'true');
      const subject = l10n.t('build {0} of {1}', number, name);
      const response = await get(url, subject, organization, signal, 'readBuilds');
      return asBuild(requests, pipeline, response.json(buildAnswer));
    },

    async cancelBuild({ pipeline, number }, signal) {
      const { organization, slug, name } = pipeline;
      const response = await act('createBuild', organization, {
        method: 'PUT',
        url: pipelinesUrl(organization, slug, 'builds', String(number), 'cancel'),
        subject: l10n.t('cancelling build {0} of {1}', number, name),
        retry: 'idempotent',
        signal,
      });
      return asBuild(requests, pipeline, response.json(buildAnswer));
    },
  };
}

function asPipeline({ webPage }: BuildkiteRequests, organization: string, answer: PipelineAnswer): Pipeline {
  const { slug, name = slug, repository, default_branch: defaultBranch } = answer;
  const webUrl = webPage(answer.web_url, organization, slug);
  return { organization, slug, name, repository, defaultBranch, webUrl };
}

function asBuild(
  { webPage }: BuildkiteRequests,
  { organization, slug, name }: Pick<Pipeline, 'organization' | 'slug' | 'name'>,
  answer: BuildAnswer,
) {
  const { number, commit = '', branch = '' } = answer;
  return {
    pipeline: { organization, slug, name },
    number,
    state: buildState(answer),
    commit,
    branch,
    cancelReason: answer.cancel_reason,
    startedAt: answer.started_at,
    finishedAt: answer.finished_at,
    webUrl: webPage(answer.web_url, organization, slug, 'builds', String(number)),
  };
}
