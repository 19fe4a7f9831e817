import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { createHubClient } from '../hub/client.ts';
import type { HubClient, RemoteCommit } from '../hub/client.ts';
import type { HttpClient } from '../http/client.ts';
import type { Log } from '../log.ts';
import type { GitObjectId } from '../objectIds.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import { commit, COMMIT_WAITS, CommitOvertaken, CommitUnsettled, conflictWith } from './commitStep.ts';
import type { CommitWaits } from './commitStep.ts';
import { deviation, SERVER_EDITED } from './compare.ts';
import { deliver } from './deliveries.ts';
import type { Deliveries } from './deliveries.ts';
import type { JournalStore, PublishRecord } from './journals.ts';
import { missingContent } from './missingContent.ts';
import { differsByServerEditOnly, planPublish } from './plan.ts';
import { otherPlan, planDigest } from './planDigest.ts';
import { createProgress } from './progress.ts';
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
    createHubClient({ endpoint: hub.endpoint, token: hub.token, model, http });

  return {
    plan: async (snapshot, target, signal) => {
      const hub = hubFor(target);
      const plan = await planPublish(snapshot, target, hub, signal);
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
  const progress = createProgress(onEvent);
  const { log } = services;
  const told = { onEvent, onFile, signal };
  const run: Run = { plan, hub, progress, budget, stored: new Set(), sha256s, ...services, ...told };
  try {
    const published = await carryOut(run, message, mayFollow);
    log.info(`Published ${plan.snapshot.commit} as ${published.commit} to ${plan.target.model}.`);
    return { kind: 'published', ...published, sentBytes: progress.sentBytes };
  } catch (error) {
    if (signal.aborted) {
      log.info(`The publish to ${plan.target.model} was cancelled.`);
      return {
        kind: 'cancelled',
        sentBytes: progress.sentBytes,
        unsettled: error instanceof CommitUnsettled,
      };
    }
    if (!(error instanceof Failure)) throw error;
    const failure = error.kind === 'forbidden' ? mayNotWrite(run, error) : error;
    log.error(`The publish to ${plan.target.model} failed (${failure.kind}): ${failure.message}`);
    return { kind: 'failed', failure, sentBytes: progress.sentBytes };
  } finally {
    progress.end();
    await sha256s.close();
  }
}

async function carryOut(
  begun: Run,
  message: string | undefined,
  mayFollow: (compared: PublishPlan) => boolean,
): Promise<Published> {
  begun.signal.throwIfAborted();
  const run = await createIfNew(begun);
  try {
    return await publishOnce(run, message);
  } catch (error) {
    if (!(error instanceof CommitOvertaken)) throw error;
    const overtaker = await newestCommit(run);
    run.log.warn(`Someone else published meanwhile (${described(overtaker)}); comparing again.`);
    const again = {
      ...run,
      plan: await planPublish(run.plan.snapshot, run.plan.target, run.hub, run.signal),
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
    return { commit: plan.parentCommit, created: false, verified: true, serverEdited: [] };
  }
  const made = await step(run, 'commit', () => commit(run, work, message));
  return { commit: made, created: true, ...(await verified(run, made, work)) };
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

/** Creates a model that did not exist, and compares with what the server put into it. */
async function createIfNew(run: Run): Promise<Run> {
  const { plan, hub, signal } = run;
  if (!plan.target.hub.createFirst || plan.parentCommit !== undefined) return run;
  return step(run, 'create', async () => {
    const made = await hub.create(signal);
    const fresh = await planPublish(plan.snapshot, plan.target, hub, signal);
    // A server may begin a model with a commit of its own, which holds nothing but attributes.
    if (made === 'exists' && [...fresh.remote.keys()].some((path) => path !== SERVER_EDITED)) {
      throw conflictWith(plan, await newestCommit(run), undefined);
    }
    return { ...run, plan: fresh };
  });
}

/** The registry's own listing of the new commit must be the snapshot, path by path. What is published stays so: no cancel here. */
async function verified(
  run: Run,
  made: GitObjectId,
  { hashes }: Deliveries,
): Promise<{ readonly verified: boolean; readonly serverEdited: readonly string[] }> {
  const unverified = { verified: false, serverEdited: [] };
  if (run.signal.aborted) return unverified;
  const { plan, hub, log } = run;
  return step(run, 'verify', async () => {
    const listed = await hub.tree(made, run.signal).catch((error: unknown) => {
      log.warn(`The new commit could not be read back: ${String(error)}`);
      return undefined;
    });
    if (listed === undefined) return unverified;
    const held = new Map(listed.map((file) => [file.path, file]));
    const { wrong, serverEdited } = deviation(plan.snapshot.files, held, hashes);
    if (wrong.length > 0) {
      throw new Failure(
        'protocol',
        l10n.t(
          '“{0}” was published as {1}, but the registry shows {2} files otherwise than they were sent, “{3}” first. Tell its operators.',
          plan.target.model,
          made.slice(0, 8),
          wrong.length,
          wrong[0] ?? '',
        ),
        { paths: wrong },
      );
    }
    if (serverEdited.length > 0) log.info(`The registry edited ${SERVER_EDITED} by itself.`);
    return { verified: true, serverEdited };
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
    {
      status: cause.status,
      serverMessage: cause.serverMessage,
      requestId: cause.requestId,
      cause,
    },
  );
}
