import * as l10n from '@vscode/l10n';
import { Failure } from '../../core/failure.ts';
import type { Log } from '../../core/log.ts';
import type { PublishPlan } from '../../core/publish/publishing.ts';
import type { PublishWarning } from '../../core/publish/warnings.ts';
import { namedPaths } from '../../core/publish/warningTexts.ts';

/**
 * What whoever publishes should know; nothing is asked of the hub for it. Where nothing would change, there is
 * nothing to look at, and what looks is not loaded.
 */
export async function planWarnings(
  plan: PublishPlan,
  log: Log,
  signal: AbortSignal,
): Promise<readonly PublishWarning[]> {
  if (plan.changed.length === 0) return [];
  const [{ lookAtPlan }, { replacedModel, warningsOf }] = await Promise.all([
    import('../../core/publish/planLooks.ts'),
    import('../../core/publish/warnings.ts'),
  ]);
  const { bytes, target } = plan;
  const { smallestPlan } = target.hub;
  const seen = await lookAtPlan(plan, log, signal);
  return warningsOf({ ...seen, bytes, smallestPlan, ahead: undefined, replaced: replacedModel(plan) });
}

/** Nobody is there to be asked: throws a `Failure` of the kind `secret` where files look like they hold some. */
export function refuseSecrets(warnings: readonly PublishWarning[]): void {
  for (const warning of warnings) {
    if (warning.kind !== 'secret') continue;
    throw new Failure(
      'secret',
      l10n.t(
        'Nothing was sent, because these files look like they hold secrets: {0}. Take them out of the commit and renew what was in them, or add --allow-secrets if they may be published.',
        namedPaths(warning.paths),
      ),
      { paths: warning.paths },
    );
  }
}
