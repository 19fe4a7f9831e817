import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Build, BuildPlace, PipelineHost } from '../../core/hosts/pipelines.ts';
import type { GitObjectId } from '../../core/objectIds.ts';
import type { Services } from '../services.ts';
import { registryName, shortSha } from '../wording.ts';
import type { BuildPurpose } from './followedBuild.ts';
import { buildEnvironment } from './texts.ts';

/** A build that was agreed to. */
interface WantedBuild extends BuildPurpose {
  readonly pipeline: BuildPlace['pipeline'];
  readonly commit: GitObjectId;
  readonly branch: string;
  /** The pipeline's, for people. */
  readonly page: URL;
}

/** Creates a build. Undefined where the answer was lost: then the person is told, for trying again might build twice. */
export async function requestBuild(
  { prompts, log }: Pick<Services, 'prompts' | 'log'>,
  host: PipelineHost,
  { pipeline, commit, branch, page, place: { registry }, model }: WantedBuild,
): Promise<Build | undefined> {
  // Seen by everybody in the organization, whatever this editor's language.
  const message = `Publish ${model} to ${registryName(registry)}`;
  const env = buildEnvironment({ registry, model });
  try {
    return await prompts.progress(
      {
        id: 'buildPublish.create',
        title: vscode.l10n.t('Creating a build of {0} at {1}', pipeline.name, shortSha(commit)),
        cancellable: false,
      },
      () => host.createBuild(pipeline, { commit, branch, env, message }, new AbortController().signal),
    );
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'unknownOutcome') throw error;
    log.warn(`publish with a pipeline: ${error.message}`);
    const chosen = await prompts.notify({
      id: 'buildPublish.unknown',
      severity: 'warning',
      message: error.message,
      actions: [{ id: 'openInBrowser', label: vscode.l10n.t('Open Pipeline in Browser') }],
    });
    if (chosen === 'openInBrowser') await prompts.openExternal(page);
    return undefined;
  }
}
