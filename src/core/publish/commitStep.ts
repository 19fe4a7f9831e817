import * as l10n from '@vscode/l10n';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import { commitBody, type CommitBody, type CommitOperation } from '../hub/commitBody.ts';
import { asCommitName, type CommitName } from '../objectIds.ts';
import { CommitOvertaken, movedMeanwhile } from './commitEnds.ts';
import { registryMessage } from './commitMessage.ts';
import {
  appearedMeanwhile,
  foundOr,
  isCancelled,
  lookAfterCancel,
  whereNotCancelled,
} from './commitSearch.ts';
import { CommitSending } from './commitSending.ts';
import { checkedBlob } from './content.ts';
import type { Deliveries, Delivery } from './delivery.ts';
import type { Run } from './run.ts';

/** A server that takes no commit now may ask for so many milliseconds, in all. */
const LONGEST_ASKED_MS = 5 * 60_000;

/**
 * Makes the commit, at most once, and returns what the server calls it, which is not looked at yet.
 *
 * Where its answer is lost, the registry is looked at. The commit is sent again only where that cannot make a second
 * one: on top of the same parent, which the head still is, or where the server turned it away. Without a parent it is
 * looked for longer instead.
 *
 * @throws {@link CommitOvertaken} where someone else was faster; {@link CommitUnsettled} after a cancel; and a
 * `Failure`, of kind `unknownOutcome` where it may yet appear.
 */
export async function commit(run: Run, work: Deliveries, message: string | undefined): Promise<CommitName> {
  const { plan, meter } = run;
  const regular = work.deliveries.filter(({ kind }) => kind === 'regular');
  const bytes = regular.reduce((sum, { file }) => sum + file.size, 0);
  const body = commitBody({
    ...registryMessage(plan.snapshot, message),
    // A name that leads to whatever the head is would protect nothing.
    parentCommit: plan.parentCommit === plan.target.hub.revision ? undefined : plan.parentCommit,
    operations: [
      ...work.deleted.map((path): CommitOperation => ({ kind: 'deletedFile', path })),
      ...work.deliveries.map(operationFor),
    ],
  });
  meter.expect(bytes, regular.length);
  const answered = await sendCommit(run, body, bytes, work).catch((error: unknown) => {
    // Another commit will be tried in its place.
    if (error instanceof CommitOvertaken) meter.expect(-bytes, -regular.length);
    throw error;
  });
  meter.filesDone(regular.length);
  if (answered.kind === 'seen') return answered.commit;
  return asCommitName(answered.name) ?? (await headOf(run, work));
}

/** What the registry's head is called, where the answer to the commit did not say it. */
async function headOf(run: Run, work: Deliveries): Promise<CommitName> {
  const head = await run.hub.head(run.plan.target.hub.revision, run.signal).catch(whereNotCancelled(run));
  if (head !== undefined) return head.commit;
  // What was answered is published, whoever cancels now.
  if (isCancelled(run)) return lookAfterCancel(run, work);
  throw new Failure(
    'protocol',
    l10n.t(
      '“{0}” was published, but the server did not say as which commit. Check the registry.',
      run.plan.target.model,
    ),
  );
}

function operationFor(delivery: Delivery): CommitOperation {
  const { file } = delivery;
  return delivery.kind === 'lfs'
    ? { kind: 'lfsFile', path: file.path, oid: delivery.oid, size: file.size }
    : { kind: 'file', path: file.path, size: file.size, open: () => checkedBlob(file) };
}

type Answered =
  /** The server's own name of the new commit. */
  | { readonly kind: 'answered'; readonly name: string }
  /** Found by looking. */
  | { readonly kind: 'seen'; readonly commit: CommitName };

async function sendCommit(run: Run, body: CommitBody, bytes: number, work: Deliveries): Promise<Answered> {
  const { pauses, idle } = run.commitWaits;
  let askedMs = 0;
  let mayAppear = false;
  for (let attempt = 1; ; attempt++) {
    const sending = new CommitSending(run, body, bytes);
    try {
      const name = await run.hub.commit(run.plan.target.hub.revision, body, {
        subject: l10n.t('the commit to “{0}”', run.plan.target.model),
        onSent: (sent) => sending.sent(sent),
        ...(idle !== undefined && { idleTimeoutMs: idle }),
        signal: sending.signal,
      });
      return { kind: 'answered', name };
    } catch (error) {
      mayAppear ||= sending.isSentWhole && !isTurnedAway(error);
      if (!run.signal.aborted) {
        if (!(error instanceof Failure) || !mayHaveHappened(error, attempt)) {
          if (isConflict(error)) sending.takeBack();
          throw isConflict(error) ? movedMeanwhile(run, error) : error;
        }
        askedMs += error.retryAfterMs ?? 0;
        const pause = askedMs > LONGEST_ASKED_MS ? undefined : pauses[attempt - 1];
        const seen = await foundOr(run, work, error, mayAppear).catch(whereNotCancelled(run));
        if (seen?.kind === 'ours') return { kind: 'seen', commit: seen.commit };
        sending.takeBack();
        if (seen?.kind === 'moved') throw movedMeanwhile(run, error);
        if (seen !== undefined && pause === undefined) throw error;
        const wait = Math.max(pause ?? 0, error.retryAfterMs ?? 0);
        await delay(wait, undefined, { signal: run.signal }).catch(whereNotCancelled(run));
        const late = await appearedMeanwhile(run, work).catch(whereNotCancelled(run));
        if (late !== undefined) return { kind: 'seen', commit: late };
        if (!isCancelled(run)) continue;
      }
      // What was sent whole may have happened, whoever cancelled while its answer was waited for.
      if (mayAppear) return { kind: 'seen', commit: await lookAfterCancel(run, work) };
      throw error;
    } finally {
      sending.dispose();
    }
  }
}

/** Whether the server may have made the commit. A 412 to the second attempt may be the first one's work. */
function mayHaveHappened({ kind }: Failure, attempt: number): boolean {
  return (
    kind === 'unknownOutcome' ||
    kind === 'server' ||
    kind === 'timeout' ||
    kind === 'protocol' ||
    (kind === 'conflict' && attempt > 1)
  );
}

/**
 * Whether the server says that it did nothing, and to come again: by a 503 with a time, or a 408, for which it did not
 * get the request whole (RFC 9110, sections 15.6.4 and 15.5.9).
 */
function isTurnedAway(error: unknown): boolean {
  if (!(error instanceof Failure)) return false;
  const { status, retryAfterMs } = error;
  return status === 408 || (status === 503 && retryAfterMs !== undefined);
}

function isConflict(error: unknown): boolean {
  return error instanceof Failure && error.kind === 'conflict';
}
