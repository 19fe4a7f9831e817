import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { createHubClient } from '../hub/client.ts';
import type { HubClient } from '../hub/client.ts';
import { connectionTo } from '../hub/connection.ts';
import type { RemoteCommit } from '../hub/commitList.ts';
import type { HttpClient } from '../http/client.ts';
import type { Log } from '../log.ts';
import type { CommitName } from '../objectIds.ts';
import { TransferMeter } from '../progress/meter.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import { fixedParent, look } from './commitLook.ts';
import { commit, COMMIT_WAITS, CommitOvertaken, CommitUnsettled, conflictWith } from './commitStep.ts';
import type { CommitWaits } from './commitStep.ts';
import { deviation, SERVER_EDITED } from './compare.ts';
import { deliver } from './deliveries.ts';
import type { Deliveries } from './deliveries.ts';
import { confirmObjects } from './leftOut.ts';
import type { JournalStore, PublishRecord } from './journals.ts';
import { missingContent } from './missingContent.ts';
import { DEFAULT_BRANCH, differsByServerEditOnly, planPublish } from './plan.ts';
import { otherPlan, planDigest } from './planDigest.ts';
import type { Publisher, PublishOptions, PublishOutcome, PublishPlan, PublishTarget } from './publishing.ts';
import { step } from './run.ts';
import type { Run } from './run.ts';
import { createSha256Thread } from './sha256Thread.ts';
import { createTransferBudget } from './transferBudget.ts';

type Published = Omit<Extract<PublishOutcome, { kind: 'published' }>, 'kind' | 'sentBytes'>;

export interface PublisherServices {
  readonly http: HttpClient;
  /** Redacts already. */
  readonly log: Log;
  /** Spares reading a large blob again for its SHA-256. */
  readonly hashes?: HashMemory | undefined;
  /** Remembers what is under way, to be offered again after a crash. */
  readonly journals?: JournalStore | undefined;
  readonly commitWaits?: CommitWaits | undefined;
}

export function createPublisher({
  http,
  log,
  hashes,
  journals,
  commitWaits = COMMIT_WAITS,
}: PublisherServices): Publisher {
  const underWay = new Set<string>();
  const hubFor = ({ hub, model }: PublishTarget): HubClient =>
    createHubClient(connectionTo(hub, model, http));

  return {
    plan: async (snapshot, target, signal) => {
      const hub = hubFor(target);
      const plan = await planPublish(snapshot, target, hub, signal, hashes);
      const missing = await missingContent(plan, hub, log, signal);
      return missing === undefined ? plan : { ...plan, missing };
    },

    async publish(plan, options) {
      const { model, hub } = plan.target;
      const key = JSON.stringify([hub.endpoint.href, model, hub.revision]);
      if (underWay.has(key)) {
        const failure = new Failure(
          'busy',
          l10n.t('“{0}” is being published already. Wait until that has ended.', model),
        );
        return { kind: 'failed', failure, sentBytes: 0 };
      }
      if (options.agreed !== undefined && options.agreed !== planDigest(plan, options.message)) {
        return { kind: 'failed', failure: otherPlan(plan, []), sentBytes: 0 };
      }
      underWay.add(key);
      try {
        const end = await journals?.begin(recordOf(plan, options));
        const outcome = await outcomeOf(plan, options, hubFor(plan.target), {
          log: options.log ?? log,
          hashes,
          commitWaits,
        });
        await end?.(outcome.kind === 'failed' ? 'unfinished' : 'done');
        return outcome;
      } finally {
        underWay.delete(key);
      }
    },
  };
}

function recordOf({ snapshot, target }: PublishPlan, { message }: PublishOptions): PublishRecord {
  const { repository, folder, commit } = snapshot;
  const { endpoint, revision } = target.hub;
  const where = { endpoint: endpoint.href, model: target.model, revision };
  return { ...where, repository, folder, commit, message, startedAt: Date.now() };
}

