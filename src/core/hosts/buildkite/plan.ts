import * as l10n from '@vscode/l10n';
import type { PlanLimit } from '../host.ts';

/** https://buildkite.com/docs/platform/limits */
export function personalPlan(): PlanLimit {
  return { bytes: 1_000_000_000, name: l10n.t('Buildkite’s Personal plan') };
}

/** Whether a Hub endpoint is one of buildkite.com. */
export function isBuildkite({ hostname }: URL): boolean {
  return hostname.endsWith('.buildkite.com');
}
