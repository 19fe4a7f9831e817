import * as l10n from '@vscode/l10n';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import { commitBody } from '../hub/commitBody.ts';
import type { CommitBody, CommitOperation } from '../hub/commitBody.ts';
import type { RemoteCommit } from '../hub/commitList.ts';
import { asCommitName, type CommitName } from '../objectIds.ts';
import { fixedParent, look, type Look } from './commitLook.ts';
import { registryMessage } from './commitMessage.ts';
import { checkedBlob } from './content.ts';
import type { Deliveries, Delivery } from './deliveries.ts';
import type { PublishPlan } from './publishing.ts';
import type { Run } from './run.ts';

/** How long a look at the registry may take after a cancel. */
const LOOK_MS = 10_000;
/** A server that takes no commit now may ask for so many milliseconds, in all. */
const LONGEST_ASKED_MS = 5 * 60_000;

/** What is waited for around a commit, in milliseconds. */
export interface CommitWaits {
  /** How long the answer to a commit that was sent whole is awaited after a cancel: by then it may well have happened. */
  readonly grace: number;
  /** Before the commit is sent again, each time. */
  readonly pauses: readonly number[];
  /** Before each look for a commit that cannot be sent again. Absent: `pauses`. */
  readonly looks?: readonly number[];
  /**
   * Without a byte in either direction: servers hash, copy and scan before they answer. Absent: what the HTTP client
   * allows.
   */
  readonly idle?: number;
}

/**
 * A registry that is started anew takes some seconds; one that works behind a gateway which gave up may take a minute.
 */
export const COMMIT_WAITS: CommitWaits = {
  grace: 5_000,
  pauses: [500, 1_500, 4_500],
  looks: [500, 1_500, 4_500, 8_500, 15_000, 30_000],
  idle: 10 * 60_000,
};

/** The publish was cancelled, and whether the commit happened cannot be told. */
export class CommitUnsettled extends Error {
  override readonly name = 'CommitUnsettled';
}

/** The commit did not happen: the head is another one than the plan was made against. */
export class CommitOvertaken extends Error {
  override readonly name = 'CommitOvertaken';
}

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
      '“{0}” was published, but the server did not say as which commit. Look at it in the registry.',
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
  | { readonly kind: 'told'; readonly name: string }
  /** Found by looking. */
  | { readonly kind: 'seen'; readonly commit: CommitName };

async function sendCommit(run: Run, body: CommitBody, bytes: number, work: Deliveries): Promise<Answered> {
  const { pauses, idle } = run.commitWaits;
  let askedMs = 0;
  let mayAppear = false;
  for (let attempt = 1; ; attempt++) {
    const sending = watchSending(run, body, bytes);
    try {
      const name = await run.hub.commit(run.plan.target.hub.revision, body, {
        subject: l10n.t('the commit to “{0}”', run.plan.target.model),
        onSent: sending.onSent,
        ...(idle !== undefined && { idleTimeoutMs: idle }),
        signal: sending.signal,
      });
      return { kind: 'told', name };
    } catch (error) {
      mayAppear ||= sending.sentWhole() && !isTurnedAway(error);
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

/** Whether the signal is aborted by now, which the compiler takes for settled after one look. */
function isCancelled({ signal }: Run): boolean {
  return signal.aborted;
}

/** Lets through what a cancel made fail. */
function whereNotCancelled(run: Run): (error: unknown) => undefined {
  return (error) => {
    if (isCancelled(run)) return undefined;
    throw error;
  };
}

/**
 * Looks for a commit without a good answer: longer where it cannot be sent again, as nothing would tell the second from
 * the first.
 */
function foundOr(run: Run, work: Deliveries, answer: Failure, mayAppear: boolean): Promise<Look> {
  run.log.warn(`The commit's answer is not known (${answer.kind}); looking at the registry.`);
  const mayRepeat = !mayAppear || fixedParent(run.plan) !== undefined;
  return mayRepeat ? lookSurely(run, work) : lookLonger(run, work, answer);
}

/**
 * Follows the body onto the wire. A cancel stops it at once as long as bytes are left to send; after that it waits some seconds for
 * the answer, because what the server has got whole it may carry out.
 */
function watchSending(run: Run, body: CommitBody, bytes: number) {
  const stop = new AbortController();
  let onWire = 0;
  let counted = 0;
  let grace: NodeJS.Timeout | undefined;
  const sentWhole = (): boolean => onWire >= body.length;
  const abort = (): void => {
    const end = () => stop.abort(run.signal.reason);
    if (sentWhole()) grace = setTimeout(end, run.commitWaits.grace);
    else end();
  };
  if (run.signal.aborted) abort();
  run.signal.addEventListener('abort', abort, { once: true });
  /** The files' share of what is on the wire: the rest is framing and base64. */
  const count = (): void => {
    const share = Math.floor((bytes * onWire) / body.length);
    run.meter.moved(share - counted);
    counted = share;
  };
  return {
    signal: stop.signal,
    sentWhole,
    onSent: (sent: number): void => {
      onWire += sent;
      count();
      // A new attempt after a cancel: this one has not happened yet, and shall not.
      if (sent < 0 && run.signal.aborted) stop.abort(run.signal.reason);
    },
    takeBack: (): void => {
      onWire = 0;
      count();
    },
    dispose: (): void => {
      clearTimeout(grace);
      run.signal.removeEventListener('abort', abort);
    },
  };
}

/** Whether the server may have made the commit although it did not say so. A 412 to the second attempt may be the first one's work. */
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

async function lookSurely(run: Run, work: Deliveries): Promise<Look> {
  try {
    return await look(run, work, run.signal);
  } catch (error) {
    run.signal.throwIfAborted();
    throw new Failure(
      'unknownOutcome',
      l10n.t(
        'The commit to “{0}” was sent, but its answer was lost, and the registry cannot be asked now. Look there before you publish again.',
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
async function appearedMeanwhile(run: Run, work: Deliveries): Promise<CommitName | undefined> {
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
    {
      status: answer.status,
      serverMessage: answer.serverMessage,
      requestId: answer.requestId,
      cause: answer,
    },
  );
}

/** After a cancel the run's own signal is of no use any more. */
async function lookAfterCancel(run: Run, work: Deliveries): Promise<CommitName> {
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

function isConflict(error: unknown): boolean {
  return error instanceof Failure && error.kind === 'conflict';
}

function movedMeanwhile({ plan }: Run, cause: unknown): CommitOvertaken | Failure {
  // Without a parent any head would have done: then nothing tells two publishes apart.
  if (fixedParent(plan) !== undefined) return new CommitOvertaken('The head has moved.', { cause });
  return conflictWith(plan, undefined, cause);
}

/** Says who was faster, as far as the registry tells. */
export function conflictWith(
  { target: { model } }: PublishPlan,
  newest: RemoteCommit | undefined,
  cause: unknown,
): Failure {
  const title = newest?.message.split(/\r?\n/, 1)[0];
  return new Failure(
    'conflict',
    newest === undefined
      ? l10n.t('“{0}” was published to by someone else meanwhile. Publish again to build on that.', model)
      : newest.author === undefined
        ? l10n.t(
            '“{0}” was published to by someone else meanwhile, last as {1}, “{2}”. Publish again to build on that.',
            model,
            newest.id.slice(0, 8),
            title ?? '',
          )
        : l10n.t(
            '“{0}” was published to by {1} meanwhile, last as {2}, “{3}”. Publish again to build on that.',
            model,
            newest.author,
            newest.id.slice(0, 8),
            title ?? '',
          ),
    { status: cause instanceof Failure ? cause.status : undefined, cause },
  );
}