async function outcomeOf(
  plan: PublishPlan,
  { onEvent, onFile, signal, message, concurrency, mayFollow = () => true }: PublishOptions,
  hub: HubClient,
  services: Pick<Run, 'log' | 'hashes' | 'commitWaits'>,
): Promise<PublishOutcome> {
  const budget = createTransferBudget(concurrency);
  const sha256s = createSha256Thread();
  const meter = new TransferMeter(({ doneBytes, totalBytes, doneFiles, totalFiles }) =>
    onEvent({ kind: 'progress', sentBytes: doneBytes, totalBytes, sentFiles: doneFiles, totalFiles }),
  );
  const { log } = services;
  const told = { onEvent, onFile, signal };
  const run: Run = {
    plan,
    hub,
    meter,
    budget,
    stored: new Set(),
    unconfirmed: new Set(),
    sha256s,
    ...services,
    ...told,
  };
  try {
    const published = await carryOut(run, message, mayFollow);
    log.info(`Published ${plan.snapshot.commit} as ${published.commit} to ${plan.target.model}.`);
    return { kind: 'published', ...published, sentBytes: meter.doneBytes };
  } catch (error) {
    if (signal.aborted) {
      log.info(`The publish to ${plan.target.model} was cancelled.`);
      return {
        kind: 'cancelled',
        sentBytes: meter.doneBytes,
        unsettled: error instanceof CommitUnsettled,
      };
    }
    if (!(error instanceof Failure)) throw error;
    const failure = error.kind === 'forbidden' ? mayNotWrite(run, error) : error;
    log.error(`The publish to ${plan.target.model} failed (${failure.kind}): ${failure.message}`);
    return { kind: 'failed', failure, sentBytes: meter.doneBytes };
  } finally {
    meter.end();
    await sha256s.close();
  }
}

async function carryOut(
  begun: Run,
  message: string | undefined,
  mayFollow: (compared: PublishPlan) => boolean,
): Promise<Published> {
  begun.signal.throwIfAborted();
  const run = await createIfNew(begun, mayFollow);
  try {
    return await publishOnce(run, message);
  } catch (error) {
    if (!(error instanceof CommitOvertaken)) throw error;
    const overtaker = await newestCommit(run);
    run.log.warn(`Someone else published meanwhile (${described(overtaker)}); comparing again.`);
    const again = {
      ...run,
      plan: await planPublish(run.plan.snapshot, run.plan.target, run.hub, run.signal, run.hashes),
    };
    if (!mayFollow(again.plan)) throw conflictWith(run.plan, overtaker, error.cause);
    try {
      return { ...(await publishOnce(again, message)), follows: overtaker };
    } catch (second) {
      if (!(second instanceof CommitOvertaken)) throw second;
      throw conflictWith(run.plan, await newestCommit(run), second.cause);
    }
  }
}

/** What the plan says, in one commit on top of the head that it was made against. */
async function publishOnce(run: Run, message: string | undefined): Promise<Published> {
  const { plan } = run;
  const work = await deliver(run);
  const { deliveries, deleted } = work;
  const changed = deliveries.map(({ file }) => file.path);
  const nothingNew =
    (changed.length === 0 && deleted.length === 0) ||
    (await differsByServerEditOnly(run.hub, plan, changed, deleted, run.signal));
  if (nothingNew && plan.parentCommit !== undefined) {
    const isListed = plan.remote.get(SERVER_EDITED)?.gitSha1 !== undefined;
    const { serverEdited } = deviation(plan.snapshot.files, plan.remote, plan.hashes);
    return {
      ...{ commit: plan.parentCommit, created: false, verified: true },
      serverEdited: isListed ? serverEdited : [],
    };
  }
  const made = await step(run, 'commit', () => commit(run, work, message));
  const shown = await verified(run, made, work);
  // Some servers answer with the head that was there where they find nothing new in a commit.
  return { ...shown, created: shown.commit !== fixedParent(plan) };
}

async function newestCommit({ hub, plan, log, signal }: Run): Promise<RemoteCommit | undefined> {
  const commits = await hub.commits(plan.target.hub.revision, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    log.warn(`Who was faster cannot be told: ${String(error)}`);
    return undefined;
  });
  return commits?.[0];
}

function described(commit: RemoteCommit | undefined): string {
  if (commit === undefined) return 'the registry does not tell who';
  return `${commit.id} by ${commit.author ?? 'somebody'}, "${commit.message.split(/\r?\n/, 1)[0] ?? ''}"`;
}

/** Creates a model or a revision that did not exist, and compares with what the server put into it. */
async function createIfNew(run: Run, mayFollow: (compared: PublishPlan) => boolean): Promise<Run> {
  const { plan, hub, signal } = run;
  const { createFirst, revision } = plan.target.hub;
  const isBranch = revision !== DEFAULT_BRANCH;
  if (plan.parentCommit !== undefined || !(createFirst || isBranch)) return run;
  return step(run, 'create', async () => {
    const model = createFirst ? await hub.create(signal) : 'exists';
    const branch = isBranch ? await hub.createBranch(revision, plan.startsFrom?.commit, signal) : 'unknown';
    const fresh = await planPublish(plan.snapshot, plan.target, hub, signal, run.hashes, 'hasBegun');
    // A server may begin a model with a commit of its own, which holds nothing but attributes; and a branch with
    // another one's files.
    const isEmpty = [...fresh.remote.keys()].every((path) => path === SERVER_EDITED);
    const isOthers = branch === 'exists' ? !mayFollow(fresh) : branch === 'unknown' && model === 'exists';
    if (!isEmpty && isOthers) throw conflictWith(plan, await newestCommit(run), undefined);
    return { ...run, plan: fresh };
  });
}

