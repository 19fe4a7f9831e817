import * as l10n from '@vscode/l10n';
import { TransferBudget } from '../async/transferBudget.ts';
import { Failure } from '../failure.ts';
import { createHubClient, type HubClient } from '../hub/client.ts';
import { connectionTo } from '../hub/connection.ts';
import type { RemoteCommit } from '../hub/commitList.ts';
import type { HttpClient } from '../http/client.ts';
import type { Log } from '../log.ts';
import { TransferMeter } from '../progress/meter.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import { CommitOvertaken, CommitUnsettled, conflictWith } from './commitEnds.ts';
import { fixedParent } from './commitLook.ts';
import { commit } from './commitStep.ts';
import { COMMIT_WAITS, type CommitWaits } from './commitWaits.ts';
import { deviation, SERVER_EDITED } from './compare.ts';
import { deliver } from './deliveries.ts';
import { hubSourceOf } from './hubSource.ts';
import type { JournalStore, PublishRecord } from './journals.ts';
import { missingContent } from './missingContent.ts';
import { MOST_TRANSFERS } from './mostTransfers.ts';
import { DEFAULT_BRANCH, differsByServerEditOnly, planPublish } from './plan.ts';
import { otherPlan, planDigest } from './planDigest.ts';
import type { Publisher, PublishOptions, PublishOutcome, PublishPlan, PublishTarget } from './publishing.ts';
import { step, type Run } from './run.ts';
import { createSha256Thread } from './sha256Thread.ts';
import { verified } from './verifyStep.ts';

type Published = Omit<Extract<PublishOutcome, { kind: 'published' }>, 'kind' | 'sentBytes'>;

interface PublisherServices {
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
          l10n.t('“{0}” is already being published. Wait until that has ended.', model),
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

function recordOf({ snapshot, target }: PublishPlan, { message, registry }: PublishOptions): PublishRecord {
  const { repository, folder, commit, origin } = snapshot;
  const { endpoint, revision } = target.hub;
  const where = { endpoint: endpoint.href, model: target.model, revision };
  return {
    ...{ ...where, repository, folder, commit, message, startedAt: Date.now() },
    ...(origin.kind === 'hub' && { source: hubSourceOf(origin) }),
    ...(registry && { registry }),
  };
}

async function outcomeOf(
  plan: PublishPlan,
  { onEvent, onFile, signal, message, concurrency, mayFollow = () => true }: PublishOptions,
  hub: HubClient,
  services: Pick<Run, 'log' | 'hashes' | 'commitWaits'>,
): Promise<PublishOutcome> {
  const budget = new TransferBudget(Math.min(concurrency ?? MOST_TRANSFERS, MOST_TRANSFERS));
  const sha256s = createSha256Thread();
  const meter = new TransferMeter(({ doneBytes, totalBytes, doneFiles, totalFiles }) =>
    onEvent({ kind: 'progress', sentBytes: doneBytes, totalBytes, sentFiles: doneFiles, totalFiles }),
  );
  const { log } = services;
  const run: Run = {
    plan,
    hub,
    meter,
    budget,
    stored: new Set(),
    unconfirmed: new Set(),
    sha256s,
    ...services,
    onEvent,
    onFile,
    signal,
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
    const isOurs = error.source === undefined;
    const failure = error.kind === 'forbidden' && isOurs ? mayNotWrite(run, error) : error;
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
    cause.origin,
  );
}
