import { resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { isBuildkite, personalPlan } from '../../core/hosts/buildkite/plan.ts';
import { createPublisher } from '../../core/publish/publisher.ts';
import { openSnapshot } from '../../core/snapshot/openSnapshot.ts';
import { tokenFor } from '../accessToken.ts';
import { type Context, logFor } from '../context.ts';
import { cancelledEarly, endingOf, exitCodeOf, failedEnding } from './endings.ts';
import type { Ending } from './events.ts';
import { httpClientFor } from '../httpClient.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { systemKeychain } from '../keychain.ts';
import { barMeter, jsonReporter, lineMeter, type Reporter, textReporter } from './reporters.ts';
import { planWarnings, refuseSecrets } from './planWarnings.ts';
import { rememberedHashes } from '../rememberedHashes.ts';

export interface PublishRequest {
  /** As it was given: absolute, or relative to the working directory. */
  readonly folder: string;
  readonly hub: URL;
  /** `namespace/name`, or `name` where the hub has no namespaces. */
  readonly model: string;
  readonly revision: string;
  readonly message: string | undefined;
  /** Message of a commit of what is not committed yet; undefined where that stays behind. */
  readonly commit: string | undefined;
  readonly dryRun: boolean;
  readonly allowSecrets: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  /** Transfers at once, at most; undefined: as many as the link takes. */
  readonly concurrency: number | undefined;
}

/** Publishes, and tells how it went and ended. */
export async function carryOutPublish(request: PublishRequest, context: Context): Promise<ExitCode> {
  const { signal } = context;
  const reporter = await reporterFor(request, context);
  const cancelling = (): void => {
    reporter.notice(l10n.t('Cancelling. Press Ctrl-C again to end at once.'));
  };
  signal.addEventListener('abort', cancelling, { once: true });
  const ending = await carryOut(request, context, reporter).catch((error: unknown) =>
    signal.aborted ? cancelledEarly() : failedEnding(error, request.hub),
  );
  signal.removeEventListener('abort', cancelling);
  if (ending === undefined) return EXIT.done;
  reporter.ended(ending);
  return exitCodeOf(ending);
}

async function reporterFor(
  { json, verbose }: PublishRequest,
  { terminal, process }: Context,
): Promise<Reporter> {
  if (json) return jsonReporter(terminal);
  const { stderr } = process;
  // Some terminals of build machines have no width.
  const hasRoom = stderr.isTTY && stderr.columns > 0;
  return textReporter(terminal, hasRoom && !verbose ? await barMeter(stderr) : lineMeter(terminal));
}

/** How it ended; undefined for a dry run. */
async function carryOut(
  request: PublishRequest,
  context: Context,
  reporter: Reporter,
): Promise<Ending | undefined> {
  const { hub: endpoint, model, revision, message, concurrency } = request;
  const { process, signal, terminal } = context;
  const { env: environment, platform } = process;
  const log = logFor(context, request.verbose);
  const http = await httpClientFor(context, log);
  const hashes = rememberedHashes(process, log);
  const folder = resolve(request.folder);
  if (request.commit !== undefined) {
    const { commitFirst } = await import('../setup/commitFirst.ts');
    const { commit, dryRun, allowSecrets } = request;
    const toCommit = { folder, message: commit, dryRun, allowSecrets, signal, log, hashes };
    await commitFirst(toCommit, reporter).catch((error: unknown) => {
      http.dispose();
      throw error;
    });
  }
  const publisher = createPublisher({ http, log, hashes });
  const failed = new AbortController();
  // It is opened while the keychain is asked.
  const opening = openSnapshot(folder, {
    signal: AbortSignal.any([signal, failed.signal]),
    log,
    hashes,
  });
  opening.catch(() => undefined);
  try {
    const token = await tokenFor(endpoint, environment, systemKeychain(platform, environment), terminal, log);
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
    return endingOf(outcome, plan);
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
