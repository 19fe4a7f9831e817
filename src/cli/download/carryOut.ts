import { resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { cacheFolder } from '../../core/download/cacheFolder.ts';
import { cacheTaken } from '../../core/download/cacheOwners.ts';
import { createDownloader } from '../../core/download/downloader.ts';
import type {
  DownloadDestination,
  DownloadOutcome,
  DownloadPlan,
  DownloadSource,
} from '../../core/download/downloading.ts';
import { downloadNotices } from '../../core/download/notices.ts';
import { Failure } from '../../core/failure.ts';
import { homeFolder } from '../../core/homeFolder.ts';
import { shortName } from '../../core/objectIds.ts';
import { firstFew } from '../../core/snapshot/files/firstFew.ts';
import { pathFilter } from '../../core/snapshot/files/pathFilter.ts';
import { patternProblem } from '../../core/snapshot/files/pathPatterns.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, WrongUse } from '../exitCodes.ts';
import { reported } from '../failures.ts';
import { connectionOf, filesOf, headOf, type HubAccess, targetOf, withHub } from '../hubAccess.ts';
import { meterFor } from '../meters.ts';
import { rememberedHashes } from '../rememberedHashes.ts';
import { filesText } from '../texts.ts';
import type { Ending } from './events.ts';
import { jsonReporter, type Reporter, textReporter } from './reporters.ts';

export interface DownloadRequest {
  readonly hub: URL;
  /** `namespace/name`, or `name` where the hub has no namespaces. */
  readonly model: string;
  /** A branch, a tag or a commit; undefined: `main`. */
  readonly revision: string | undefined;
  /** Absolute, or relative to the working directory; undefined: the Hugging Face cache. */
  readonly folder: string | undefined;
  /** Patterns of paths; all files where there are none. */
  readonly include: readonly string[];
  /** What is there and differs is replaced. */
  readonly replace: boolean;
  /** Connections at once, at most; undefined: as many as the link is worth. */
  readonly concurrency: number | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Downloads, and tells how it went and ended. */
export async function carryOutDownload(request: DownloadRequest, context: Context): Promise<ExitCode> {
  const { signal, terminal } = context;
  const destination = destinationOf(request, context.process);
  for (const pattern of request.include) {
    const problem = patternProblem(pattern);
    if (problem !== undefined) throw new WrongUse(`--include: ${problem}`);
  }
  const reporter = request.json
    ? jsonReporter(terminal)
    : textReporter(terminal, await meterFor(context, request.verbose));
  const ending = await withHub(request.hub, request.verbose, context, (access) =>
    carryOut(request, destination, access, context, reporter),
  ).catch((error: unknown): Ending =>
    signal.aborted ? cancelled(0) : { kind: 'failed', ...reported(error, request.hub), receivedBytes: 0 },
  );
  if (ending === undefined) return EXIT.done;
  reporter.ended(ending);
  return { downloaded: EXIT.done, cancelled: EXIT.cancelled, failed: EXIT.failed }[ending.kind];
}

/** How it ended; undefined for a dry run. */
async function carryOut(
  request: DownloadRequest,
  destination: DownloadDestination,
  access: HubAccess,
  { process, signal }: Context,
  reporter: Reporter,
): Promise<Ending | undefined> {
  const { http, log } = access;
  const source = await sourceOf(request, access, signal);
  const downloader = createDownloader({ http, log, hashes: rememberedHashes(process, log) });
  const paths = await wantedPaths(source, request.include, access, signal);
  const plan = await downloader.plan(source, destination, { signal, ...(paths && { paths }) });
  const notices = downloadNotices(plan);
  if (request.dryRun) {
    reporter.dryRun(plan, notices);
    return undefined;
  }
  reporter.planned(plan, notices);
  if (!request.replace) refuseToReplace(plan);
  const outcome = await downloader.download(plan, {
    onProgress: reporter.onProgress,
    signal,
    ...(request.concurrency !== undefined && { concurrency: request.concurrency }),
    ...(request.replace ? { differing: 'replace', cacheConflict: 'replace' } : { differing: 'keep' }),
  });
  return endingOf(outcome, plan);
}

function destinationOf(
  { folder }: Pick<DownloadRequest, 'folder'>,
  { env, platform }: NodeJS.Process,
): DownloadDestination {
  if (folder !== undefined) return { kind: 'folder', path: resolve(folder) };
  const cache = cacheFolder({ environment: env, home: homeFolder() ?? '', platform });
  if (cache !== undefined) return { kind: 'cache', ...cache };
  throw new WrongUse(
    l10n.t(
      'HF_HUB_CACHE, HF_HOME or the home folder name no absolute path of a cache. Give a folder with --to.',
    ),
  );
}

/** The commit that a person asked for. */
async function sourceOf(
  { model, revision = 'main' }: DownloadRequest,
  access: HubAccess,
  signal: AbortSignal,
): Promise<DownloadSource> {
  const { commit } = await headOf(connectionOf(access, model), revision, signal);
  // A commit is no branch that the cache could name it by.
  const branch = revision === commit ? 'main' : revision;
  return { hub: targetOf(access, model, branch), model, commit };
}

/** The paths that match; undefined where all are wanted. Throws a `notFound` failure where none does. */
async function wantedPaths(
  { model, commit }: DownloadSource,
  include: readonly string[],
  access: HubAccess,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (include.length === 0) return undefined;
  const files = await filesOf(connectionOf(access, model), commit, signal);
  const all = files.map(({ path }) => path);
  const paths = all.filter(pathFilter(include));
  if (paths.length > 0) return paths;
  throw new Failure(
    'notFound',
    l10n.t(
      'No file of “{0}” at {1} matches {2}. It holds: {3}.',
      ...[model, shortName(commit), include.join(', '), firstFew(all)],
    ),
  );
}

/** Nobody is there to be asked: throws a `conflict` failure where something would be lost. */
function refuseToReplace({ source, path, differing, cacheConflict }: DownloadPlan): void {
  if (cacheConflict !== undefined) {
    const { message } = cacheTaken(source.model, cacheConflict);
    throw new Failure('conflict', l10n.t('{0} Here, that is “--to FOLDER” or “--replace”.', message));
  }
  if (differing.length === 0) return;
  const paths = differing.map((file) => file.path);
  throw new Failure(
    'conflict',
    l10n.t(
      'Nothing was downloaded, because “{0}” holds these files with other content: {1}. Give another folder with --to, or add --replace if they may be lost.',
      path,
      firstFew(paths),
    ),
    { paths },
  );
}

function endingOf(outcome: DownloadOutcome, { source }: DownloadPlan): Ending {
  const { model, commit, hub } = source;
  const version = shortName(commit);
  switch (outcome.kind) {
    case 'downloaded': {
      const { path, files, receivedBytes } = outcome;
      const message =
        files === 0
          ? l10n.t('{0} at {1} is there already, byte for byte.', model, version)
          : l10n.t('Downloaded {0} of {1} at {2}.', filesText(files), model, version);
      return { kind: 'downloaded', message, commit, path, files, receivedBytes };
    }
    case 'cancelled':
      return cancelled(outcome.receivedBytes);
    case 'failed':
      return {
        kind: 'failed',
        ...reported(outcome.failure, hub.endpoint),
        receivedBytes: outcome.receivedBytes,
      };
  }
}

function cancelled(receivedBytes: number): Ending {
  return {
    kind: 'cancelled',
    message: l10n.t('Cancelled. What came so far is kept, and the same command resumes from there.'),
    receivedBytes,
  };
}
