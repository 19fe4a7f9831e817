import * as l10n from '@vscode/l10n';
import type { Log } from '../../core/log.ts';
import { carryOut } from '../../core/setup/carryOut.ts';
import { planCautions } from '../../core/setup/planTexts.ts';
import { planCommit } from '../../core/setup/planCommit.ts';
import type { HashMemory } from '../../core/snapshot/hashMemory.ts';
import type { Reporter } from '../publish/reporters.ts';
import { authorOf, refuseSecretsIn } from './agreement.ts';

interface CommitFirst {
  /** Absolute path. */
  readonly folder: string;
  readonly message: string;
  readonly dryRun: boolean;
  readonly allowSecrets: boolean;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly hashes: HashMemory | undefined;
}

/** Commits what is not committed in a folder, before that is published; tells what, or with `dryRun` only that. */
export async function commitFirst(request: CommitFirst, reporter: Reporter): Promise<void> {
  const { folder, message, dryRun, allowSecrets, signal, log, hashes } = request;
  const plan = await planCommit(folder, { signal, log, hashes });
  reporter.toCommit(plan);
  for (const caution of planCautions(plan)) reporter.notice(l10n.t('Warning: {0}', caution));
  if (dryRun) {
    if (plan.files.length > 0) {
      reporter.notice(
        l10n.t(
          'Nothing is committed in a dry run: what follows is the plan for the commit that is there now.',
        ),
      );
    }
    return;
  }
  if (plan.files.length === 0) return;
  if (!allowSecrets) refuseSecretsIn(plan);
  const made = await carryOut(plan, { author: authorOf(plan), message, signal, log, hashes });
  if (made !== undefined) reporter.committed(made);
}
