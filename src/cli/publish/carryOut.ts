import { resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { isBuildkite, personalPlan } from '../../core/hosts/buildkite/plan.ts';
import { createPublisher } from '../../core/publish/publisher.ts';
import type { HttpClient } from '../../core/http/client.ts';
import type { Log } from '../../core/log.ts';
import type { HashMemory } from '../../core/snapshot/hashMemory.ts';
import { openSnapshot } from '../../core/snapshot/openSnapshot.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { tokenFor } from '../accessToken.ts';
import { type Context, logFor } from '../context.ts';
import { cancelledEarly, endingOf, exitCodeOf, failedEnding } from './endings.ts';
import type { Ending } from './events.ts';
import { httpClientFor } from '../httpClient.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { systemKeychain } from '../keychain.ts';
import { meterFor } from '../meters.ts';
import { jsonReporter, type Reporter, textReporter } from './reporters.ts';
import { planWarnings, refuseSecrets } from './planWarnings.ts';
import type { Sending } from '../sendingOptions.ts';
import { rememberedHashes } from '../rememberedHashes.ts';

/** Where something is published to, and how. */
export interface Destination extends Sending {
  readonly hub: URL;
  /** `namespace/name`, or `name` where the hub has no namespaces. */
  readonly model: string;
  readonly revision: string;
  /** The hub that it comes from, where it comes from one. */
  readonly from?: URL;
}

export interface PublishRequest extends Destination {
  /** As it was given: absolute, or relative to the working directory. */
  readonly folder: string;
  /** Message of a commit of what is not committed yet; undefined where that stays behind. */
  readonly commit: string | undefined;
}

/** What a snapshot is opened with. */
export interface Opening {
  readonly http: HttpClient;
  readonly log: Log;
  readonly hashes: HashMemory | undefined;
  readonly reporter: Reporter;
  /** Aborted, too, when the publish fails before the snapshot is open. */
  readonly signal: AbortSignal;
}

/** Publishes a folder, and tells how it went and ended. */
export function carryOutPublish(request: PublishRequest, context: Context): Promise<ExitCode> {
  const { commit, dryRun, allowSecrets } = request;
  const folder = resolve(request.folder);
  return publishSnapshot(request, context, async ({ signal, log, hashes, reporter }) => {
    if (commit !== undefined) {
      const { commitFirst } = await import('../setup/commitFirst.ts');
      await commitFirst({ folder, message: commit, dryRun, allowSecrets, signal, log, hashes }, reporter);
    }
    return openSnapshot(folder, { signal, log, hashes });
  });
}

/** Publishes what `open` opens, which it disposes of, and tells how it went and ended. */
export async function publishSnapshot(
  request: Destination,
  context: Context,
  open: (opening: Opening) => Promise<Snapshot>,
): Promise<ExitCode> {
  const { signal } = context;
  const reporter = await reporterFor(request, context);
  const cancelling = (): void => {
    reporter.notice(l10n.t('Cancelling. Press Ctrl-C again to end at once.'));
  };
  signal.addEventListener('abort', cancelling, { once: true });
  const ending = await carryOut(request, context, reporter, open).catch((error: unknown) =>
    signal.aborted ? cancelledEarly() : failedEnding(error, request),
  );
  signal.removeEventListener('abort', cancelling);
  if (ending === undefined) return EXIT.done;
  reporter.ended(ending);
  return exitCodeOf(ending);
}

async function reporterFor({ json, verbose }: Destination, context: Context): Promise<Reporter> {
  return json
    ? jsonReporter(context.terminal)
    : textReporter(context.terminal, await meterFor(context, verbose));
}

/** How it ended; undefined for a dry run. */
async function carryOut(
  request: Destination,
  context: Context,
  reporter: Reporter,
  open: (opening: Opening) => Promise<Snapshot>,
): Promise<Ending | undefined> {
  const { hub: endpoint, model, revision, message, concurrency } = request;
  const { process, signal, terminal } = context;
  const { env: environment, platform } = process;
  const log = logFor(context, request.verbose);
  const http = await httpClientFor(context, log);
  const hashes = rememberedHashes(process, log);
  const publisher = createPublisher({ http, log, hashes });
  const failed = new AbortController();
  // It is opened while the keychain is asked.
  const signals = AbortSignal.any([signal, failed.signal]);
  const opening = open({ http, log, hashes, reporter, signal: signals });
  opening.catch(() => undefined);
  try {
    const keychain = systemKeychain(platform, environment, signal);
    const token = await tokenFor(endpoint, environment, keychain, terminal, log);
    const modelIdSegments = model.includes('/') ? 2 : 1;
    const smallestPlan = isBuildkite(endpoint) ? personalPlan() : undefined;
    const hub = { endpoint, token, createFirst: true, revision, modelIdSegments, smallestPlan } as const;
    const plan = await publisher.plan(opening, { hub, model }, signal);
    const warnings = await planWarnings(plan, log, signal);
    if (request.dryRun) {
      reporter.dryRun(plan, warnings);
      return undefined;
    }
    reporter.planned(plan, warnings);
    if (!request.allowSecrets) refuseSecrets(warnings);
    const { onEvent } = reporter;
    const outcome = await publisher.publish(plan, { onEvent, signal, message, concurrency });
    return endingOf(outcome, plan, request);
  } catch (error) {
    failed.abort();
    throw error;
  } finally {
    // Why it could not be opened is told by the plan.
    await opening.then(
      (snapshot) => snapshot.dispose(),
      () => undefined,
    );
    http.dispose();
  }
}
