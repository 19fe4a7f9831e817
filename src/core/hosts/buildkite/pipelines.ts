import * as l10n from '@vscode/l10n';
import type { Pipeline, PipelineHost } from '../pipelines.ts';
import { endpointUrl } from '../addresses.ts';
import { buildAnswer, pipelinesAnswer, type BuildAnswer, type PipelineAnswer } from './answers.ts';
import { buildState } from './builds.ts';
import { cursorAfter, placeOf } from '../cursors.ts';
import { listAt, type BuildkiteConnection } from './registries.ts';
import type { BuildkiteRequests } from './requests.ts';

/** https://buildkite.com/docs/apis/rest-api/pipelines and https://buildkite.com/docs/apis/rest-api/builds */
export function createBuildkitePipelines({ apiUrl, requests, pageSize }: BuildkiteConnection): PipelineHost {
  const { get, act } = requests;

  function pipelinesUrl(organization: string, ...more: readonly string[]): URL {
    return endpointUrl(apiUrl, 'organizations', organization, 'pipelines', ...more);
  }

  return {
    async pipelines(organization, { name, repository, cursor }, signal) {
      const subject = l10n.t('the pipelines of {0}', organization);
      const first = pipelinesUrl(organization);
      first.searchParams.set('per_page', String(pageSize));
      if (name !== undefined) first.searchParams.set('name', name);
      if (repository !== undefined) first.searchParams.set('repository', repository);
      const place = placeOf(cursor, first, listAt(apiUrl, subject));
      const response = await get(place.url, subject, organization, signal, 'listPipelines');
      const answers = response.json(pipelinesAnswer);
      const items = answers
        .filter(({ archived_at: archivedAt }) => archivedAt === undefined)
        .map((answer) => asPipeline(requests, organization, answer));
      const read = { place, entries: answers.length, body: response.body };
      return { items, next: cursorAfter(read, response.nextLink(), listAt(apiUrl, subject)) };
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
