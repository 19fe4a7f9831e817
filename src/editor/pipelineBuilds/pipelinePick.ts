import * as vscode from 'vscode';
import type { Pipeline, PipelineHost } from '../../core/hosts/pipelines.ts';
import type { Pushed } from '../../core/snapshot/git/pushed.ts';
import { isSameRepository, remoteSegments } from '../../core/snapshot/git/remote.ts';
import type { PromptBase, SearchItem } from '../prompts.ts';
import type { Services } from '../services.ts';

/** Whether the pipeline builds a repository that the workspace's is a clone of. */
export function buildsRemote({ repository }: Pipeline, { remotes }: Pick<Pushed, 'remotes'>): boolean {
  return repository !== undefined && remotes.some(({ url }) => isSameRepository(url, repository));
}

/**
 * Lets the person choose among the pipelines of `organization`: the one used last comes first, then those that build
 * this repository. The server is asked for what is typed.
 */
export async function pickPipeline(
  { prompts }: Pick<Services, 'prompts'>,
  host: PipelineHost,
  organization: string,
  { pushed, last, ...prompt }: PromptBase & { readonly pushed: Pushed; readonly last: string | undefined },
): Promise<Pipeline | undefined> {
  const own = ownPipelines(host, organization, pushed);
  return prompts.search<Pipeline>({
    ...prompt,
    find: async function* (text, signal) {
      const page = host.pipelines(organization, text === '' ? {} : { name: text }, signal);
      const [known, { items, next }] = await Promise.all([own(signal), page]);
      const found = merged([...known, ...items]).filter((pipeline) => holds(pipeline, text));
      const group = (pipeline: Pipeline) =>
        pipeline.slug === last ? 'last' : buildsRemote(pipeline, pushed) ? 'own' : 'other';
      const ordered = (['last', 'own', 'other'] as const).flatMap((name) =>
        found
          .filter((pipeline) => group(pipeline) === name)
          .map((pipeline) => match(pipeline, groupNames[name]())),
      );
      yield [...ordered, ...remarks(organization, text, ordered.length, next !== undefined)];
    },
  });
}

const groupNames = {
  last: () => vscode.l10n.t('Used last'),
  own: () => vscode.l10n.t('Pipelines of this repository'),
  other: () => vscode.l10n.t('Other pipelines'),
};

/** Those that build the repository of one of the remotes, asked for once. */
function ownPipelines(host: PipelineHost, organization: string, { branches, remotes }: Pushed) {
  const [first] = branches.length > 0 ? branches.map(({ remote }) => remote) : remotes;
  // The last two segments hold for every spelling of the URL.
  const repository = first && remoteSegments(first.url).slice(-2).join('/');
  let known: readonly Pipeline[] | undefined;
  return async (signal: AbortSignal): Promise<readonly Pipeline[]> => {
    known ??= repository ? (await host.pipelines(organization, { repository }, signal)).items : [];
    return known;
  };
}

function merged(pipelines: readonly Pipeline[]): readonly Pipeline[] {
  return [...new Map(pipelines.map((pipeline) => [pipeline.slug, pipeline])).values()];
}

function holds({ name, slug, repository }: Pipeline, text: string): boolean {
  return [name, slug, shownRepository(repository)].some((part) =>
    part.toLowerCase().includes(text.toLowerCase()),
  );
}

function match(pipeline: Pipeline, group: string): SearchItem<Pipeline> {
  return {
    kind: 'match',
    label: pipeline.name,
    description: pipeline.slug,
    detail: shownRepository(pipeline.repository),
    icon: 'rocket',
    group,
    value: pipeline,
  };
}

function remarks(
  organization: string,
  text: string,
  count: number,
  isMore: boolean,
): readonly SearchItem<Pipeline>[] {
  if (isMore) {
    return [
      { kind: 'remark', icon: 'ellipsis', label: vscode.l10n.t('There are more: type more of the name.') },
    ];
  }
  if (count > 0) return [];
  return [
    {
      kind: 'remark',
      icon: 'info',
      label:
        text === ''
          ? vscode.l10n.t('There is no pipeline in {0} that this account can see.', organization)
          : vscode.l10n.t('No pipeline in {0} has “{1}” in its name.', organization, text),
    },
  ];
}

/** Without host, user and password. */
function shownRepository(repository: string | undefined): string {
  return remoteSegments(repository ?? '').join('/');
}