type Shown = Pick<Published, 'commit' | 'verified' | 'serverEdited'>;

/**
 * The registry's own listing of the new commit must be the snapshot, path by path; and where it lists no files, there
 * must be a version of that name. What is published stays so: no cancel here.
 */
async function verified(run: Run, made: CommitName, work: Deliveries): Promise<Shown> {
  if (run.signal.aborted) return { commit: made, verified: false, serverEdited: [] };
  const { plan, hub, log } = run;
  return step(run, 'verify', async () => {
    let commit = made;
    let listed;
    try {
      listed = await hub.tree(made, run.signal);
      if (listed === undefined) {
        commit = await versionOf(run, made, work);
        if (commit !== made) listed = await hub.tree(commit, run.signal);
      }
    } catch (error) {
      if (error instanceof CommitLost) throw lost(run, made);
      log.warn(`The new commit could not be read back: ${String(error)}`);
    }
    const isConfirmed = await confirmObjects(run, commit, work);
    const isParent = commit === fixedParent(plan);
    if (listed === undefined && isParent) throw unmade(run, made);
    if (listed === undefined) return { commit, verified: false, serverEdited: [] };
    const held = new Map(listed.map((file) => [file.path, file]));
    const { wrong, serverEdited } = deviation(plan.snapshot.files, held, work.hashes);
    if (wrong.length > 0 && isParent) throw unmade(run, made);
    if (wrong.length > 0) {
      throw new Failure(
        'protocol',
        l10n.t(
          '“{0}” was published as {1}, but the registry shows {2} files otherwise than they were sent, “{3}” first. Tell its operators.',
          plan.target.model,
          commit.slice(0, 8),
          wrong.length,
          wrong[0] ?? '',
        ),
        { paths: wrong },
      );
    }
    if (serverEdited.length > 0) log.info(`The registry edited ${SERVER_EDITED} by itself.`);
    return { commit, verified: isConfirmed, serverEdited };
  });
}

/** The registry has no version of the name that it gave the commit. */
class CommitLost extends Error {
  override readonly name = 'CommitLost';
}

/**
 * What the commit is called in the registry, where its files cannot be listed. Throws {@link CommitLost} where it is
 * not there.
 */
async function versionOf(run: Run, made: CommitName, work: Deliveries): Promise<CommitName> {
  const { hub, plan, signal } = run;
  const head = await hub.head(plan.target.hub.revision, signal);
  if (head?.commit === made || (await hub.head(made, signal)) !== undefined) return made;
  const seen = await look(run, work, signal);
  if (seen.kind === 'ours') return seen.commit;
  const parent = fixedParent(plan);
  // Some servers have a word for a commit in which they find nothing new.
  if (seen.kind === 'unmoved' && parent !== undefined) return parent;
  throw new CommitLost(made);
}

/** The head is the one before, and does not hold what was sent. */
function unmade({ plan: { target } }: Run, made: CommitName): Failure {
  return new Failure(
    'unknownOutcome',
    l10n.t(
      '{1} took the commit to “{0}” and answered “{2}”, but its newest version is the one before. Look there before you publish again, and tell its operators.',
      target.model,
      target.hub.endpoint.host,
      made.slice(0, 40),
    ),
  );
}

function lost({ plan: { target } }: Run, made: CommitName): Failure {
  return new Failure(
    'unknownOutcome',
    l10n.t(
      '{1} took the commit to “{0}” and called it {2}, but knows no such version. Look there before you publish again, and tell its operators.',
      target.model,
      target.hub.endpoint.host,
      made.slice(0, 40),
    ),
  );
}

function mayNotWrite({ plan: { target } }: Run, cause: Failure): Failure {
  const sentence = l10n.t(
    'This access token may not publish “{0}” to {1}. Sign in with a token that may write packages.',
    target.model,
    target.hub.endpoint.host,
  );
  return new Failure(
    'forbidden',
    cause.serverMessage === undefined
      ? sentence
      : l10n.t('{0} The server says: {1}', sentence, cause.serverMessage),
    {
      status: cause.status,
      serverMessage: cause.serverMessage,
      requestId: cause.requestId,
      cause,
    },
  );
}
