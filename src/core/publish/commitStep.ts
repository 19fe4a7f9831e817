import * as l10n from '@vscode/l10n';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import { commitBody } from '../hub/commitBody.ts';
import type { CommitBody, CommitOperation } from '../hub/commitBody.ts';
import type { RemoteCommit } from '../hub/client.ts';
import type { GitObjectId } from '../objectIds.ts';
import { asGitObjectId } from '../objectIds.ts';
import { registryMessage } from './commitMessage.ts';
import { deviation } from './compare.ts';
import { checkedBlob } from './content.ts';
import type { Deliveries, Delivery } from './deliveries.ts';
import type { PublishPlan } from './publishing.ts';
import type { Run } from './run.ts';
import { namesCommit } from './trailer.ts';

/** How long a look at the registry may take after a cancel. */
const LOOK_MS = 10_000;

/** What is waited for around a commit, in milliseconds. */
export interface CommitWaits {
  /** How long the answer to a commit that was sent whole is awaited after a cancel: by then it may well have happened. */
  readonly grace: number;
  /** Before the commit is sent again, each time. */
  readonly pauses: readonly number[];
}

/** A registry that is started anew takes some seconds. */
export const COMMIT_WAITS: CommitWaits = { grace: 5_000, pauses: [500, 1_500, 4_500] };

/** The publish was cancelled, and whether the commit happened cannot be told. */
export class CommitUnsettled extends Error {
  override readonly name = 'CommitUnsettled';
}

/** The commit did not happen: the head is another one than the plan was made against. */
export class CommitOvertaken extends Error {
  override readonly name = 'CommitOvertaken';
}

/**
 * Makes the commit, exactly once. Where its answer is lost, the registry is looked at: the revision, then its newest commits for
 * our trailer. It is sent again only where the head has not moved, with the same parent, so that no two can come of it. Throws {@link CommitOvertaken} where someone else was faster.
 */
export async function commit(run: Run, work: Deliveries, message: string | undefined): Promise<GitObjectId> {
  const { plan, hub, progress } = run;
  const regular = work.deliveries.filter(({ kind }) => kind === 'regular');
  const bytes = regular.reduce((sum, { file }) => sum + file.size, 0);
  const body = commitBody({
    ...registryMessage(plan.snapshot, message),
    parentCommit: plan.parentCommit,
    operations: [
      ...work.deleted.map((path): CommitOperation => ({ kind: 'deletedFile', path })),
      ...work.deliveries.map(operationFor),
    ],
  });
  progress.expect(bytes, regular.length);
  const answered = await sendCommit(run, body, bytes, work).catch((error: unknown) => {
    // Another commit will be tried in its place.
    if (error instanceof CommitOvertaken) progress.expect(-bytes, -regular.length);
    throw error;
  });
  progress.filesDone(regular.length);
  if (answered.kind === 'seen') return answered.commit;
  const named =
    asGitObjectId(answered.name) ?? (await hub.head(plan.target.hub.revision, run.signal))?.commit;
  if (named === undefined) {
    throw new Failure(
      'protocol',
      l10n.t(
        '“{0}” was published, but the server did not say as which commit. Look at it in the registry.',
        plan.target.model,
      ),
    );
  }
  return named;
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
  | { readonly kind: 'seen'; readonly commit: GitObjectId };

async function sendCommit(run: Run, body: CommitBody, bytes: number, work: Deliveries): Promise<Answered> {
  for (let attempt = 1; ; attempt++) {
    const sending = watchSending(run, body, bytes);
    try {
      const name = await run.hub.commit(run.plan.target.hub.revision, body, {
        subject: l10n.t('the commit to “{0}”', run.plan.target.model),
        onSent: sending.onSent,
        signal: sending.signal,
      });
      return { kind: 'told', name };
    } catch (error) {
      if (run.signal.aborted) {
        if (sending.sentWhole()) return { kind: 'seen', commit: await lookAfterCancel(run, work) };
        throw error;
      }
      if (!(error instanceof Failure) || !mayHaveHappened(error, attempt)) {
        if (isConflict(error)) sending.takeBack();
        throw isConflict(error) ? movedMeanwhile(run, error) : error;
      }
      run.log.warn(`The commit's answer is not known (${error.kind}); looking at the registry.`);
      const seen = await lookSurely(run, work);
      if (seen.kind === 'ours') return { kind: 'seen', commit: seen.commit };
      sending.takeBack();
      if (seen.kind === 'moved') throw movedMeanwhile(run, error);
      const pause = run.commitWaits.pauses[attempt - 1];
      if (pause === undefined) throw error;
      await delay(pause, undefined, { signal: run.signal });
    } finally {
      sending.dispose();
    }
  }
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
    run.progress.sent(share - counted);
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

type Look = { readonly kind: 'ours'; readonly commit: GitObjectId } | { readonly kind: 'unmoved' | 'moved' };

async function look({ hub, plan }: Run, { hashes }: Deliveries, signal: AbortSignal): Promise<Look> {
  const { revision } = plan.target.hub;
  const head = await hub.head(revision, signal);
  if (head === undefined) return { kind: 'unmoved' };
  if (head.commit === undefined) return { kind: 'moved' };
  if (head.commit === plan.parentCommit) return { kind: 'unmoved' };
  const newest = await hub.commits(revision, signal);
  if (newest !== undefined) {
    const known = newest.findIndex(({ id }) => id === plan.parentCommit);
    const later = known < 0 ? newest : newest.slice(0, known);
    const ours = later.find(({ message }) => namesCommit(message, plan.snapshot.commit));
    return ours === undefined ? { kind: 'moved' } : { kind: 'ours', commit: ours.id };
  }
  // A server that lists no commits: what counts is that the registry holds this snapshot now.
  const files = await hub.tree(head.commit, signal);
  const held = new Map((files ?? []).map((file) => [file.path, file]));
  const { wrong } = deviation(plan.snapshot.files, held, hashes);
  return wrong.length === 0 ? { kind: 'ours', commit: head.commit } : { kind: 'moved' };
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

/** After a cancel the run's own signal is of no use any more. */
async function lookAfterCancel(run: Run, work: Deliveries): Promise<GitObjectId> {
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
  if (plan.parentCommit !== undefined) return new CommitOvertaken('The head has moved.', { cause });
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
