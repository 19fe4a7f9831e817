import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Build } from '../../core/hosts/pipelines.ts';
import { asGitObjectId } from '../../core/objectIds.ts';
import { sessionOf } from '../accounts/sessions.ts';
import { usableSessions } from '../accounts/usableSessions.ts';
import { mayBuild } from '../mayBuild.ts';
import type { PublishingBuild } from '../publishService.ts';
import type { Services } from '../services.ts';
import { tellMissingScopes } from './builders.ts';
import type { BuildPurpose } from './followedBuild.ts';
import { requestBuild } from './requestBuild.ts';
import { buildLines, buildName } from './texts.ts';

/**
 * Builds the same commit once more, for the same model, after asking. Undefined where the person leaves, or it is not
 * known whether a build was created. Throws `auth` where nobody is signed in who could.
 */
export async function retryBuild(
  services: Services,
  { build, registry, model, accountId }: PublishingBuild,
): Promise<{ readonly build: Build; readonly purpose: BuildPurpose } | undefined> {
  const session = sessionOf(usableSessions(services.sessions), accountId);
  const commit = asGitObjectId(build.commit);
  if (!session?.host.pipelines || commit === undefined) {
    throw new Failure(
      'auth',
      vscode.l10n.t(
        'No account is signed in that could retry {0}. Sign in, then try again.',
        buildName(build),
      ),
    );
  }
  if (!mayBuild(session)) {
    await tellMissingScopes(services, [session]);
    return undefined;
  }
  const purpose = { place: { session, registry }, model };
  const wanted = { pipeline: build.pipeline, commit, branch: build.branch, ...purpose };
  const agreed = await services.prompts.confirm({
    id: 'build.retry',
    message: vscode.l10n.t('Retry {0}?', buildName(build)),
    detail: [vscode.l10n.t('A new build publishes the same commit.'), ...buildLines(wanted)].join('\n'),
    action: vscode.l10n.t('Create Build'),
  });
  if (!agreed) return undefined;
  // The page of a build lies two steps below that of its pipeline.
  const page = new URL('..', build.webUrl);
  const created = await requestBuild(services, session.host.pipelines, { ...wanted, page });
  return created && { build: created, purpose };
}
