import * as l10n from '@vscode/l10n';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import type { CommitName } from '../objectIds.ts';
import { CommitUnsettled } from './commitEnds.ts';
import { fixedParent, look, type Look } from './commitLook.ts';
import type { Deliveries } from './delivery.ts';
import type { Run } from './run.ts';

/** How long a look at the registry may take after a cancel. */
const LOOK_MS = 10_000;
/** Whether the signal is aborted by now, which the compiler takes for settled after one look. */
export function isCancelled({ signal }: Run): boolean {
  return signal.aborted;
}

/** Lets through what a cancel made fail. */
export function whereNotCancelled(run: Run): (error: unknown) => undefined {
  return (error) => {
    if (isCancelled(run)) return undefined;
    throw error;
  };
}

/** Looks for a commit without a good answer: longer where it cannot be sent again, for there could be two. */
export function foundOr(run: Run, work: Deliveries, answer: Failure, mayAppear: boolean): Promise<Look> {
  run.log.warn(`The commit's answer is not known (${answer.kind}); looking at the registry.`);
  const mayRepeat = !mayAppear || fixedParent(run.plan) !== undefined;
  return mayRepeat ? lookSurely(run, work) : lookLonger(run, work, answer);
}

async function lookSurely(run: Run, work: Deliveries): Promise<Look> {
  try {
    return await look(run, work, run.signal);
  } catch (error) {
    run.signal.throwIfAborted();
    throw new Failure(
      'unknownOutcome',
      l10n.t(
        'The commit to “{0}” was sent, but its answer was lost, and the registry cannot be asked now. Check there before you publish again.',
        run.plan.target.model,
      ),
      { cause: error },
    );
  }
}

/**
 * Our commit, where it appeared while the server was waited for that had turned it away: a gateway may say so of what
 * is carried out behind it, and without a parent nothing would refuse the second one.
 */
export async function appearedMeanwhile(run: Run, work: Deliveries): Promise<CommitName | undefined> {
  if (isCancelled(run) || fixedParent(run.plan) !== undefined) return undefined;
  const seen = await lookSurely(run, work);
  return seen.kind === 'ours' ? seen.commit : undefined;
}

/** Looks again and again for a commit that is not sent again. Throws `unknownOutcome` where it does not appear. */
async function lookLonger(run: Run, work: Deliveries, answer: Failure): Promise<Look> {
  const { looks, pauses } = run.commitWaits;
  const waits = looks ?? pauses;
  for (const wait of [0, ...waits]) {
    if (wait > 0) await delay(wait, undefined, { signal: run.signal });
    const seen = await look(run, work, run.signal).catch((error: unknown) => {
      run.signal.throwIfAborted();
      run.log.warn(`The registry could not be looked at: ${String(error)}`);
      return undefined;
    });
    if (seen?.kind === 'ours' || seen?.kind === 'moved') return seen;
  }
  const { model, hub } = run.plan.target;
  throw new Failure(
    'unknownOutcome',
    l10n.t(
      'Whether “{0}” was published is not known: {1} did not answer the commit as it should, and did not show it within {2} seconds. It was not sent again, so that there are no two. To see whether it is there, compare with the registry in some minutes: when nothing is left to send, it was published.',
      ...[model, hub.endpoint.host, Math.ceil(waits.reduce((sum, wait) => sum + wait, 0) / 1000)],
    ),
    answer.origin,
  );
}

/** After a cancel the run's own signal is of no use any more. */
export async function lookAfterCancel(run: Run, work: Deliveries): Promise<CommitName> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LOOK_MS);
  try {
    const seen = await look(run, work, limit.signal);
    if (seen.kind === 'ours') return seen.commit;
  } catch (error) {
    run.log.warn(`The registry could not be looked at after the cancel: ${String(error)}`);
  } finally {
    clearTimeout(timer);
  }
  throw new CommitUnsettled('The commit was sent whole, and its answer was not awaited.');
}
